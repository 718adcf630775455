/** Things borrowed of Playwright and of Chromium (docs/internals.md). */

import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer } from 'node:https';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { type APIRequestContext, type Browser, type LaunchOptions, type TestInfo, test } from '@playwright/test';
import { CertificateAuthority } from '../../src/tls/certificate-authority.js';
import { leafTemplate } from '../../src/tls/leaf.js';
import { leafSpki } from '../../src/tls/leaf-key.js';
import { borrowed as borrowedOf, type Holds } from '../internals/borrowed.js';

const require = createRequire(`${process.cwd()}/package.json`);
const { version } = require('@playwright/test/package.json') as { version: string };
const [, minor = 0] = version.split('.').map(Number);

function borrowed(row: string): Holds {
  return borrowedOf(row, `Playwright ${version}`);
}

interface Call {
  readonly name: string;
  readonly argument: unknown;
  readonly store: unknown;
}

interface Instrumentation {
  addListener(listener: object): void;
  removeListener(listener: object): void;
}

test('Playwright calls the listeners of its _instrumentation around each context', async ({ playwright, browser }) => {
  const holds = borrowed("Playwright's `_instrumentation`");
  const { _instrumentation: instrumentation } = playwright as unknown as { _instrumentation?: Instrumentation };
  holds(typeof instrumentation?.addListener === 'function', 'playwright._instrumentation has addListener()');
  holds(typeof instrumentation?.removeListener === 'function', 'playwright._instrumentation has removeListener()');
  const calls: Call[] = [];
  const store = new AsyncLocalStorage<string>();
  const listener = (name: string) => (argument: unknown) => {
    calls.push({ name, argument, store: store.getStore() });
  };
  const before = ['runBeforeCreateBrowserContext', 'runBeforeCreateRequestContext'];
  const names = [
    ...before,
    'runAfterCreateBrowserContext',
    'runBeforeCloseBrowserContext',
    'runAfterCreateRequestContext',
    'runBeforeCloseRequestContext',
    'onApiCallBegin',
  ];
  const listeners = Object.fromEntries(names.map((name) => [name, listener(name)]));
  instrumentation?.addListener(listeners);
  try {
    const context = await store.run('the call', () => browser.newContext({ locale: 'de-DE' }));
    await context.close();
    const request = await playwright.request.newContext();
    await request.dispose();
  } finally {
    instrumentation?.removeListener(listeners);
  }
  const argumentOf = (name: string): unknown => calls.find((call) => call.name === name)?.argument;
  // Older versions have none before the creation.
  for (const name of minor < FIRST_WITH_HOOKS ? names.slice(before.length) : names) {
    holds(
      calls.some((call) => call.name === name),
      `it calls ${name}`,
    );
  }
  const frames = (argumentOf('onApiCallBegin') as { frames?: { file?: unknown }[] } | undefined)?.frames;
  holds(typeof frames?.[0]?.file === 'string', 'onApiCallBegin gets the frames of the call, each with its file');
  if (minor < FIRST_WITH_HOOKS) {
    const { _options: options } = argumentOf('runAfterCreateBrowserContext') as { _options?: { locale?: string } };
    holds(options?.locale === 'de-DE', 'a context says its options as _options, where no hook comes before it');
    return;
  }
  const options = argumentOf('runBeforeCreateBrowserContext') as { locale?: string } | undefined;
  holds(options?.locale === 'de-DE', 'runBeforeCreateBrowserContext gets the options that were given');
  const inCall = calls.find(({ name }) => name === 'runBeforeCreateBrowserContext')?.store === 'the call';
  holds(inCall, 'runBeforeCreateBrowserContext is called without delay, from where the context is made');
  const calledLast: string[] = [];
  const second = { runBeforeCreateBrowserContext: async () => void calledLast.push('added') };
  const first = {
    async runBeforeCreateBrowserContext() {
      calledLast.push('first');
      instrumentation?.addListener(second);
    },
  };
  instrumentation?.addListener(first);
  try {
    await (await browser.newContext()).close();
  } finally {
    instrumentation?.removeListener(first);
    instrumentation?.removeListener(second);
  }
  holds(calledLast.join() === 'first,added', 'a listener that one of them adds is called last, in the same round');
});

/** The first minor version that calls listeners before it makes a context. */
const FIRST_WITH_HOOKS = 58;

test('the fixtures launch with _defaultLaunchOptions', ({ playwright, launchOptions, browser: _ }) => {
  test.skip(minor < 51, '1.50 has them in the browser type; there, only what is given by hand is known');
  const holds = borrowed("Playwright's `_defaultLaunchOptions`");
  const { _defaultLaunchOptions: defaults } = playwright as unknown as { _defaultLaunchOptions?: LaunchOptions };
  holds(typeof defaults === 'object', 'playwright._defaultLaunchOptions is there');
  const { executablePath } = launchOptions;
  holds(defaults?.executablePath === executablePath, 'its values are those of the fixture launchOptions');
});

test('a browser makes contexts that are used again by _newContextForReuse', ({ browser }) => {
  const holds = borrowed("Playwright's `_newContextForReuse`");
  const { _newContextForReuse: reuse } = browser as Browser & { _newContextForReuse?: unknown };
  holds(typeof reuse === 'function', 'a browser has the method _newContextForReuse');
});

test("a request context's methods call fetch, and route.fetch() calls its _innerFetch", async ({ context, page }) => {
  const holds = borrowed("Playwright's `_innerFetch`");
  const request = context.request as APIRequestContext & { _innerFetch?: (options?: object) => Promise<unknown> };
  const { _innerFetch: inner, fetch } = request;
  holds(typeof inner === 'function', 'a request context has the method _innerFetch');
  const calls: [string, object | undefined][] = [];
  Object.assign(request, {
    fetch: (...args: Parameters<typeof fetch>) => {
      calls.push(['fetch', args[1]]);
      return fetch.apply(request, args);
    },
    _innerFetch: (options?: object) => {
      calls.push(['_innerFetch', options]);
      return Promise.reject(new Error('no further'));
    },
  });
  await request.get('http://nowhere.invalid/').catch(() => {});
  holds(calls.map(([name]) => name).join() === 'fetch,_innerFetch', 'get() calls fetch(), and that _innerFetch()');
  calls.length = 0;
  await page.route('**/*', async (route) => {
    await route.fetch({ timeout: 5 }).catch(() => {});
    await route.fulfill({ body: '' });
  });
  await page.goto('http://nowhere.invalid/');
  holds(calls.length === 1 && calls[0]?.[0] === '_innerFetch', 'route.fetch() calls _innerFetch() of page.request');
  holds('request' in (calls[0]?.[1] ?? {}), 'it gets its options in one object');
});

test('a test has its steps, and the options of its project', async () => {
  const holds = borrowed("Playwright's `_steps`, and `_projectInternal`");
  interface Step {
    title: string;
    steps?: Step[];
    endWallTime?: number;
  }
  const { _projectInternal: project, _steps: steps } = test.info() as TestInfo & {
    _projectInternal?: object;
    _steps?: Step[];
  };
  holds(typeof project === 'object' && 'expect' in project, 'the test has _projectInternal, with its `expect`');
  await test.step('outer', () =>
    test.step('inner', async () => {
      const outer = steps?.find(({ title }) => title === 'outer');
      holds(
        outer !== undefined && outer.endWallTime === undefined,
        'a step that is open is in _steps, without endWallTime',
      );
      holds(outer?.steps?.[0]?.title === 'inner', 'it has the steps inside of it as `steps`');
    }));
  const ended = steps?.find(({ title }) => title === 'outer');
  holds(typeof ended?.endWallTime === 'number', 'a step that is over has an endWallTime');
});

test("Playwright's errors begin with the method that was called, and end with the log", async ({ playwright }) => {
  const holds = borrowed("The text of Playwright's errors");
  const request = await playwright.request.newContext();
  const error: Error = await request.get('http://127.0.0.1:1/').catch((cause) => cause);
  await request.dispose();
  holds(/^apiRequestContext\.get: [\s\S]*\nCall log:/.test(error.message), `it has both: ${error.message}`);
  const { chromium } = playwright;
  const { launch } = chromium;
  Object.assign(chromium, { launch: (options: LaunchOptions) => launch.call(chromium, options) });
  try {
    const refused: Error = await chromium.launch({ executablePath: '/nowhere' }).catch((cause) => cause);
    const [name] = /^\w+\.\w+: /.exec(refused.message) ?? [];
    holds(
      name === 'browserType.launch: ' || /\.call: $/.test(name ?? ''),
      `called by another, it is named so: ${name}`,
    );
  } finally {
    Reflect.deleteProperty(chromium, 'launch');
  }
  holds(chromium.launch === launch, 'the methods of a browser type are those of its class');
});

test('Playwright has Chromium send to a proxy what goes to this machine', async ({ playwright, launchOptions }) => {
  const holds = borrowed('`PLAYWRIGHT_DISABLE_FORCED_CHROMIUM_PROXIED_LOOPBACK`');
  const NAME = 'PLAYWRIGHT_DISABLE_FORCED_CHROMIUM_PROXIED_LOOPBACK';
  for (const off of [false, true]) {
    if (off) process.env[NAME] = '1';
    try {
      const server = await playwright.chromium.launchServer({
        ...launchOptions,
        proxy: { server: 'http://127.0.0.1:9' },
      });
      const forced = server.process().spawnargs.some((arg) => /^--proxy-bypass-list=.*<-loopback>/.test(arg));
      await server.close();
      holds(forced !== off, off ? 'the variable keeps it from that' : 'it has <-loopback> in --proxy-bypass-list');
    } finally {
      delete process.env[NAME];
    }
  }
});

test('Playwright keeps a headless shell beside its Chromium, by the same number', ({ playwright }) => {
  const holds = borrowed("Where Playwright's browsers are");
  const path = playwright.chromium.executablePath();
  holds(/[\\/]chromium-\d+[\\/]/.test(path), `the path of Chromium has its number: ${path}`);
});

test('Chromium accepts a key that it is told to, and no other', async ({ playwright, launchOptions }) => {
  const holds = borrowed("Chromium's `--ignore-certificate-errors-spki-list`");
  const names = { serverName: 'localhost', host: 'localhost', upstream: undefined, now: Date.now() };
  const { context } = CertificateAuthority.create(Date.now()).leaf(leafTemplate(names));
  const server = createServer({ SNICallback: (_, done) => done(null, context) }, (_, response) => response.end('ok'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    for (const args of [[], [`--ignore-certificate-errors-spki-list=${leafSpki()}`]]) {
      const browser = await playwright.chromium.launch({ ...launchOptions, args });
      const page = await browser.newPage();
      const { port } = server.address() as AddressInfo;
      const answer = await page.goto(`https://localhost:${port}/`).catch(() => null);
      await browser.close();
      const told = args.length > 0;
      holds((answer?.status() === 200) === told, told ? 'it accepts the key of the switch' : 'it refuses it without');
    }
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
