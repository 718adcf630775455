import { expect, record, test } from './test.js';

test('answers for the server', async ({ page }) => {
  await page.route('**/json', (route) => route.fulfill({ json: { items: [1] } }));
  const coming = page.waitForResponse('**/json');
  await page.goto('/assets');

  await expect(page).toHaveTitle('Assets 1');
  await record([(await coming).status(), await (await coming).json()]);
});

test('keeps requests from being sent', async ({ page }) => {
  const failures: unknown[] = [];
  page.on('requestfailed', (request) => failures.push([request.url(), request.failure()?.errorText]));
  await page.route('**/*.png', (route) => route.abort());
  await page.goto('/assets');

  await expect.poll(() => failures.length).toBe(1);
  await record(failures);
});

test('changes requests and responses', async ({ page, context }) => {
  await context.route('**/echo*', (route) =>
    route.continue({ headers: { ...route.request().headers(), 'x-routed': 'yes' }, method: 'PATCH' }),
  );
  await page.route('**/json', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), more: true } });
  });
  await page.goto('/');
  const seen = await page.evaluate(async () => {
    const echo = await (await fetch('/echo?x')).json();
    return [echo.method, echo.headers, await (await fetch('/json')).json()];
  });

  await record(seen);
});

test('mocks a WebSocket', async ({ page }) => {
  await page.routeWebSocket('**/socket', (socket) => {
    socket.onMessage((message) => socket.send(`mocked ${message}`));
    socket.send('mock');
  });
  await page.goto('/talk');
  await expect(page.locator('li')).toHaveText(['mock']);
  await page.evaluate('socket.send("hello")');

  await expect(page.locator('li')).toHaveText(['mock', 'mocked hello']);
});

test('stands between a page and its WebSocket', async ({ page }) => {
  await page.routeWebSocket('**/socket', (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => server.send(`${message}!`));
    server.onMessage((message) => socket.send(`${message}?`));
  });
  await page.goto('/talk');
  await expect(page.locator('li')).toHaveText(['welcome?']);
  await page.evaluate('socket.send("hello")');

  await expect(page.locator('li')).toHaveText(['welcome?', 'hello!?']);
});

test('records a HAR and plays it', async ({ browser, baseURL }, testInfo) => {
  const path = testInfo.outputPath('site.har');
  const recording = await browser.newContext({ recordHar: { path, content: 'embed' } });
  const first = await recording.newPage();
  await first.goto(`${baseURL}/assets`, { waitUntil: 'networkidle' });
  await expect(first).toHaveTitle('Assets 3');
  await recording.close();

  const { readFile } = await import('node:fs/promises');
  const { log } = JSON.parse(await readFile(path, 'utf8'));
  const entries: {
    request: { method: string; url: string };
    response: { status: number; content: { text?: string } };
  }[] = log.entries;

  const playing = await browser.newContext();
  await playing.routeFromHAR(path, { notFound: 'abort' });
  const second = await playing.newPage();
  await second.goto(`${baseURL}/assets`);
  await expect(second).toHaveTitle('Assets 3');
  await playing.close();

  await record(
    entries
      .map(({ request, response }) => [request.method, request.url, response.status, response.content.text])
      .sort(),
  );
});

test('removes a route', async ({ page }) => {
  await page.goto('/');
  await page.route('**/json', (route) => route.fulfill({ status: 418 }), { times: 1 });
  const statuses = await page.evaluate(async () => [(await fetch('/json')).status, (await fetch('/json')).status]);

  expect(statuses).toEqual([418, 200]);
  await page.unrouteAll();
});
