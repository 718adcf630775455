import { expect, record, test } from './test.js';

test('asks the API', async ({ request }) => {
  const response = await request.get('/json');

  expect(response).toBeOK();
  expect(await response.json()).toEqual({ items: [1, 2, 3] });
  await record([response.status(), response.statusText(), response.headers()['x-site'], response.url()]);
});

test('the server sees the same API request', async ({ request }) => {
  const responses = [
    await request.get('/echo', { params: { q: 'a b', n: 1 }, headers: { 'X-Own': 'Yes' } }),
    await request.post('/echo', { data: { json: true } }),
    await request.put('/echo', { form: { name: 'Ada', size: 'M' } }),
    await request.patch('/echo', { data: Buffer.from('bytes') }),
    await request.fetch('/echo', { method: 'DELETE' }),
  ];

  await record(await Promise.all(responses.map((response) => response.json())));
});

test('uploads through the API', async ({ request }) => {
  const file = { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.alloc(10_000, 'a') };
  const response = await request.post('/upload', { multipart: { file, note: 'x' } });

  await record(await response.text());
});

test('the API follows redirects, or not', async ({ request }) => {
  const followed = await request.get('/redirect/302');
  const stopped = await request.get('/redirect/302', { maxRedirects: 0 });

  expect(stopped.status()).toBe(302);
  await record([
    followed.url(),
    stopped.headers().location,
    (await request.storageState()).cookies.map(({ name }) => name),
  ]);
});

test('the API tells of failures', async ({ request }) => {
  const missing = await request.get('/html-404');
  expect(missing).not.toBeOK();
  const error = await request.get('/html-404', { failOnStatusCode: true }).catch((error: Error) => error);
  const late = await request.get('/hang', { timeout: 1_500 }).catch((error: Error) => error);

  await record([`${error}`.split('\n')[0], `${late}`.split('\n')[0]]);
});

test('the API fails where nobody listens', async ({ request }) => {
  // The discard port.
  await expect(request.get('http://localhost:9/')).rejects.toThrow();
});

test('page and API share cookies', async ({ page }) => {
  await page.request.post('/login', { form: { user: 'ada', password: 'secret' } });
  await page.goto('/account');

  await expect(page.getByRole('heading')).toHaveText('Hello ada');
});

test('makes an API context of its own', async ({ playwright, baseURL }) => {
  const api = await playwright.request.newContext({ baseURL: baseURL as string, extraHTTPHeaders: { 'x-api': 'own' } });
  const echo = await (await api.get('/echo')).json();
  await api.dispose();

  await record(echo);
});

test.describe('with credentials', () => {
  test.use({ httpCredentials: { username: 'ada', password: 'lovelace' } });

  test('is let in', async ({ page, request }) => {
    const response = await page.goto('/basic');
    await expect(page).toHaveTitle('let in');

    await record([response?.status(), (await request.get('/basic')).status()]);
  });
});

test.describe('with wrong credentials', () => {
  test.use({ httpCredentials: { username: 'ada', password: 'wrong' } });

  test('is kept out', async ({ page, request }) => {
    const response = await page.goto('/basic');
    await expect(page).toHaveTitle('kept out');

    await record([response?.status(), (await request.get('/basic')).status()]);
  });
});

test('without credentials it is kept out', async ({ page }) => {
  await page.goto('/basic').catch(() => {});

  await record([page.url(), await page.title()]);
});
