/** Mutations and faults as Chromium sees them. */
import type { Page } from '@playwright/test';
import { expect, test } from './origins.js';

const javascript = { 'content-type': 'text/javascript' };

/** Fetches in the page: its text, or the error. */
function fetched(page: Page, url: string): Promise<string> {
  return page.evaluate(
    (address) =>
      fetch(address).then(
        async (response) => `${response.status} ${await response.text().catch((error) => `then ${error}`)}`,
        String,
      ),
    url,
  );
}

test('a preflight is mutated like any other request', async ({ page, waylay, origins }) => {
  origins.serve('/data', { body: 'data' });
  const cors = { 'access-control-allow-origin': 'https://shop.test' };
  waylay.mutate('OPTIONS https://api.test/data', {
    response: { status: 204, headers: { ...cors, 'access-control-allow-headers': 'x-trace' } },
  });
  waylay.mutate('GET https://api.test/data', { response: { headers: cors } });
  await page.goto('https://shop.test/');

  const text = await page.evaluate(() =>
    fetch('https://api.test/data', { headers: { 'x-trace': '1' } }).then((response) => response.text()),
  );

  expect(text).toBe('data');
  await waylay.expectOrder([
    { method: 'OPTIONS', url: 'https://api.test/data' },
    { method: 'GET', url: 'https://api.test/data', headers: { 'x-trace': '1' } },
  ]);
});

test('a service worker runs the script that a mutation made of its own', async ({ page, waylay, origins }) => {
  origins.serve('/worker.js', {
    headers: javascript,
    body: `self.addEventListener('message', ({ source }) => source.postMessage('as served'));`,
  });
  waylay.mutate('https://shop.test/worker.js', { response: { text: (old) => old.replace('as served', 'as changed') } });
  await page.goto('https://shop.test/');

  const answer = await page.evaluate(async () => {
    const { serviceWorker } = navigator;
    await serviceWorker.register('/worker.js');
    const worker = (await serviceWorker.ready).active;
    const answered = new Promise((resolve) => {
      serviceWorker.addEventListener('message', ({ data }) => resolve(data));
    });
    serviceWorker.startMessages();
    worker?.postMessage('ask');
    return answered;
  });

  expect(answer).toBe('as changed');
});

test('a leaf that has expired is refused', async ({ page, waylay }) => {
  waylay.mutate('https://shop.test/**', { tls: { leaf: 'expired' } });

  // Whatever is wrong with it, its key is not the pinned one.
  await expect(page.goto('https://shop.test/')).rejects.toThrow('net::ERR_CERT_AUTHORITY_INVALID');

  expect(waylay.exchanges.map(({ error }) => error?.code)).toContain('WAYLAY_FAULT');
});

for (const http2 of [true, false]) {
  test.describe(`over HTTP/${http2 ? 2 : 1.1}`, () => {
    test.use({ waylayOptions: async ({ waylayOptions }, use) => use({ ...waylayOptions, http2 }) });

    test.beforeEach(async ({ page, origins }) => {
      origins.serve('/api', { headers: { 'content-type': 'text/plain' }, body: 'x'.repeat(1000) });
      await page.goto('https://shop.test/');
    });

    test('a reset is a failed fetch', async ({ page, waylay }) => {
      waylay.mutate('https://shop.test/api', { response: { fault: 'reset' } });

      expect(await fetched(page, '/api')).toBe('TypeError: Failed to fetch');

      const { error } = await waylay.expectRequest('https://shop.test/api');
      expect(error?.code).toBe('WAYLAY_FAULT');
    });

    test('a body that is cut off fails while it is read', async ({ page, waylay }) => {
      waylay.mutate('https://shop.test/api', { response: { fault: 'truncate', after: 100 } });

      expect(await fetched(page, '/api')).toMatch(/^200 then TypeError/);
    });

    test('a response that hangs neither comes nor fails', async ({ page, waylay }) => {
      waylay.mutate('https://shop.test/api', { response: { fault: 'hang' } });

      await page.evaluate(() => {
        const state = { settled: false };
        Object.assign(window, { state });
        const settle = () => Object.assign(state, { settled: true });
        void fetch('/api').then(settle, settle);
      });
      await waylay.expectRequest('https://shop.test/api');
      // Later requests are answered meanwhile.
      expect(await fetched(page, '/')).toMatch(/^200 /);

      expect(await page.evaluate('window.state')).toEqual({ settled: false });
    });
  });
}

/** Opens a WebSocket in the page, with what it is told to say as soon as it is open. */
function talked(page: Page, say: readonly string[]): Promise<string[]> {
  return page.evaluate(
    (words) =>
      new Promise<string[]>((resolve) => {
        const events: string[] = [];
        const socket = new WebSocket('wss://shop.test/socket');
        socket.onopen = () => {
          events.push('open');
          for (const word of words) socket.send(word);
        };
        socket.onmessage = ({ data }) => {
          events.push(data);
          if (events.length === words.length + 1) socket.close(1000);
        };
        socket.onerror = () => events.push('error');
        socket.onclose = ({ code, wasClean }) =>
          resolve([...events, `close ${code} ${wasClean ? 'clean' : 'unclean'}`]);
      }),
    say,
  );
}

for (const [name, response, seen] of [
  ['nothing', undefined, ['open', 'one', 'two', 'close 1000 clean']],
  ['a field', { headers: { 'x-new': '1' } }, ['open', 'one', 'two', 'close 1000 clean']],
  ['slices of a byte', { slice: 1 }, ['open', 'one', 'two', 'close 1000 clean']],
  ['another status', { status: 401 }, ['error', 'close 1006 unclean']],
  ['a reset at once', { fault: 'reset' }, ['error', 'close 1006 unclean']],
  ['a truncation at once', { fault: 'truncate' }, ['open', 'close 1006 unclean']],
  ['a truncation within the second message', { fault: 'truncate', after: 8 }, ['open', 'one', 'close 1006 unclean']],
] as const) {
  test(`a WebSocket whose response has ${name} changed`, async ({ page, waylay }) => {
    const mutation = response && waylay.mutate({ websocket: true }, { response });
    await page.goto('https://shop.test/');
    const events = await talked(page, ['one', 'two']);
    // Chromium tells of an error before some closes that it calls unclean.
    const told: readonly string[] = seen[0] === 'error' ? events : events.filter((event) => event !== 'error');
    expect(told).toEqual(seen);
    await waylay.expectRequest({ url: 'wss://shop.test/socket' });
    const socket = waylay.exchanges.find(({ websocket }) => websocket);
    await expect.poll(() => socket?.ended).toBe(true);
    const said = socket?.messages.filter(({ from, type }) => from === 'server' && type === 'text');
    expect(said?.map(({ data }) => data)).toEqual(seen.filter((event) => event === 'one' || event === 'two'));
    expect([mutation?.hits ?? 1, waylay.warnings]).toEqual([1, []]);
  });
}

test('a change that a WebSocket has no use for is a warning', async ({ page, waylay }, testInfo) => {
  waylay.mutate('https://shop.test/socket', { response: { json: { error: 'login' } } });
  await page.goto('https://shop.test/');
  expect(await talked(page, ['one'])).toEqual(['open', 'one', 'close 1000 clean']);
  const warning = expect.stringMatching(
    /^The mutation https:\/\/shop\.test\/socket \(test\/e2e\/mutations\.spec\.ts:\d+\): response\.json changed no body of GET https:\/\/shop\.test\/socket: an accepted WebSocket has messages and no body/,
  );
  expect(waylay.warnings).toEqual([warning]);
  expect(waylay.summary()).toContain('response.json changed no body of GET https://shop.test/socket');
  expect(testInfo.annotations).toEqual([]);
});
