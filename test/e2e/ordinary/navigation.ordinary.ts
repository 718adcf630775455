import { endToEnd, expect, record, secureURL, test } from './test.js';

test('opens a page and follows a link', async ({ page }) => {
  const response = await page.goto('/');
  expect(response?.ok()).toBe(true);
  await page.getByRole('link', { name: 'second' }).click();
  await expect(page.getByRole('heading')).toHaveText('Second');

  const request = await response?.request().headersArray();
  await record([endToEnd(await response?.headersArray()), endToEnd(request), page.url()]);
});

test('follows redirects, hop by hop', async ({ page, context }) => {
  const response = await page.goto('/redirect/302');

  const hops: unknown[] = [];
  for (let request = response?.request() ?? null; request !== null; request = request.redirectedFrom()) {
    const answer = await request.response();
    hops.push([request.url(), answer?.status(), answer?.headers().location, request.isNavigationRequest()]);
  }
  expect(hops).toHaveLength(4);
  await record([hops, (await context.cookies()).map(({ name, value }) => [name, value])]);
});

test('gives up on a redirect loop', async ({ page }) => {
  const error = await page.goto('/redirect/loop').catch((error: Error) => error);

  await record([`${error}`.split('\n')[0]]);
});

test('keeps or drops the body of a redirected post', async ({ page }) => {
  await page.goto('/');
  const echoes = await page.evaluate(async () => {
    const post = async (path: string) => (await fetch(path, { method: 'POST', body: 'kept?' })).json();
    return [await post('/redirect/post-303'), await post('/redirect/post-308')];
  });

  expect(echoes.map(({ method, body }) => [method, body])).toEqual([
    ['GET', ''],
    ['POST', 'kept?'],
  ]);
  await record(echoes);
});

test('goes back and forward, and reloads', async ({ page }) => {
  await page.goto('/');
  await page.goto('/second');
  const back = await page.goBack();
  await expect(page).toHaveTitle('Home');
  const forward = await page.goForward();
  await expect(page).toHaveTitle('Second');
  const again = await page.reload();

  await record([back?.status(), forward?.status(), again?.status(), await page.evaluate(() => history.length)]);
});

test('navigates within the page', async ({ page }) => {
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  const navigations: string[] = [];
  page.on('framenavigated', (frame) => navigations.push(frame.url()));
  await page.goto('/');
  await page.getByRole('link', { name: 'part' }).click();
  await page.waitForURL('**/#part');
  await page.goto('/push');
  await page.getByRole('button').click();
  await page.waitForURL('/pushed');

  await record([requests, navigations]);
});

test('waits for a refresh', async ({ page }) => {
  await page.goto('/refresh');
  await page.waitForURL('/second');
  await expect(page).toHaveTitle('Second');
});

test('shows error pages of the site', async ({ page }) => {
  const missing = await page.goto('/html-404');
  const broken = await page.goto('/html-500');

  expect([missing?.status(), broken?.status()]).toEqual([404, 500]);
  await record([broken?.statusText(), await page.content()]);
});

test('stays where it is on an empty answer', async ({ page }) => {
  await page.goto('/');
  const error = await page.goto('/empty').catch((error: Error) => error);

  await record([`${error}`.split('\n')[0], page.url()]);
});

test('fails where nobody listens', async ({ page }) => {
  const failed = page.waitForEvent('requestfailed');
  // The discard port.
  await expect(page.goto('http://localhost:9/')).rejects.toThrow(/net::ERR_/);

  await record([(await failed).url(), (await failed).failure() !== null, page.url()]);
});

test('fails where the connection breaks', async ({ page }) => {
  await expect(page.goto('/reset')).rejects.toThrow(/net::ERR_(EMPTY_RESPONSE|CONNECTION_RESET)/);
});

test('gives up in time', async ({ page }) => {
  const error = await page.goto('/hang', { timeout: 1_500 }).catch((error: Error) => error);

  await record([(error as Error).name, `${error}`.split('\n')[0]]);
});

test('waits until the network is idle', async ({ page }) => {
  await page.goto('/assets', { waitUntil: 'networkidle' });
  await expect(page).toHaveTitle('Assets 3');
  await expect(page.locator('html')).toHaveAttribute('data-script', 'ran');
});

test('judges certificates', async ({ page }) => {
  await expect(page.goto(`${secureURL}/`)).rejects.toThrow('net::ERR_CERT_AUTHORITY_INVALID');
});

test.describe('where the certificate does not matter', () => {
  test.use({ ignoreHTTPSErrors: true });

  test('opens a page over TLS', async ({ page }) => {
    const response = await page.goto(`${secureURL}/assets`);
    await expect(page).toHaveTitle('Assets 3');

    const details = await response?.securityDetails();
    const seen = await page.evaluate(() => {
      const [{ nextHopProtocol } = {}] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
      return [isSecureContext, location.protocol, nextHopProtocol];
    });
    await record([seen, details?.protocol, details?.subjectName]);
  });

  test('the server sees the same request over TLS', async ({ page }) => {
    await page.goto(`${secureURL}/echo`);

    await record(JSON.parse((await page.locator('body').textContent()) ?? ''));
  });

  test('a route asks over TLS and changes the answer', async ({ page }) => {
    await page.route('**/echo', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), changed: true } });
    });
    await page.goto(`${secureURL}/echo`);

    await record(JSON.parse((await page.locator('body').textContent()) ?? ''));
  });

  test('asks the API over TLS', async ({ request }) => {
    const response = await request.post(`${secureURL}/echo`, { data: { over: 'tls' } });

    expect(response.ok()).toBe(true);
    await record(await response.json());
  });
});
