import { textDistance } from '../values/text-distance.js';
import { globToRegExp } from './glob.js';

/**
 * The distance of a URL (or a path) from a glob that it does not match, above 0 and up to 1: compared piece by piece
 * between the slashes, the host counted twice; what `**` stands for is left out.
 */
export function globDistance(glob: string, url: string): number {
  const expected = pieces(glob);
  const actual = pieces(url);
  const first = expected.findIndex((piece) => piece.includes('**'));
  const last = expected.findLastIndex((piece) => piece.includes('**'));
  let sum = 0;
  let count = 0;
  const compare = (want: string | undefined, got: string | undefined, weight: number) => {
    sum += weight * (want === undefined || got === undefined ? 1 : pieceDistance(want, got));
    count += weight;
  };
  const hostAt = glob.includes('://') || url.includes('://') ? 1 : -1;
  const head = first === -1 ? Math.max(expected.length, actual.length) : first;
  for (let i = 0; i < head; i += 1) compare(expected[i], actual[i], i === hostAt ? 2 : 1);
  for (let i = 1; first !== -1 && i < expected.length - last; i += 1) {
    compare(expected[expected.length - i], actual[actual.length - i], 1);
  }
  // Every piece may fit and the whole still not: then it is very near.
  return count === 0 ? 0.5 : Math.max(sum / count, 0.05);
}

function pieces(text: string): string[] {
  const query = text.indexOf('?');
  const path = query === -1 ? text : text.slice(0, query);
  const parts = path.replace('://', ':/').split('/');
  return query === -1 ? parts : [...parts, text.slice(query)];
}

function pieceDistance(glob: string, piece: string): number {
  try {
    if (globToRegExp(glob).test(piece)) return 0;
  } catch {
    // Half of a pair of braces; compared as text.
  }
  return textDistance(glob.replaceAll('*', ''), piece);
}
