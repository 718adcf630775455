// @ts-check
/** Lines over a plane with logarithmic axes, as SVG: what grows linearly is a straight line under 45 degrees. */
import { figure } from './figures.mjs';

const WIDTH = 660;
const HEIGHT = 360;
const LEFT = 70;
const RIGHT = 220;
const TOP = 36;
const BOTTOM = 48;
const COLORS = ['#1b6ac9', '#c2410c', '#15803d', '#7e22ce', '#475569'];

/**
 * @param {import('./result.mjs').Plot} plot all values positive
 * @returns {string}
 */
export function linePlot({ title, x, y, lines }) {
  const points = lines.flatMap((line) => line.points);
  const across = scale(
    points.map((point) => point[0]),
    LEFT,
    WIDTH - RIGHT,
  );
  const up = scale(
    points.map((point) => point[1]),
    HEIGHT - BOTTOM,
    TOP,
  );
  const parts = [
    text((LEFT + WIDTH - RIGHT) / 2, 18, title, 'middle', 'font-weight="bold"'),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, x, 'middle'),
    text(14, (TOP + HEIGHT - BOTTOM) / 2, y, 'middle', `transform="rotate(-90 14 ${(TOP + HEIGHT - BOTTOM) / 2})"`),
  ];
  for (const tick of across.ticks) {
    const at = across.place(tick);
    parts.push(stroke(at, TOP, at, HEIGHT - BOTTOM), text(at, HEIGHT - BOTTOM + 16, short(tick), 'middle'));
  }
  for (const tick of up.ticks) {
    const at = up.place(tick);
    parts.push(stroke(LEFT, at, WIDTH - RIGHT, at), text(LEFT - 6, at + 4, short(tick), 'end'));
  }
  let lowest = Number.NEGATIVE_INFINITY;
  const ends = lines.map((line, at) => ({ line, at, height: up.place(line.points.at(-1)?.[1] ?? 1) }));
  for (const { line, at, height } of ends.toSorted((a, b) => a.height - b.height)) {
    const color = COLORS[at % COLORS.length];
    const places = line.points.map((point) => [across.place(point[0]), up.place(point[1])]);
    const path = places.map((place) => place.map((value) => value?.toFixed(1)).join(',')).join(' ');
    parts.push(`<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>`);
    for (const [cx, cy] of places)
      parts.push(`<circle cx="${cx?.toFixed(1)}" cy="${cy?.toFixed(1)}" r="3" fill="${color}"/>`);
    // Names that end at the same height are set below each other.
    lowest = Math.max(height + 4, lowest + 14);
    parts.push(text(WIDTH - RIGHT + 8, lowest, line.name, 'start', `fill="${color}"`));
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/**
 * @param {readonly number[]} values
 * @param {number} from
 * @param {number} to
 */
function scale(values, from, to) {
  const [low, high] = [Math.min(...values), Math.max(...values)].map(Math.log10);
  const [least = 0, most = 1] = low === high ? [(low ?? 0) - 0.5, (high ?? 0) + 0.5] : [low, high];
  const place = (/** @type {number} */ value) => from + ((Math.log10(value) - least) / (most - least)) * (to - from);
  const decades = most - least;
  const steps = decades > 3 ? [1] : decades > 1.2 ? [1, 3] : [1, 1.5, 2, 3, 4, 5, 7];
  const ticks = [];
  for (let power = Math.floor(least); power <= Math.ceil(most); power += 1) {
    for (const step of steps) {
      const tick = step * 10 ** power;
      if (Math.log10(tick) >= least - 0.001 && Math.log10(tick) <= most + 0.001) ticks.push(tick);
    }
  }
  return { place, ticks };
}

/** @param {number} value */
function short(value) {
  if (value >= 1e6) return `${trimmed(value / 1e6)}M`;
  if (value >= 1e3) return `${trimmed(value / 1e3)}k`;
  return trimmed(value);
}

/** @param {number} value */
function trimmed(value) {
  return value >= 1 ? String(Number(value.toFixed(2))) : figure(value);
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} content
 * @param {'start' | 'middle' | 'end'} anchor
 * @param {string} [more]
 */
function text(x, y, content, anchor, more = '') {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" ${more}>${escaped(content)}</text>`;
}

/** @param {string} content */
function escaped(content) {
  return content.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}

/**
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 */
function stroke(x1, y1, x2, y2) {
  const [a, b, c, d] = [x1, y1, x2, y2].map((value) => value.toFixed(1));
  return `<line x1="${a}" y1="${b}" x2="${c}" y2="${d}" stroke="#e2e8f0"/>`;
}
