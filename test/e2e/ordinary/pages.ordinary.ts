import { expect, record, test } from './test.js';

test('types and presses keys', async ({ page }) => {
  await page.goto('/keys');
  await page.getByLabel('Text').focus();
  await page.keyboard.type('Hi');
  await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('Backspace');
  await page.keyboard.insertText('é');

  await expect(page.getByLabel('Text')).toHaveValue('Hé');
  await record(await page.locator('li').allTextContents());
});

test('drags and drops', async ({ page }) => {
  await page.goto('/drag');
  await page.locator('#from').dragTo(page.locator('#to'));

  await expect(page.locator('#to')).toHaveText('carried');
});

test('hovers, and clicks in every way', async ({ page }) => {
  await page.goto('/mouse');
  await page.getByRole('button').hover();
  await expect(page.getByText('menu')).toBeVisible();
  await page.getByRole('button').click({ button: 'right' });
  await expect(page).toHaveTitle('right');
  await page.getByRole('button').dblclick();
  await expect(page).toHaveTitle('twice');
});

test('works inside of frames', async ({ page }) => {
  await page.goto('/frames');
  await page.frameLocator('[name=inner]').getByLabel('Name').fill('inside');
  await page.frameLocator('[name=inner]').getByRole('button', { name: 'Send' }).click();
  await expect(page.frameLocator('[name=inner]').locator('body')).toContainText('inside');

  await record(page.frames().map((frame) => [frame.name(), frame.url()]));
});

test('works inside of a frame of another origin', async ({ page, baseURL }) => {
  await page.goto('/');
  await page.evaluate((src) => {
    document.body.append(Object.assign(document.createElement('iframe'), { src, name: 'foreign' }));
  }, `${baseURL}`.replace('localhost', 'other.localhost').concat('/second'));

  await expect(page.frameLocator('[name=foreign]').getByRole('heading')).toHaveText('Second');
});

test('follows popups', async ({ page, context }) => {
  await page.goto('/popups');
  const first = page.waitForEvent('popup');
  await page.getByRole('link').click();
  await expect(await first).toHaveTitle('Second');
  const second = context.waitForEvent('page');
  await page.getByRole('button').click();
  const opened = await second;
  await expect(opened).toHaveTitle('Second');
  expect(await opened.opener()).toBe(page);
  await opened.close();

  await record(context.pages().map((each) => each.url()));
});

test('talks to a worker', async ({ page }) => {
  await page.goto('/');
  const started = page.waitForEvent('worker');
  const answer = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const worker = new Worker('/worker.js');
        worker.onmessage = ({ data }) => resolve(data);
        worker.postMessage('/json');
      }),
  );

  expect(answer).toEqual({ items: [1, 2, 3] });
  const worker = await started;
  await record([worker.url(), await worker.evaluate(() => self.constructor.name), page.workers().length]);
});

test('has a service worker', async ({ page, context }) => {
  await page.goto('/');
  const registered = context.waitForEvent('serviceworker');
  await page.evaluate(async () => {
    const controlled = new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve));
    await navigator.serviceWorker.register('/service-worker.js');
    await controlled;
  });
  const worker = await registered;
  const coming = page.waitForResponse('**/from-the-worker');
  const texts = await page.evaluate(async () => [
    await (await fetch('/from-the-worker')).text(),
    await (await fetch('/through-the-worker')).text(),
  ]);

  await record([texts, worker.url(), (await coming).fromServiceWorker()]);
});

test('hears the console and errors', async ({ page }) => {
  const said: string[] = [];
  page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => said.push(`error: ${error.message}`));
  await page.goto('/');
  await page.evaluate(() => {
    // biome-ignore lint/suspicious/noConsole: it is the page's console
    for (const name of ['log', 'warn', 'info'] as const) console[name](name, 1, { a: true });
    setTimeout(() => {
      throw new Error('thrown later');
    });
  });
  await expect.poll(() => said.length).toBe(4);

  await record(said);
});

test('reaches into the page and back', async ({ page }) => {
  await page.exposeFunction('shout', (text: string) => text.toUpperCase());
  await page.addInitScript(() => Object.assign(window, { early: location.pathname }));
  await page.goto('/second');
  const handle = await page.evaluateHandle(() => ({ deep: [1, new Date(0), /x/g, undefined, Number.NaN] }));

  await record([
    await page.evaluate('shout("quiet")'),
    await page.evaluate('early'),
    `${JSON.stringify(await handle.jsonValue())}`,
  ]);
});

test('looks the same', async ({ page }) => {
  await page.goto('/colors');
  const picture = await page.screenshot();
  const element = await page.locator('div').screenshot({ scale: 'css' });

  const { createHash } = await import('node:crypto');
  const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  await record([digest(picture), digest(element)]);
});

test('has the same structure', async ({ page }) => {
  await page.goto('/form');
  await expect(page.locator('form')).toMatchAriaSnapshot(`
    - textbox "Name"
    - combobox "Size"
  `);

  await record(await page.locator('body').ariaSnapshot());
});

test('prints', async ({ page }) => {
  await page.goto('/second');
  const pdf = await page.pdf();

  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
});

test('is traced', async ({ page, context }, testInfo) => {
  await context.tracing.start({ screenshots: true, snapshots: true });
  await page.goto('/assets', { waitUntil: 'networkidle' });
  await expect(page).toHaveTitle('Assets 3');
  const path = testInfo.outputPath('own-trace.zip');
  await context.tracing.stop({ path });

  const { requestsOfTrace } = await import('../runs/trace.js');
  const requests = await requestsOfTrace(path);
  expect(requests).toHaveLength(5);
  await record(requests.map(({ method, url, status }) => [method, url, status]).sort());
});
