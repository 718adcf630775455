/** The rules of the house (CONTRIBUTING.md), checked on the sources. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, dirname, join, relative, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../scripts/command.mjs';

/** From the top down: a floor imports from itself and from those after it. */
const floors = ['fixtures', 'traffic-view', 'programs', 'matchers', 'src'];

/**
 * The rooms of each floor, from the top down: imports, those of types included, run down this list only. A room is a
 * folder with all below it that is no room of its own, or a file.
 */
const rooms: readonly string[] = [
  'fixtures/vitest.ts',
  'fixtures/vitest/',
  'fixtures/jest.ts',
  'fixtures/jest/',
  'fixtures/playwright.ts',
  'fixtures/playwright/',
  'fixtures/in-browser.ts',
  'fixtures/standalone.ts',
  'fixtures/public-names.ts',
  'fixtures/runner/',
  'fixtures/start-waylay.ts',
  'fixtures/waylay.ts',
  'fixtures/version.ts',
  'fixtures/own-fetch.ts',
  'fixtures/options.ts',
  'traffic-view/',
  'traffic-view/client/',
  'traffic-view/view.ts',
  'programs/',
  'programs/spawn/',
  'programs/environment/',
  'matchers/index.ts',
  'matchers/rules.ts',
  'matchers/interception.ts',
  'matchers/rule-index.ts',
  'matchers/rules-options.ts',
  'matchers/expect/',
  'matchers/expect-request/',
  'matchers/report/',
  'matchers/mutate/',
  'matchers/stub-response/',
  'matchers/rule/',
  'matchers/pattern/',
  'matchers/message/',
  'matchers/values/',
  'src/proxy.ts',
  'src/in-process/in-process.ts',
  'src/in-process/workers/',
  'src/in-process/',
  'src/downstream/connection.ts',
  'src/downstream/listen.ts',
  'src/downstream/http1/',
  'src/downstream/http2/',
  'src/downstream/intercept/',
  'src/downstream/socks/',
  'src/downstream/transparent/',
  'src/downstream/',
  'src/options.ts',
  'src/exchange/',
  'src/interceptor.ts',
  'src/upstream/',
  'src/upstream/dial/',
  'src/journal/har/',
  'src/journal/',
  'src/journal/mask/',
  'src/websocket/',
  'src/tls/',
  'src/http/http1/',
  'src/http/http2/',
  'src/http/',
  'src/net/',
  'src/errors.ts',
  'src/faults.ts',
  'src/runtime/',
];

/** Files that may be longer than 300 lines, each with the reason. */
const longFiles: Record<string, string> = {};

interface Source {
  /** Relative to the project, with slashes. */
  readonly path: string;
  readonly text: string;
  /** Names in its imports, as written; those of types count as any other. */
  readonly imports: readonly string[];
}

const sources = new Map<string, Source>();
for (const floor of floors) for (const source of read(join(root, floor))) sources.set(source.path, source);

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

function read(folder: string): Source[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return read(path);
    if (!entry.name.endsWith('.ts')) return [];
    const text = readFileSync(path, 'utf8');
    return [{ path: relative(root, path).split(sep).join('/'), text, imports: importsOf(text) }];
  });
}

function importsOf(text: string): string[] {
  const code = withoutComments(text);
  const statements = /^\s*(?:import|export)\b(?:\s+type\b)?(?:[^'";=()]*?\bfrom)?\s*(['"])([^'"]+)\1/gm;
  const calls = /\b(?:import|require)\s*\(\s*(['"])([^'"]+)\1/g;
  return [...code.matchAll(statements), ...code.matchAll(calls)].map((match) => match[2] ?? '');
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

/** The sources that a source imports. */
function neighbours({ path, imports }: Source): string[] {
  return imports
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => join(dirname(path), specifier.replace(/\.js$/, '.ts')).split(sep).join('/'));
}

function floorOf(path: string): number {
  return floors.indexOf(path.split('/')[0] ?? '');
}

/** The place of a source's room in the list: that of the longest entry that it is in; -1 where it is in none. */
function roomOf(path: string): number {
  const fitting = rooms.filter((room) => path === room || (room.endsWith('/') && path.startsWith(room)));
  const [room] = fitting.sort((one, other) => other.length - one.length);
  return room === undefined ? -1 : rooms.indexOf(room);
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** A way from the source back to itself, where there is one. */
function cycleFrom(start: string): string[] | undefined {
  const seen = new Set<string>();
  const walk = (path: string, way: readonly string[]): string[] | undefined => {
    for (const next of neighbours(sources.get(path) ?? { path, text: '', imports: [] })) {
      if (next === start) return [...way, next];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = walk(next, [...way, next]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return walk(start, [start]);
}

describe('imports', () => {
  test('are read from every form of statement', () => {
    const text = [
      "import a, { type B } from './a.js';",
      "import type {\n  C,\n  D,\n} from './b.js';",
      "import './c.js';",
      "export { e } from './d.js';",
      "export type * from './e.js';",
      "const f = await import('./f.js');",
      "type G = typeof import('./type.js');",
      "// import g from './g.js';",
      "/** @example import h from './h.js'; */",
      "export const text = 'from';",
      "export const other = 'import';",
    ].join('\n');
    expect(importsOf(text)).toEqual(['./a.js', './b.js', './c.js', './d.js', './e.js', './f.js', './type.js']);
  });

  test('name files that exist', () => {
    const missing = [...sources.values()].flatMap((source) =>
      neighbours(source)
        .filter((path) => !sources.has(path))
        .map((path) => `${source.path} -> ${path}`),
    );
    expect(missing).toEqual([]);
  });

  test('go down only', () => {
    const upward = [...sources.values()].flatMap((source) =>
      neighbours(source)
        .filter((path) => floorOf(path) < floorOf(source.path))
        .map((path) => `${source.path} -> ${path}`),
    );
    expect(upward).toEqual([]);
  });

  test('run down the list of rooms only, which has a place for every file', () => {
    const paths = [...sources.keys()];
    expect(paths.filter((path) => roomOf(path) === -1)).toEqual([]);
    expect(rooms.filter((room) => !paths.some((path) => path.startsWith(room)))).toEqual([]);
    const upward = [...sources.values()].flatMap((source) =>
      neighbours(source)
        .filter((path) => roomOf(path) < roomOf(source.path))
        .map((path) => `${source.path} -> ${path}`),
    );
    expect(upward).toEqual([]);
  });

  test('make no circles, those of types included', () => {
    const cycles = [...sources.keys()].map(cycleFrom).filter((cycle) => cycle !== undefined);
    expect(cycles.map((cycle) => cycle.join(' -> '))).toEqual([]);
  });

  test('are of packages that are installed with this one; runners only in fixtures', () => {
    const foreign = [...sources.values()].flatMap((source) => {
      const allowed = new Set(Object.keys(manifest.dependencies));
      // Only this file needs it, and says so where it is missing.
      if (source.path === 'src/downstream/transparent/platform/linux.ts') allowed.add('koffi');
      if (floorOf(source.path) === 0) for (const peer of Object.keys(manifest.peerDependencies)) allowed.add(peer);
      // No package has to be there: Jest hands this out itself.
      if (source.path.startsWith('fixtures/jest')) allowed.add('@jest/globals');
      return source.imports
        .filter((specifier) => !specifier.startsWith('.'))
        .filter((specifier) => !(specifier.startsWith('node:') && isBuiltin(specifier)))
        .filter((specifier) => !allowed.has(packageOf(specifier)))
        .map((specifier) => `${source.path} -> ${specifier}`);
    });
    expect(foreign).toEqual([]);
  });
});

describe('files', () => {
  test('have at most 300 lines', () => {
    const long = [...sources.values()]
      .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
      .filter(({ path, lines }) => lines > 300 && longFiles[path] === undefined);
    expect(long).toEqual([]);
  });

  test('have names that say what is in them', () => {
    const vague = /^(utils?|helpers?|common|misc|shared)$/;
    const named = [...sources.keys()].filter((path) =>
      path.split('/').some((part) => vague.test(basename(part, '.ts'))),
    );
    expect(named).toEqual([]);
  });

  // V8 allocates a function that is written where a property is set among the old objects. From there it keeps all that hangs
  // on it until the next full collection: the exchange, or the connection. That was a sixth of what a passthrough took. A
  // function in a constant of its own is allocated young. The fixtures have nothing for each exchange.
  test('write no function where a property is set', () => {
    const assigned = /\.#?\w+ (\?\?|\|\|)?= \(?(async )?(function\b|\w+ =>|\([^()]*\)(: [^=]+)? =>)/;
    const found = [...sources.values()]
      .filter(({ path }) => !/^(fixtures|traffic-view|programs)\//.test(path))
      .flatMap(({ path, text }) =>
        withoutComments(text)
          .match(new RegExp(assigned, 'g'))
          ?.map((at) => `${path}: ${at}`),
      );
    expect(found.filter(Boolean)).toEqual([]);
  });

  test('do not write to the console', () => {
    const talkative = [...sources.values()].filter(({ text }) => /\bconsole\s*[.[]/.test(withoutComments(text)));
    expect(talkative.map(({ path }) => path)).toEqual([]);
  });
});

describe('package-lock.json', () => {
  interface Entry {
    resolved?: string;
    dependencies?: Record<string, string>;
    optionalDependencies?: Record<string, string>;
  }
  const packages: Record<string, Entry> = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;

  test('names no registry', () => {
    expect(Object.keys(packages).length).toBeGreaterThan(1);
    expect(Object.keys(packages).filter((path) => packages[path]?.resolved !== undefined)).toEqual([]);
  });

  // `npm ci` refuses a lock file that lacks one, be it for another platform.
  test('has every package that another one asks for', () => {
    const missing = Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies })
        .filter((name) => !foldersAbove(path).some((folder) => packages[`${folder}node_modules/${name}`] !== undefined))
        .map((name) => `${path} -> ${name}`),
    );
    expect(missing).toEqual([]);
  });

  /** Where Node looks for what the package imports: `node_modules/a/`, then the project's own folder. */
  function foldersAbove(path: string): string[] {
    const parts = path === '' ? [] : path.split(/\/?node_modules\//).slice(1);
    return [...parts.keys(), parts.length].map((depth) =>
      parts
        .slice(0, depth)
        .map((part) => `node_modules/${part}/`)
        .join(''),
    );
  }
});

describe.each(floors)('the map in CONTRIBUTING.md, %s/', (floor) => {
  // Entries stand below their floor, two spaces in, several in a line where they belong together.
  const block = new RegExp(`^${floor}/ .*\\n((?: {2}.*\\n)*)`, 'm').exec(
    readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8'),
  );
  const mapped = (block?.[1] ?? '').split('\n').flatMap((line) => {
    const names = /^ {2}((?:[\w.-]+(?:\.ts|\/) )+)/.exec(line)?.[1] ?? '';
    return names.trim().split(' ').filter(Boolean);
  });

  test('names every file and folder, and nothing else', () => {
    const entries = readdirSync(join(root, floor)).map((name) =>
      statSync(join(root, floor, name)).isDirectory() ? `${name}/` : name,
    );
    expect([...mapped].sort()).toEqual(entries.sort());
  });
});
