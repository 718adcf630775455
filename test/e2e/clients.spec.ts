/** Every client of a test goes through the proxy, and its exchanges say which it was. */
import type { Page } from '@playwright/test';
import type { Waylay } from '../../fixtures/playwright.js';
import type { Initiator } from '../../src/journal/initiator.js';
import { expect, type Origins, test } from './origins.js';

const PAGE = 'https://shop.test/page';

const HTML: Readonly<Record<string, string>> = {
  '/page': '<!doctype html><title>page</title><a href="/file" download>file</a>',
  '/with-icon': '<!doctype html><link rel="icon" href="/icon.svg">',
  '/with-frame': '<!doctype html><iframe src="/frame"></iframe>',
  '/frame': '<!doctype html><script>fetch("/by-frame")</script>',
};

function serve(origins: Origins): void {
  for (const [path, body] of Object.entries(HTML)) origins.serve(path, { body });
  const script = { 'content-type': 'text/javascript' };
  origins.serve('/worker.js', { headers: script, body: 'fetch("/by-worker").then(() => postMessage("done"))' });
  origins.serve('/sw.js', {
    headers: script,
    body: `addEventListener('install', (event) => event.waitUntil(fetch('/by-service-worker').then(() => skipWaiting())));`,
  });
  origins.serve('/events', { headers: { 'content-type': 'text/event-stream' }, body: 'data: one\n\n' });
  origins.serve('/icon.svg', {
    headers: { 'content-type': 'image/svg+xml' },
    body: '<svg xmlns="http://www.w3.org/2000/svg"/>',
  });
  for (const path of ['/by-frame', '/by-worker', '/by-service-worker', '/asked', '/beacon', '/prefetched', '/file']) {
    origins.serve(path, { body: 'served' });
  }
}

interface Case {
  /** The URL that is asked for. */
  url: string;
  /** Its exchange says this. */
  initiator: Initiator;
  act(page: Page): Promise<unknown>;
}

const cases: Record<string, Case> = {
  'a page': { url: PAGE, initiator: { client: 'page', resourceType: 'document', pageURL: PAGE }, act: async () => {} },
  'a fetch': {
    url: 'https://shop.test/asked',
    initiator: { client: 'page', resourceType: 'fetch', pageURL: PAGE },
    act: (page) => page.evaluate(async () => (await fetch('/asked')).text()),
  },
  'an XMLHttpRequest': {
    url: 'https://shop.test/asked',
    initiator: { client: 'page', resourceType: 'xhr', pageURL: PAGE },
    act: (page) =>
      page.evaluate(
        () =>
          new Promise((resolve) => {
            const request = new XMLHttpRequest();
            request.onload = resolve;
            request.open('GET', '/asked');
            request.send();
          }),
      ),
  },
  'a preflight': {
    url: 'https://api.test/asked',
    initiator: { resourceType: 'preflight' },
    act: (page) => page.evaluate(() => fetch('https://api.test/asked', { method: 'PUT' }).catch(() => {})),
  },
  'an iframe': {
    url: 'https://shop.test/frame',
    initiator: {
      client: 'iframe',
      resourceType: 'document',
      pageURL: 'https://shop.test/with-frame',
      frameURL: 'https://shop.test/frame',
    },
    act: (page) => page.goto('https://shop.test/with-frame'),
  },
  'a fetch of an iframe': {
    url: 'https://shop.test/by-frame',
    initiator: {
      client: 'iframe',
      resourceType: 'fetch',
      pageURL: 'https://shop.test/with-frame',
      frameURL: 'https://shop.test/frame',
    },
    act: (page) => page.goto('https://shop.test/with-frame'),
  },
  'a worker': {
    url: 'https://shop.test/by-worker',
    initiator: { client: 'page', resourceType: 'fetch', pageURL: PAGE },
    act: (page) =>
      page.evaluate(
        () =>
          new Promise((resolve) => {
            new Worker('/worker.js').onmessage = resolve;
          }),
      ),
  },
  'a service worker': {
    url: 'https://shop.test/by-service-worker',
    initiator: { client: 'service worker', resourceType: 'fetch', pageURL: 'https://shop.test/sw.js' },
    act: (page) =>
      page.evaluate(async () => {
        await navigator.serviceWorker.register('/sw.js');
        await navigator.serviceWorker.ready;
      }),
  },
  'a popup': {
    url: 'https://shop.test/asked',
    initiator: { client: 'page', resourceType: 'document' },
    act: async (page) => {
      const [popup] = await Promise.all([page.waitForEvent('popup'), page.evaluate(() => void open('/asked'))]);
      await popup.waitForLoadState();
    },
  },
  'a beacon': {
    url: 'https://shop.test/beacon',
    initiator: { client: 'page', resourceType: 'ping', pageURL: PAGE },
    act: (page) => page.evaluate(() => navigator.sendBeacon('/beacon', new Blob(['left']))),
  },
  'a prefetch': {
    url: 'https://shop.test/prefetched',
    initiator: { resourceType: 'prefetch' },
    act: (page) =>
      page.evaluate(() => {
        document.head.append(Object.assign(document.createElement('link'), { rel: 'prefetch', href: '/prefetched' }));
      }),
  },
  'a download': {
    url: 'https://shop.test/file',
    initiator: { resourceType: 'fetch' },
    act: async (page) => {
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link').click()]);
      await download.path();
    },
  },
  'a favicon': {
    url: 'https://shop.test/icon.svg',
    initiator: { resourceType: 'image' },
    act: (page) => page.goto('https://shop.test/with-icon'),
  },
  'an event source': {
    url: 'https://shop.test/events',
    initiator: { client: 'page', resourceType: 'eventsource', pageURL: PAGE },
    act: (page) =>
      page.evaluate(
        () =>
          new Promise<void>((resolve) => {
            const source = new EventSource('/events');
            source.onmessage = () => {
              source.close();
              resolve();
            };
          }),
      ),
  },
  'a WebSocket': {
    url: 'https://shop.test/socket',
    initiator: { resourceType: 'websocket' },
    act: (page) =>
      page.evaluate(
        () =>
          new Promise<void>((resolve) => {
            const socket = new WebSocket('wss://shop.test/socket');
            socket.onopen = () => {
              socket.close();
              resolve();
            };
          }),
      ),
  },
  'page.request': {
    url: 'https://shop.test/asked',
    initiator: { client: 'page.request' },
    act: (page) => page.request.get('https://shop.test/asked'),
  },
  'context.request': {
    url: 'https://shop.test/asked',
    initiator: { client: 'page.request' },
    act: (page) => page.context().request.post('https://shop.test/asked', { data: { asked: true } }),
  },
};

for (const [title, { url, initiator, act }] of Object.entries(cases)) {
  test(`${title} goes through, and is known`, async ({ page, origins, waylay }) => {
    serve(origins);
    await page.goto(PAGE);
    await act(page);

    const { initiator: known } = await waylay.expectRequest(url);
    expect(known).toMatchObject({ ...initiator });
  });
}

test('the request fixture goes through, over HTTPS and HTTP', async ({ request, origins, waylay }) => {
  serve(origins);
  for (const url of ['https://shop.test/asked', 'http://plain.test/asked']) {
    const response = await request.get(url);
    expect(await response.text()).toBe('served');
    const exchange = await waylay.expectRequest(url);
    expect(exchange.initiator.client).toBe('request');
    expect(exchange.request.header('user-agent')).toMatch(/^Playwright/);
  }
});

test('a request context made by hand goes through', async ({ playwright, origins, waylay }) => {
  serve(origins);
  const contexts = await Promise.all([1, 2].map(() => playwright.request.newContext({ baseURL: 'https://shop.test' })));
  await Promise.all(contexts.map((context) => context.get('/asked')));

  const asked = await waylay.expectRequest('https://shop.test/asked', { times: 2 }).all();
  expect(asked.map(({ initiator }) => initiator.client)).toEqual(['request', 'request']);
});

test('stubs answer the request fixture as they answer the page', async ({ page, request, waylay }) => {
  waylay.stubResponse('https://api.invalid/**', { json: { stubbed: true } });
  waylay.stubResponse('https://shop.invalid/', { headers: { 'content-type': 'text/html' }, text: '<!doctype html>' });
  await page.goto('https://shop.invalid/');

  expect(await (await request.get('https://api.invalid/a')).json()).toEqual({ stubbed: true });
  expect(await (await page.request.get('https://api.invalid/b')).json()).toEqual({ stubbed: true });
});

test('a persistent context goes through', async ({ playwright, origins, waylay }, testInfo) => {
  serve(origins);
  const context = await playwright.chromium.launchPersistentContext(testInfo.outputPath('profile'), {
    args: ['--lang=en'],
  });
  const [page = await context.newPage()] = context.pages();
  await page.goto(PAGE);
  expect(await page.title()).toBe('page');
  await context.close();

  const { initiator } = await waylay.expectRequest(PAGE);
  expect(initiator).toMatchObject({ client: 'page', pageURL: PAGE });
});

for (const [name, code] of [
  ['expired.test', 'CERT_HAS_EXPIRED'],
  ['wrong-host.test', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ['unknown-issuer.test', 'SELF_SIGNED_CERT_IN_CHAIN'],
] as const) {
  test(`the request fixture fails where the certificate is broken, and says why: ${name}`, async ({
    request,
    page,
    origins,
  }) => {
    for (const context of [request, page.request]) {
      const message = await context.get(`https://${name}/`).then(String, (error: Error) => error.message);
      expect(message).toContain(`The certificate of ${name}:443 does not verify`);
      expect(message).toContain(code);
      expect(message).toMatch(/^apiRequestContext\.get: .*\nCall log:/);
    }
    expect(origins.hits('/')).toBe(0);
    // Who asks for it gets it.
    const response = await request.get(`https://${name}/`, { ignoreHTTPSErrors: true });
    expect(response.status()).toBe(200);
  });
}

test('route.fetch goes through, and is known', async ({ page, origins, waylay }) => {
  serve(origins);
  await page.route('https://shop.test/asked', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${await response.text()}, and changed` });
  });
  await page.goto(PAGE);

  expect(await page.evaluate(async () => (await fetch('/asked')).text())).toBe('served, and changed');

  const { initiator } = await waylay.expectRequest('https://shop.test/asked');
  expect(initiator).toMatchObject({ client: 'route.fetch' });
});

test('route.fetch fails where the certificate is broken, and says why', async ({ page, origins: _ }) => {
  let message = '';
  await page.route('https://expired.test/', async (route) => {
    message = await route.fetch().then(String, (error: Error) => error.message);
    await route.abort();
  });

  await expect(page.goto('https://expired.test/')).rejects.toThrow('net::ERR_FAILED');

  expect(message).toMatch(/^route\.fetch: The certificate of expired\.test:443 does not verify: .*\nCall log:/);
});

test('requests have the step of the test in which they were sent', async ({ page, request, origins, waylay }) => {
  serve(origins);
  await test.step('Open the shop', async () => {
    await page.goto(PAGE);
  });
  await test.step('Ask', async () => {
    await request.get('https://shop.test/asked');
  });

  expect(stepOf(waylay, PAGE)).toMatch(/^Open the shop › Navigate/);
  expect(stepOf(waylay, 'https://shop.test/asked')).toMatch(/^Ask › GET/);
});

function stepOf(waylay: Waylay, url: string): string | undefined {
  return waylay.exchanges.find(({ request }) => request.url === url)?.initiator.step;
}
