/** README.md compares Waylay with others: each claim names a test, and the test exists. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../scripts/command.mjs';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const [, section = ''] = /^## Beside the others\n(.*?)^## /ms.exec(readme) ?? [];
const rows = section.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| --'));

/** The tests that a text names: a file, or one of its tests. */
function testsNamedIn(text: string): { file: string; title: string | undefined }[] {
  return [...text.matchAll(/<!-- (test\/[\w./-]+?\.ts)(?:: (.+?))? -->/g)].map(([, file = '', title]) => ({
    file,
    title,
  }));
}

test('the tests that are named exist', () => {
  const named = testsNamedIn(section);
  expect(named.length).toBeGreaterThan(8);
  const missing = named.filter(({ file, title }) => {
    const path = join(root, file);
    return !existsSync(path) || (title !== undefined && !readFileSync(path, 'utf8').includes(`test('${title}'`));
  });
  expect(missing).toEqual([]);
});

test('each claim of ours is shown by a test', () => {
  const ours = rows.slice(1).map((row) => row.split(/ \| /)[1] ?? '');
  // What it is, and what it cannot do, need none.
  const plain = ['on the wire: a proxy in the test', 'no'];
  const unproven = ours.filter((cell) => !plain.includes(cell) && testsNamedIn(cell).length === 0);
  expect(unproven).toEqual([]);
  expect(ours).toHaveLength(12);
});
