/** The configurations of the compiler: what runs in Node is compiled without the names that only pages have. */
import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../scripts/captured.mjs';
import { commandFile, root } from '../scripts/command.mjs';

/** Lists files that a configuration compiles, with `/`. */
async function compiledBy(config: string): Promise<string[]> {
  const args = [commandFile('typescript', 'tsc'), '-p', config, '--listFilesOnly'];
  const listed = await run(process.execPath, args, { cwd: root, timeout: 120_000 });
  return listed.split(/\r?\n/).map((path) => relative(root, path).replaceAll(sep, '/'));
}

const hasDom = (files: readonly string[]): boolean => files.some((path) => path.endsWith('/lib.dom.d.ts'));
const rooms = ['src', 'matchers', 'programs', 'traffic-view', 'fixtures', 'test', 'scripts', 'bench', 'examples'];
const sources = rooms.flatMap((room) =>
  readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
    .map((path) => `${room}/${path.replaceAll(sep, '/')}`)
    .filter((path) => path.endsWith('.ts') && !/(^|\/)node_modules\/|^test\/package\/projects\//.test(path)),
);

test('names of pages are unknown to code that runs in Node', () => {
  // Expected errors have to be there, or `npm run types` fails.
  const mistaken = (): unknown[] => [
    // @ts-expect-error
    status,
    // @ts-expect-error
    name,
    // @ts-expect-error
    event,
    // @ts-expect-error
    document,
    // @ts-expect-error
    window,
  ];
  expect(mistaken).toThrow(ReferenceError);
});

test('code for Node is compiled without the DOM, code for pages with it, and nothing is left out', async () => {
  const configs = ['tsconfig.json', 'tsconfig.view.json', 'tsconfig.pages.json', 'tsconfig.esm.json'];
  const [node = [], view = [], pages = [], built = []] = await Promise.all(configs.map(compiledBy));
  expect([node, built].map(hasDom)).toEqual([false, false]);
  expect([view, pages].map(hasDom)).toEqual([true, true]);
  const compiled = new Set([...node, ...view, ...pages]);
  expect(sources.filter((path) => !compiled.has(path))).toEqual([]);
  // The script of the traffic view is all that is made for pages.
  const inPages = (path: string): boolean =>
    /^(src|matchers|programs|traffic-view|fixtures)\//.test(path) && !node.includes(path);
  expect(sources.filter(inPages).filter((path) => !view.includes(path))).toEqual([]);
});
