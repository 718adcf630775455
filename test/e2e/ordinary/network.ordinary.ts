import type { Request } from '@playwright/test';
import { endToEnd, expect, record, test } from './test.js';

test('tells of every request of a page', async ({ page }) => {
  const events = new Map<Request, string[]>();
  const note = (name: string) => (request: Request) => {
    const { pathname } = new URL(request.url());
    const list = events.get(request) ?? [`${request.method()} ${pathname} ${request.resourceType()}`];
    events.set(request, [...list, name]);
  };
  page.on('request', note('request'));
  page.on('response', (response) => note(`response ${response.status()}`)(response.request()));
  page.on('requestfinished', note('finished'));
  page.on('requestfailed', note('failed'));
  await page.goto('/assets', { waitUntil: 'networkidle' });
  const ended = () => [...events.values()].filter((names) => /^(finished|failed)$/.test(names.at(-1) ?? '')).length;
  await expect.poll(ended).toBe(5);
  // Requests go side by side: their order among each other is nobody's promise.
  await record([...events.values()].sort());
});

test('tells of a request that fails', async ({ page }) => {
  await page.goto('/');
  const failed = page.waitForEvent('requestfailed');
  const caught = await page.evaluate(() => fetch('/reset').catch((error: Error) => `${error}`));

  await record([caught, (await failed).url(), (await failed).failure() !== null, (await failed).resourceType()]);
});

test('tells of a body that breaks off', async ({ page }) => {
  await page.goto('/');
  const seen = await page.evaluate(async () => {
    const response = await fetch('/truncated');
    return [response.status, await response.text().catch((error: Error) => `${error}`)];
  });

  await record(seen);
});

test('waits for a response and reads it', async ({ page }) => {
  const coming = page.waitForResponse('**/json');
  await page.goto('/assets');
  const response = await coming;

  expect(await response.json()).toEqual({ items: [1, 2, 3] });
  expect(await response.finished()).toBeNull();
  const request = await response.request().headersArray();
  await record([endToEnd(await response.headersArray()), endToEnd(request), response.fromServiceWorker()]);
});

test('the server sees the same request', async ({ page }) => {
  await page.goto('/echo');
  const byPage = JSON.parse((await page.locator('body').textContent()) ?? '');
  const byScript = await page.evaluate(async () =>
    (await fetch('/echo?by=script', { method: 'PUT', headers: { 'X-Own': 'Yes' }, body: '{"a":1}' })).json(),
  );

  await record([byPage, byScript]);
});

test('undoes content codings', async ({ page }) => {
  await page.goto('/');
  const texts = await page.evaluate(async () => [
    await (await fetch('/gzip')).text(),
    await (await fetch('/brotli')).text(),
    await (await fetch('/chunks')).text(),
  ]);
  expect(texts).toEqual(['zipped', 'squeezed', 'one two three']);

  const response = await page.goto('/gzip');
  await record([await response?.text(), response?.headers()['content-encoding']]);
});

test('moves megabytes both ways', async ({ page }) => {
  await page.goto('/');
  const [size, body] = await page.evaluate(async () => {
    const bytes = await (await fetch('/big')).arrayBuffer();
    const echo = await (await fetch('/echo', { method: 'POST', body: bytes })).json();
    return [bytes.byteLength, echo.body];
  });

  expect(size).toBe(3_000_000);
  await record(body);
});

test('knows sizes and times', async ({ page }) => {
  const response = await page.goto('/json');
  await response?.finished();
  const request = response?.request();
  const sizes = await request?.sizes();
  const timing = request?.timing() ?? {};

  await record([sizes?.requestBodySize, sizes?.responseBodySize, Object.keys(timing)]);
});

test('keeps a cache', async ({ page }) => {
  await page.goto('/cache');
  await page.goto('/second');
  await page.goto('/cache');

  // The server counts what reaches it: other tests do not load this script.
  expect(await page.evaluate('window.served')).toBe(1);
});

test('asks again whether it is still fresh', async ({ page }) => {
  await page.goto('/');
  const texts = await page.evaluate(async () => {
    const ask = async () => (await fetch('/etag')).text();
    return [await ask(), await ask()];
  });

  expect(texts).toEqual(['versioned', 'versioned']);
});

test('crosses origins where it may', async ({ page, baseURL }) => {
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto('/');
  const seen = await page.evaluate(
    async (other) => {
      const put = { method: 'PUT', headers: { 'x-asked': 'nicely' } };
      const denied = await fetch(`${other}/json`).catch((error: Error) => `${error}`);
      return [await (await fetch(`${other}/cors`, put)).json(), denied];
    },
    `${baseURL}`.replace('localhost', '127.0.0.1'),
  );

  await expect.poll(() => errors.length).toBe(2);
  await record([seen, errors]);
});

test('sends a beacon', async ({ page }) => {
  await page.goto('/');
  const sent = page.waitForRequest('**/echo?beacon');
  await page.evaluate(() => navigator.sendBeacon('/echo?beacon', 'bye'));

  const request = await sent;
  await record([request.method(), request.resourceType(), request.postData()]);
});

test('listens to an event source', async ({ page }) => {
  await page.goto('/');
  const heard = await page.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        const texts: string[] = [];
        const source = new EventSource('/events');
        source.onmessage = ({ data, lastEventId }) => {
          texts.push(`${data} ${lastEventId}`);
          // The second comes after the browser connected again by itself.
          if (texts.length === 2) resolve(texts);
        };
      }),
  );

  await record(heard);
});

test('talks over a WebSocket', async ({ page }) => {
  const frames: string[] = [];
  const opened = page.waitForEvent('websocket');
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => frames.push(`> ${payload}`));
    socket.on('framereceived', ({ payload }) => frames.push(`< ${payload}`));
  });
  await page.goto('/talk');
  const socket = await opened;
  await expect(page.locator('li')).toHaveText(['welcome']);
  await page.evaluate('socket.send("hello")');
  await expect(page.locator('li')).toHaveText(['welcome', 'hello']);
  const closed = socket.waitForEvent('close');
  await page.evaluate('socket.send("close")');
  await closed;

  await expect(page.locator('li').last()).toHaveText('closed 4001 as asked');
  await record([socket.url(), frames, socket.isClosed()]);
});

test('goes offline and comes back', async ({ page, context }) => {
  await page.goto('/');
  await context.setOffline(true);
  const offline = await page.evaluate(() => fetch('/json').catch((error: Error) => `${error}`));
  await context.setOffline(false);
  const online = await page.evaluate(async () => (await fetch('/json')).status);

  await record([offline, online]);
});
