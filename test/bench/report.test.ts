import { describe, expect, test } from 'vitest';
import { figure, table } from '../../bench/measure/figures.mjs';
import { linePlot } from '../../bench/measure/line-plot.mjs';
import { resultText } from '../../bench/measure/report.mjs';
import { judge, type Row } from '../../bench/measure/result.mjs';

test.each([
  [0.123, '0.12'],
  [7.126, '7.13'],
  [76.25, '76.3'],
  [440.4, '440'],
  [12_345.6, '12,346'],
  [Number.NaN, '–'],
])('%d is written %s', (value, expected) => {
  expect(figure(value)).toBe(expected);
});

test('a table stands in columns, numbers to the right', () => {
  expect(
    table(
      ['', 'ms'],
      [
        ['waylay', '1.50'],
        ['other', '110'],
      ],
    ),
  ).toBe(['|        |   ms |', '| ------ | ---: |', '| waylay | 1.50 |', '| other  |  110 |'].join('\n'));
});

const rows: Row[] = [
  { name: 'peer', figures: { cpu: [360, 400, 510], 'requests/s': [100] } },
  { name: 'waylay', figures: { cpu: [90, 80, 130], 'requests/s': [500, 510, 490] } },
  { name: 'direct', figures: { 'requests/s': [900] } },
];

describe('a goal', () => {
  test.each([
    { goal: { than: 'peer', atLeast: 4 }, value: 4, met: true },
    { goal: { than: 'peer', atLeast: 4.1 }, value: 4, met: false },
    { goal: { than: 'peer', atMost: 0.2 }, value: 0.25, met: false },
    { goal: { of: 'peer', than: 'waylay', atMost: 4 }, value: 4, met: true },
    { goal: { above: 'peer', below: 0 }, value: -320, met: true },
    { goal: { below: 90 }, value: 90, met: false },
    { goal: { column: 'requests/s', than: 'direct', atLeast: 1.8 }, value: 1.8, met: true },
  ])('of $goal comes to $value', ({ goal, value, met }) => {
    expect(judge(goal, rows)).toMatchObject({ value, met });
  });

  test('says nothing of a contestant that was not there, or has no such figure', () => {
    expect(judge({ than: 'absent', atLeast: 4 }, rows)).toBeUndefined();
    expect(judge({ than: 'direct', atLeast: 4 }, rows)).toBeUndefined();
  });
});

test('a result has its medians, the rounds they are from, and ratios of the first column', () => {
  const text = resultText({
    name: 'some',
    title: 'Something',
    rows,
    goals: [{ than: 'peer', atLeast: 5 }],
    notes: ['A note.'],
    plots: [{ file: 'growth', title: 'Growth', x: 'x', y: 'y', lines: [] }],
  });
  expect(text).toContain('## Something');
  expect(text).toMatch(/\| peer +\| +400 \(360–510\) \| +100 \| +4\.00 \|/);
  expect(text).toMatch(/\| waylay +\| 90\.0 \(80\.0–130\) \| 500 \(490–510\) \| +1\.00 \|/);
  expect(text).toContain('- **not met**: peer takes 4.00 times as much as waylay (cpu); goal: at least 5');
  expect(text).toContain('- A note.');
  expect(text).toContain('![Growth](growth.svg)');
});

describe('a plot', () => {
  const plot = {
    file: 'growth',
    title: 'Costs & <gains>',
    x: 'rules',
    y: 'µs',
    lines: [
      {
        name: 'one',
        points: [
          [1, 10],
          [10, 100],
          [100, 1000],
        ] as [number, number][],
      },
      {
        name: 'two',
        points: [
          [1, 10],
          [10, 10],
          [100, 1000],
        ] as [number, number][],
      },
    ],
  };

  test('shows linear growth as a straight line, from corner to corner', () => {
    const [one = ''] = polylines(linePlot(plot));
    const [from, middle, to] = one.split(' ').map((pair) => pair.split(',').map(Number));
    expect([((from?.[0] ?? 0) + (to?.[0] ?? 0)) / 2, ((from?.[1] ?? 0) + (to?.[1] ?? 0)) / 2]).toEqual(middle);
    expect(from?.[0]).toBeLessThan(to?.[0] ?? 0);
    expect(from?.[1]).toBeGreaterThan(to?.[1] ?? 0);
  });

  test('has a line of each, names apart and text that is escaped', () => {
    const svg = linePlot(plot);
    expect(polylines(svg)).toHaveLength(2);
    expect(svg).toContain('Costs &amp; &lt;gains>');
    const heights = ['one', 'two'].map((name) => Number(new RegExp(`y="([\\d.]+)"[^>]*>${name}<`).exec(svg)?.[1]));
    expect(Math.abs((heights[0] ?? 0) - (heights[1] ?? 0))).toBeGreaterThanOrEqual(12);
  });

  test('is drawn where all values are the same', () => {
    const svg = linePlot({
      ...plot,
      lines: [
        {
          name: 'flat',
          points: [
            [5, 3],
            [5, 3],
          ],
        },
      ],
    });
    expect(svg).not.toContain('NaN');
  });
});

function polylines(svg: string): string[] {
  return [...svg.matchAll(/<polyline points="([^"]+)"/g)].map((match) => match[1] ?? '');
}
