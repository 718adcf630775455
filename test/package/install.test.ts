/** The package as its users get it: packed, installed into an empty project, and used there. */
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { commandFile, root } from '../../scripts/command.mjs';
import { type Entry, entries, namesOf, own, values } from '../public-names.js';
import { type RunOptions, run } from '../tools.js';

// Runners and compilers are started here.
vi.setConfig({ testTimeout: 60_000 });

const folder = mkdtempSync(join(tmpdir(), 'waylay-package-'));
const project = join(folder, 'project');
let tarball = '';
let packed: { size: number; files: { path: string }[] };

beforeAll(async () => {
  await succeed(process.execPath, [join(root, 'scripts', 'build.mjs')], { cwd: root });
  const pack = await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root);
  packed = JSON.parse(pack)[0];
  tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
  mkdirSync(project);
  write('package.json', '{ "private": true }');
  await npm(['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', tarball], project);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program that has to end well, and gives what it printed. */
async function succeed(program: string, args: string[], options: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, { timeout: 100_000, ...options });
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

function npm(args: string[], cwd: string): Promise<string> {
  const cli = process.env.npm_execpath;
  return cli === undefined ? succeed('npm', args, { cwd }) : succeed(process.execPath, [cli, ...args], { cwd });
}

function write(name: string, text: string): string {
  const path = join(project, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** Makes a package of this repository's available to the project. */
function lend(name: string): void {
  const path = join(project, 'node_modules', name);
  mkdirSync(dirname(path), { recursive: true });
  if (statSync(path, { throwIfNoEntry: false }) === undefined) {
    symlinkSync(join(root, 'node_modules', name), path, 'junction');
  }
}

/** Runs a script in the project and gives what it printed; it has to end by itself. */
function script(name: string, text: string): Promise<string> {
  return succeed(process.execPath, [write(name, text)], { cwd: project });
}

test('the tarball holds the build, what there is to read, and nothing else, and is as small as README.md says', () => {
  const others = packed.files.map(({ path }) => path).filter((path) => !/^(dist|docs|examples)\//.test(path));
  expect(others.filter((path) => !path.startsWith('bench/')).sort()).toEqual([
    'CONTRIBUTING.md',
    'LICENSE',
    'README.md',
    'package.json',
  ]);
  expect(others.filter((path) => path.startsWith('bench/') && !/\.(md|svg)$/.test(path))).toEqual([]);
  const [, kB] = /less than (\d+) kB packed/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  expect(packed.size).toBeLessThan(Number(kB) * 1000);
});

test('the declarations are those that an import leads to', () => {
  const declared = packed.files.map(({ path }) => path).filter((path) => path.endsWith('.d.ts'));
  for (const build of ['esm', 'cjs']) {
    expect(declared).toContain(`dist/${build}/fixtures/playwright.d.ts`);
    expect(declared).toContain(`dist/${build}/src/journal/exchange.d.ts`);
    expect(declared).not.toContain(`dist/${build}/src/downstream/connect.d.ts`);
  }
});

test('no test runner is installed with it', () => {
  expect(readdirSync(join(project, 'node_modules')).filter((name) => /playwright|jest|vitest/.test(name))).toEqual([]);
});

const imports: Record<Entry, readonly string[]> = {
  waylay: [],
  'waylay/playwright': ['@playwright/test'],
  'waylay/vitest': ['vitest'],
  'waylay/jest': ['@jest/globals', 'expect'],
};

test.each(['mts', 'cts'])('every entry has the types and values that are listed, in a .%s file', async (extension) => {
  for (const name of ['@types/node', ...entries.flatMap((entry) => imports[entry])]) lend(name);
  const folder = `names-${extension}`;
  const files = entries.map((entry, index) => {
    write(`${folder}/${index}.${extension}`, `export { ${namesOf(entry).join(', ')} } from '${entry}';`);
    return `${index}.${extension}`;
  });
  const options = { module: 'nodenext', target: 'es2022', lib: ['es2023', 'dom', 'esnext.disposable'], strict: true };
  const compilerOptions = { ...options, types: ['node'], skipLibCheck: true, noEmit: true };
  write(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions, files }));
  await succeed(process.execPath, [commandFile('typescript', 'tsc'), '-p', join(project, folder)], {});
});

// The others refuse to be imported outside of a test of their runner.
test.each(['waylay', 'waylay/playwright'] as const)(
  '%s has the values that are listed, and no others',
  async (entry) => {
    for (const name of imports[entry]) lend(name);
    const expected = [...values, ...own[entry].values].sort();
    const text = `const print = (names) => console.log(names.filter((name) => name !== 'default').sort().join());`;
    const module = `import * as names from '${entry}'; ${text} print(Object.keys(names));`;
    const commonJs = `const names = require('${entry}'); ${text} print(Object.keys(names));`;
    expect((await script('values.mjs', module)).trim().split(',')).toEqual(expected);
    expect((await script('values.cjs', commonJs)).trim().split(',')).toEqual(expected);
  },
);

// Vitest's browser mode resolves so; it is tried in a browser by `npm run test:package -- vitest-browser`.
test('a bundle for a browser finds the names of waylay/vitest, and a sentence', async () => {
  lend('vitest');
  const names = [...values, ...own['waylay/vitest'].values].join(', ');
  const path = write('browser.mjs', `import { ${names} } from 'waylay/vitest'; console.log([${names}]);`);
  const { code, stderr } = await run(process.execPath, ['--conditions=browser', path], { cwd: project });
  expect(code).toBe(1);
  expect(stderr).toContain(
    'Error: Waylay was bundled as for a browser, and runs in Node: have the bundler leave it out',
  );
});

// Stops it: an open proxy would keep the script from ending.
const use = `
  const waylay = await startWaylay();
  console.log(new URL(waylay.url).hostname, waylay.ca.pem.split('\\n')[0]);
  await waylay.stop();
`;

test('an ES module imports it', async () => {
  const output = await script('use.mjs', `import { startWaylay } from 'waylay';${use}`);
  expect(output).toBe('127.0.0.1 -----BEGIN CERTIFICATE-----\n');
});

test('DEBUG=waylay:rules tells what is registered, and which rule takes which exchange', async () => {
  const path = write(
    'debug.mjs',
    `import { startWaylay } from 'waylay';
     const waylay = await startWaylay({ unmatched: 'refuse' });
     waylay.stubResponse('https://shop.test/a', 'stubbed');
     waylay.mutate('https://shop.test/a', { response: { status: 201 } });
     await (await waylay.fetch('https://shop.test/a')).text();
     await (await waylay.fetch('https://shop.test/b')).text();
     await waylay.stop();`,
  );
  const debugged = { DEBUG: 'waylay:rules', DEBUG_COLORS: 'no', DEBUG_HIDE_DATE: 'yes' };
  const { stderr } = await run(process.execPath, [path], { cwd: project, env: debugged });
  expect(stderr.trim().split('\n')).toEqual(
    [
      /^waylay:rules stubResponse https:\/\/shop\.test\/a, written at \S*debug\.mjs:3$/,
      /^waylay:rules mutate https:\/\/shop\.test\/a, written at \S*debug\.mjs:4$/,
      /^waylay:rules GET https:\/\/shop\.test\/a: mutation https:\/\/shop\.test\/a \(\S*debug\.mjs:4\)$/,
      /^waylay:rules GET https:\/\/shop\.test\/a: stub https:\/\/shop\.test\/a \(\S*debug\.mjs:3\)$/,
      /^waylay:rules GET https:\/\/shop\.test\/b: refused, no stub answers it$/,
    ].map((line) => expect.stringMatching(line)),
  );
  expect((await run(process.execPath, [path], { cwd: project, env: { DEBUG: undefined } })).stderr).toBe('');
});

// Jest's own module system requires no ES modules: neither may this package and its dependencies.
test('a CommonJS module requires it where no ES module can be required, without a warning', async () => {
  const path = write('use.cjs', `const { startWaylay } = require('waylay');(async () => {${use}})();`);
  expect(await run(process.execPath, ['--no-experimental-require-module', path], { cwd: project })).toEqual({
    code: 0,
    stdout: '127.0.0.1 -----BEGIN CERTIFICATE-----\n',
    stderr: '',
  });
});

test.each([
  ['exits', 'process.exit(0)'],
  ['throws', 'setImmediate(() => { throw new Error("thrown") })'],
  ['is told to end', 'process.kill(process.pid, "SIGTERM")'],
  ['is interrupted', 'process.kill(process.pid, "SIGINT")'],
])('a program that was spawned ends with the process that spawned it, where that %s', async (_, end) => {
  const server = createServer();
  const connected = once(server, 'connection');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const program = `require('net').connect(${port}, '127.0.0.1', () => console.log('ready')).on('error', () => {})`;
  const path = write(
    'end.cjs',
    `require('waylay').startWaylay().then(async (waylay) => {
       const program = waylay.spawn(process.execPath, ['-e', ${JSON.stringify(program)}]);
       await program.waitForLine('ready');
       ${end};
     });`,
  );
  const ended = run(process.execPath, [path], { cwd: project });
  const [socket] = (await connected) as [Socket];
  socket.on('error', () => {}).resume();
  await Promise.all([once(socket, 'close'), ended]);
});

test('the import alone loads neither what a proxy is made of nor what shows traffic', async () => {
  const path = write(
    'loads.cjs',
    `require('waylay');
     const files = Object.keys(require.cache).map((file) => file.split(require('path').sep).join('/'));
     console.log(files.filter((file) => /waylay\\/dist\\/cjs/.test(file)).join('\\n'));
     console.log('others:', files.filter((file) => /node_modules/.test(file) && !/waylay\\/dist/.test(file)).length);`,
  );
  const output = await succeed(process.execPath, [path], { cwd: project });
  expect(output).toContain('dist/cjs/fixtures/standalone.js');
  expect(output).not.toMatch(/proxy\.js|rules\.js|secrets\.js|report|upstream|http2/);
  expect(output).toContain('others: 0');
});

test('a file that is not exported cannot be reached', async () => {
  const output = await script(
    'reach.mjs',
    `import manifest from 'waylay/package.json' with { type: 'json' };
     const error = await import('waylay/dist/esm/src/runtime/clock.js').catch((error) => error);
     console.log(manifest.name, error.code);`,
  );
  expect(output).toBe('waylay ERR_PACKAGE_PATH_NOT_EXPORTED\n');
});

test.each([
  ['module', 'import'],
  ['commonjs', 'require'],
])('Playwright runs tests of a project of type %s', async (type) => {
  lend('@playwright/test');
  write(`${type}/package.json`, JSON.stringify({ private: true, type }));
  write(`${type}/playwright.config.ts`, 'export default {};');
  // A test without a page, so that no browser is needed.
  write(
    `${type}/one.spec.ts`,
    `import { test, expect } from 'waylay/playwright';
     test('has a proxy', async ({ waylay }) => {
       expect(new URL(waylay.url).hostname).toBe('127.0.0.1');
     });`,
  );
  const args = [commandFile('@playwright/test', 'playwright'), 'test', '--reporter=line'];
  expect(await succeed(process.execPath, args, { cwd: join(project, type) })).toContain('1 passed');
});

test.each(['mts', 'cts'])('the types hold in a .%s file, declarations checked too', async (extension) => {
  lend('@playwright/test');
  lend('@types/node');
  const text = `
    import { startWaylay } from 'waylay';
    import { expect, test } from 'waylay/playwright';
    export async function port(): Promise<number> {
      const waylay = await startWaylay({ http2: false });
      // @ts-expect-error: a port is a number
      const wrong: string = waylay.port;
      await waylay.stop();
      return waylay.port ?? wrong;
    }
    test('typed', async ({ page, waylay }) => {
      // @ts-expect-error: there is no such verb
      waylay.stubRequest('https://shop.test/');
      await page.goto('https://shop.test/');
      await expect(waylay).not.toHaveReceived('https://tracker.test/**');
    });
  `;
  const options = { module: 'nodenext', target: 'es2022', lib: ['es2023', 'dom', 'esnext.disposable'], strict: true };
  write(
    `types-${extension}/tsconfig.json`,
    JSON.stringify({ compilerOptions: { ...options, types: ['node'], skipLibCheck: false, noEmit: true } }),
  );
  write(`types-${extension}/use.${extension}`, text);
  await succeed(process.execPath, [commandFile('typescript', 'tsc'), '-p', join(project, `types-${extension}`)], {});
});

test.each([true, false])('the types need none of pages, with exactOptionalPropertyTypes: %s', async (flag) => {
  lend('@types/node');
  const text = `
    import { startWaylay, type WaylayOptions } from 'waylay';
    export async function run({ timeout, baseURL }: WaylayOptions, status?: number): Promise<string> {
      await using waylay = await startWaylay({ timeout, baseURL });
      waylay.stubResponse('/', { status, json: [] });
      return waylay.url;
    }
  `;
  const options = { module: 'nodenext', target: 'es2022', lib: ['es2023', 'esnext.disposable'], strict: true };
  const checked = { types: ['node'], skipLibCheck: false, exactOptionalPropertyTypes: flag, noEmit: true };
  const folder = `without-pages-${flag}`;
  write(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions: { ...options, ...checked } }));
  write(`${folder}/use.mts`, text);
  await succeed(process.execPath, [commandFile('typescript', 'tsc'), '-p', join(project, folder)], {});
});

test.each([
  ['jest', 'mts', "import { expect } from '@jest/globals';"],
  ['jest', 'cts', "import { expect } from '@jest/globals';"],
  ['vitest', 'mts', "import { expect } from 'vitest';"],
])('the types of waylay/%s hold in a .%s file', async (runner, extension, line) => {
  for (const name of ['@jest/globals', 'expect', 'vitest', '@types/node']) lend(name);
  const text = `
    ${line}
    import { useWaylay } from 'waylay/${runner}';
    const waylay = useWaylay({ scope: 'test' });
    export async function pay(): Promise<string> {
      waylay.stubResponse('https://shop.test/', { json: [] });
      // @ts-expect-error: there is no such verb
      waylay.stubRequest('https://shop.test/');
      const { request, response } = await waylay.expectRequest('https://shop.test/').finished();
      expect(request).toHaveHeader('accept', '*/*');
      // @ts-expect-error: a status is a number
      expect(response).toHaveStatus('200');
      await expect(waylay).toHaveReceived('https://shop.test/', { times: 1 });
      return (await waylay.spawn('node', ['server.js']).waitForLine(/on (\\d+)/))[0];
    }
  `;
  const options = { module: 'nodenext', target: 'es2022', lib: ['es2023', 'dom', 'esnext.disposable'], strict: true };
  const folder = `types-${runner}-${extension}`;
  const compilerOptions = { ...options, types: ['node'], skipLibCheck: true, noEmit: true };
  write(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions }));
  write(`${folder}/use.${extension}`, text);
  await succeed(process.execPath, [commandFile('typescript', 'tsc'), '-p', join(project, folder)], {});
});

test('publint has nothing to say', async () => {
  await succeed(process.execPath, [commandFile('publint', 'publint'), '--strict', tarball], {});
});

test('the types are found by every kind of import', async () => {
  const attw = commandFile('@arethetypeswrong/cli', 'attw');
  await succeed(process.execPath, [attw, tarball, '--profile', 'node16'], {});
});
