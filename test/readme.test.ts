/**
 * README.md compares Waylay with others: each claim names a test, and the test exists. From it one finds every page and
 * every example, in the repository and in the package.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { run } from '../scripts/captured.mjs';
import { root } from '../scripts/command.mjs';
import { FAULTS } from '../src/faults.js';
import { anchorsOf, linksOf } from './markdown.js';

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
  // Its kind and its limits need none.
  const plain = ['on the wire: a proxy in the test', 'no'];
  const unproven = ours.filter((cell) => !plain.includes(cell) && testsNamedIn(cell).length === 0);
  expect(unproven).toEqual([]);
  expect(ours).toHaveLength(12);
});

/** The files below a folder, relative to the project, with slashes. */
function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => posix.join(folder, path.split(sep).join('/')))
    .filter((path) => statSync(join(root, path)).isFile());
}

describe('links', () => {
  const pages = ['README.md', 'CONTRIBUTING.md', ...filesIn('docs').filter((path) => path.endsWith('.md'))];
  // Running them leaves folders behind.
  const examples = readdirSync(join(root, 'examples')).filter(
    (name) => statSync(join(root, 'examples', name)).isDirectory() && !/^(playwright-report|test-results)$/.test(name),
  );
  let shipped: string[] = [];

  beforeAll(async () => {
    const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
    const cli = process.env.npm_execpath;
    const [program, first] = cli === undefined ? ['npm', args] : [process.execPath, [cli, ...args]];
    const [{ files }] = JSON.parse(await run(program, first, { cwd: root, timeout: 120_000 }));
    shipped = files.map(({ path }: { path: string }) => path);
  }, 120_000);

  /** Links of a page to others: each with the path from the project's folder on. */
  function targetsOf(page: string): { link: string; path: string; anchor: string | undefined }[] {
    return linksOf(readFileSync(join(root, page), 'utf8'))
      .filter((link) => !/^[a-z]+:/.test(link))
      .map((link) => {
        const [file = '', anchor] = link.split('#');
        return { link: `${page}: ${link}`, path: file === '' ? page : posix.join(posix.dirname(page), file), anchor };
      });
  }

  test('of README.md lead to every page of docs/ and to every example', () => {
    const linked = targetsOf('README.md').map(({ path }) => path);
    const wanted = [...pages.slice(1), ...examples.map((name) => `examples/${name}`)];
    expect(wanted.filter((path) => !linked.includes(path))).toEqual([]);
  });

  test('of CONTRIBUTING.md are not needed to find a page: its map names each', () => {
    const map = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
    const names = pages.slice(2).map((path) => posix.basename(path));
    expect(names.filter((name) => !map.includes(`\`${name}\``))).toEqual([]);
  });

  test('of examples/README.md lead to every example', () => {
    const linked = targetsOf('examples/README.md').map(({ path }) => path);
    expect(examples.filter((name) => !linked.includes(`examples/${name}`))).toEqual([]);
  });

  test.each([
    ...pages,
    ...filesIn('examples').filter((path) => path.endsWith('.md') && !path.includes('node_modules')),
    'bench/README.md',
    'bench/results/latest.md',
  ])('of %s lead to a file that is there, and to a heading in it', (page) => {
    const dead = targetsOf(page).filter(({ path, anchor }) => {
      if (!existsSync(join(root, path))) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(join(root, path), 'utf8')).includes(anchor);
    });
    expect(dead.map(({ link }) => link)).toEqual([]);
  });

  test('of all pages in the package lead to what is in the package', () => {
    const dead = shipped
      .filter((path) => path.endsWith('.md'))
      .flatMap(targetsOf)
      .filter(({ path }) => !shipped.some((file) => file === path || file.startsWith(`${path}/`)));
    expect(dead.map(({ link }) => link)).toEqual([]);
    expect(shipped).toContain('docs/how-it-works.svg');
  });

  test('are shipped without what running the examples leaves behind', () => {
    expect(shipped.filter((path) => /(^|\/)(node_modules|test-results|playwright-report)\//.test(path))).toEqual([]);
  });
});

test('docs/design.md names files that exist, and of each decision a test', () => {
  const [, ...decisions] = readFileSync(join(root, 'docs/design.md'), 'utf8').split(/^## /m);
  expect(decisions.length).toBeGreaterThan(5);
  const wrong = decisions.flatMap((decision) => {
    const [title = ''] = decision.split('\n');
    const [, named = ''] = /^- \*\*Files:\*\* (.*(?:\n {2}.*)*)/m.exec(decision) ?? [];
    const files = [...named.matchAll(/`(.+?)`/g)].map(([, file = '']) => file);
    const tests = [...decision.matchAll(/^- \*\*Test:\*\* `(.+?)`: (.+)$/gm)];
    const untested = tests.filter(([, file = '', name]) => {
      const path = join(root, file);
      return !existsSync(path) || !readFileSync(path, 'utf8').includes(`('${name}', `);
    });
    return [
      ...(files.length === 0 || tests.length === 0 ? [`${title}: no file, or no test`] : []),
      ...files.filter((file) => !existsSync(join(root, file))).map((file) => `${title}: ${file}`),
      ...untested.map(([line]) => `${title}: ${line}`),
    ];
  });
  expect(wrong).toEqual([]);
});

test('README.md names every fault', () => {
  const [, row = ''] = /^\| `fault`, `after` +\|(.*)$/m.exec(readme) ?? [];
  expect(Object.keys(FAULTS).filter((fault) => !row.includes(`\`'${fault}'\``))).toEqual([]);
});

/** All that the sources say, each kind of quote and line break aside. */
const said = ['fixtures', 'traffic-view', 'programs', 'matchers', 'src']
  .flatMap((folder) => filesIn(folder))
  .map((path) => readFileSync(join(root, path), 'utf8'))
  .join('\n');

test('docs/troubleshooting.md quotes what is said', () => {
  const titles = readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8').match(/^## .*$/gm) ?? [];
  expect(titles.length).toBeGreaterThan(15);
  // Texts of browsers and of Playwright, code of a test, and a sentence with a number.
  const foreign =
    /^(Only 1 request matched|connect ECONNREFUSED|net::ERR_[A-Z_]+|TypeError: Failed to fetch|webServer|text|file)$/;
  const quoted = titles
    .flatMap((title) => [...title.matchAll(/`([^`]+)`/g)].flatMap(([, quote = '']) => quote.split('…')))
    .map((part) => part.trim())
    .filter((part) => !foreign.test(part));
  expect(quoted.filter((part) => !said.includes(part))).toEqual([]);
});
