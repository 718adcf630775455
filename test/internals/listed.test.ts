/** docs/internals.md lists what is borrowed from others' insides: all of it, and nothing that is not there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../../scripts/command.mjs';

const FLOORS = ['src', 'matchers', 'programs', 'traffic-view', 'fixtures', 'scripts'];
const PAGE = 'docs/internals.md';

interface Named {
  readonly file: string;
  /** Its text on the page. */
  readonly text: string;
}

interface Row {
  readonly title: string;
  readonly fields: ReadonlySet<string>;
  readonly where: readonly Named[];
  readonly canaries: readonly Named[];
  /** The title of the test is left out where all of a file notices. */
  readonly also: readonly Named[];
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Each heading of the third rank, and the list below it. */
function rowsOf(page: string): Row[] {
  return page
    .split(/^### /m)
    .slice(1)
    .map((part) => {
      const [title = '', ...lines] = (part.split(/^## /m)[0] ?? '').split('\n');
      const items = lines.join('\n').split(/^- /m).slice(1);
      const fields = items.map((item): [name: string, text: string] => {
        const [, name = '', text = ''] = /^\*\*(.+?):\*\* (.*)$/s.exec(item) ?? [];
        return [name, text.trim().replace(/\s*\n\s*/g, ' ')];
      });
      const all = (wanted: string): string[] => fields.filter(([name]) => name === wanted).map(([, text]) => text);
      return {
        title,
        fields: new Set(fields.map(([name]) => name)),
        where: all('Where').flatMap(placesIn),
        canaries: all('Canary').map(testIn),
        also: all('Also').map(testIn),
      };
    });
}

/** `file` (`what`, `is in it`), … */
function placesIn(text: string): Named[] {
  return [...text.matchAll(/`([\w./-]+\.(?:ts|mjs))` \((.+?)\)(?:, (?=`)|$)/g)].flatMap(([, file = '', named = '']) =>
    [...named.matchAll(/`([^`]+)`/g)].map(([, part = '']) => ({ file, text: part })),
  );
}

/** `file`: title */
function testIn(text: string): Named {
  const [, file = '', title = ''] = /^`([\w./-]+)`(?:: (.+))?$/.exec(text) ?? [];
  return { file, text: title };
}

const rows = rowsOf(read(PAGE));

/** Without the comments, in which others' names are spoken of. */
function codeOf(path: string): string {
  return read(path)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '');
}

const sources = FLOORS.flatMap((floor) =>
  readdirSync(join(root, floor), { recursive: true, encoding: 'utf8' })
    .filter((path) => ['.ts', '.mjs'].includes(extname(path)))
    .map((path) => `${floor}/${path.split(sep).join('/')}`),
).map((path) => ({ path, code: codeOf(path) }));

describe('docs/internals.md', () => {
  test('says of each what, where, why, in which versions, and when it can go', () => {
    expect(rows.length).toBeGreaterThan(40);
    const wanted = ['What', 'Where', 'Why', 'Seen in', 'Canary', 'Can go'];
    const lacking = rows.flatMap(({ title, fields }) =>
      wanted.filter((name) => !fields.has(name)).map((name) => `${title}: no ${name}`),
    );
    expect(lacking).toEqual([]);
    expect(new Set(rows.map(({ title }) => title)).size).toBe(rows.length);
  });

  test('names files that are there, and what is in them', () => {
    const wrong = rows.flatMap(({ title, where }) => {
      if (where.length === 0) return [`${title}: no file`];
      return where
        .filter(({ file, text }) => !existsSync(join(root, file)) || !read(file).includes(text))
        .map(({ file, text }) => `${title}: ${file} has no ${text}`);
    });
    expect(wrong).toEqual([]);
  });

  test('names tests that are there', () => {
    const wrong = rows.flatMap(({ title, canaries, also }) =>
      [...canaries, ...also].filter(({ file, text }) => !hasTest(file, text)).map((one) => `${title}: ${show(one)}`),
    );
    expect(wrong).toEqual([]);
  });

  test('has a canary of each row that says which row it is of', () => {
    const files = [...new Set(rows.flatMap(({ canaries }) => canaries.map(({ file }) => file)))];
    const said = files.flatMap((file) =>
      [...read(file).matchAll(/\bborrowed\(\s*(['"])(.+?)\1[,)]/g)].map(([, , title = '']) => ({ file, title })),
    );
    const silent = rows.filter(
      ({ title, canaries }) =>
        !said.some((one) => one.title === title && canaries.some(({ file }) => file === one.file)),
    );
    expect(silent.map(({ title }) => title)).toEqual([]);
    expect(said.filter(({ title }) => !rows.some((row) => row.title === title))).toEqual([]);
  });
});

function show({ file, text }: Named): string {
  return `${file}: ${text}`;
}

function hasTest(file: string, title: string): boolean {
  if (file === '' || !existsSync(join(root, file))) return false;
  return title === '' || [`'${title}'`, `"${title}"`].some((quoted) => read(file).includes(quoted));
}

/** Is the file named in a row, and there what was found? */
function isListed(file: string, found: string): boolean {
  return rows.some(({ where }) => where.some((named) => named.file === file && named.text.includes(found)));
}

function isNamed(file: string): boolean {
  return rows.some(({ where }) => where.some((named) => named.file === file));
}

/** Names with an underscore that are nobody's insides, each kind with what it is. */
const NOT_BORROWED: Readonly<Record<string, RegExp>> = {
  'a field of a HAR': /^_(background|error|failureText|forwardedRequest|id|initiator|mutated|originalResponse|proxy)$/,
  'another field of a HAR':
    /^_(resourceType|rules|sameBody|securityDetails|serverPort|size|source|trailers|transferSize|webSocketMessages)$/,
  'a field of HTML forms': /^_charset_$/,
  'a fixture of ours': /^_waylay(Hooks|Route)$/,
  'a parameter that is not used': /^_(chunk|encoding|flags|upstream)$/,
  'a word of GraphQL, C, the environment or WebSocket': /^_(A|Inout_|Out_|LIKE|no_context_takeover)$/,
};

/** Casts, and what is set or replaced, that is ours, the language's, or public and only typed otherwise: wherever it is. */
const OURS: readonly string[] = [
  'as unknown as Record<symbol, boolean | undefined>',
  'as unknown as new () => Http2Fields',
  'as unknown as Link',
  'as unknown as RemoteLink',
  // Streams of either kind, by their public methods.
  'as unknown as AsyncIterable<unknown>',
  'as unknown as ReadableStream',
  'as unknown as ReadableWritablePair',
  'as unknown as Duplex',
  // V8's documented ways to have a stack written.
  "Reflect.set(Error, 'stackTraceLimit'",
  "Reflect.set(Error, 'prepareStackTrace'",
  'NoFields.prototype',
  'Waylay.prototype',
  'Object.prototype.toString',
  'Function.prototype.toString',
  'Promise.prototype.then',
  'Object.assign(this.#session, { [DIRECT]: true })',
  'Object.assign(Object.create(null)',
  'Object.assign(Object.create(Object.getPrototypeOf(value)), value',
  'Object.assign(exchange.timing',
  'Object.assign(new Error(message)',
  'Object.defineProperty(message, TRAFFIC',
  // Does what others ask of it.
  'Object.defineProperty(object, key',
  // A public method of one test's request context.
  'Object.assign(request, { dispose: after })',
];

/** Without that. */
function foreignIn(code: string): string {
  return OURS.reduce((rest, own) => rest.replaceAll(own, ''), code);
}

describe('docs/internals.md has a row for', () => {
  test('names with an underscore', () => {
    const found = sources.flatMap(({ path, code }) =>
      [...new Set(code.replaceAll('(_options, callback)', '').match(/(?<![\w$#-])_[a-zA-Z]\w*/g))].map((name) => ({
        path,
        name,
      })),
    );
    expect(found.length).toBeGreaterThan(20);
    const unlisted = found
      .filter(({ name }) => !Object.values(NOT_BORROWED).some((own) => own.test(name)))
      .filter(({ path, name }) => !isListed(path, name));
    expect(unlisted).toEqual([]);
  });

  test('symbols that are looked up by their description, or registered by others', () => {
    const found = sources.flatMap(({ path, code }) => {
      const described = [...code.matchAll(/description === '([^']+)'/g)];
      const registered = [...code.matchAll(/Symbol\.for\('((?!waylay\.|nodejs\.util\.inspect)[^']+)'\)/g)];
      return [...described, ...registered].map(([, name = '']) => ({ path, name }));
    });
    expect(found.length).toBeGreaterThan(5);
    expect(found.filter(({ path, name }) => !isListed(path, name))).toEqual([]);
    const other = sources.filter(({ path, code }) => code.includes('getOwnPropertySymbols') && !isNamed(path));
    expect(other.map(({ path }) => path)).toEqual([]);
  });

  test('casts to what others do not publish', () => {
    const found = sources.filter(({ code }) => /\bas unknown as\b/.test(foreignIn(code))).map(({ path }) => path);
    expect(found.length).toBeGreaterThan(5);
    expect(found.filter((path) => !isNamed(path))).toEqual([]);
  });

  test('functions, prototypes and properties of theirs that are replaced or set', () => {
    const change =
      /setPrototypeOf|Object\.definePropert|Reflect\.(set|construct|deleteProperty)|\bObject\.assign\((?!\{)|\.prototype\b|\breplace\((?!\/|[A-Z_]+,)\w[\w.]*, ('|key|method)|\b(process(?!\.exitCode)|globalThis|http|https|tls|net|dns|socket)\.\w+ = /;
    const found = sources.filter(({ code }) => change.test(foreignIn(code))).map(({ path }) => path);
    expect(found.length).toBeGreaterThan(15);
    expect(found.filter((path) => !isNamed(path))).toEqual([]);
  });

  test('nothing of ours but what is still there', () => {
    expect(OURS.filter((own) => !sources.some(({ code }) => code.includes(own)))).toEqual([]);
  });

  test('files inside of packages', () => {
    const found = sources.flatMap(({ path, code }) =>
      [...code.matchAll(/'((?:@[\w-]+\/)?[\w-]+\/(?:lib|dist|build|src|internal)\/[^']+)'/g)].map(([, name = '']) => ({
        path,
        name,
      })),
    );
    expect(found.length).toBeGreaterThan(2);
    expect(found.filter(({ path, name }) => !isListed(path, name))).toEqual([]);
  });

  test('the text of their messages', () => {
    const found = sources.filter(({ code }) => /\.exec\((\w+\.)?message\)|\]\??\.replace\(\//.test(code));
    expect(found.length).toBeGreaterThan(2);
    expect(found.map(({ path }) => path).filter((path) => !isNamed(path))).toEqual([]);
  });
});

describe('package.json', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;

  test('pins what is used from inside, to one version', () => {
    const pinned = { ...devDependencies, ...dependencies };
    const names = ['undici', 'node-forge', 'socks', 'get-port', '@playwright/test', 'vitest', 'jest'];
    expect(names.filter((name) => !/^\d+\.\d+\.\d+$/.test(pinned[name] ?? ''))).toEqual([]);
    // Each of them is named with that version.
    const versions = names.slice(0, 4).map((name) => `${name} ${pinned[name]}`);
    expect(versions.filter((version) => !read(PAGE).includes(version))).toEqual([]);
    const runners = names.slice(4).map((name) => pinned[name] ?? '');
    expect(runners.filter((version) => !read(PAGE).includes(version))).toEqual([]);
  });
});
