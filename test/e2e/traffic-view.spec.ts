/** The traffic view in a browser: read, filtered and walked through by keyboard; nothing leaves it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test as base, expect, type Locator, type Page } from '@playwright/test';
import { commandFile, root } from '../../scripts/command.mjs';
import { type TrafficViewInput, trafficView } from '../../traffic-view/traffic-view.js';
import { archive, background, checkout, checkoutProblem, entry, many } from '../traffic-view/archives.js';

const title = 'checkout.spec.ts › a declined card shows a retry button';

/** Opens the view from a file; at the end, nothing has been asked for and nothing went wrong. */
const test = base.extend<{ show: (input: Partial<TrafficViewInput>) => Promise<void> }>({
  show: async ({ page }, use, testInfo) => {
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('dialog', (dialog) => complaints.push(dialog.message()));
    const url = pathToFileURL(testInfo.outputPath('traffic.html')).href;
    await use(async (input) => {
      writeFileSync(testInfo.outputPath('traffic.html'), trafficView({ title, har: checkout(), ...input }));
      await page.goto(url);
    });
    expect(requests.filter((each) => each !== url && !each.startsWith('data:'))).toEqual([]);
    expect(complaints).toEqual([]);
  },
});

const rows = (page: Page) => page.locator('tr.exchange');
const row = (page: Page, id: number) => page.locator(`tr[data-id="${id}"]`);
const filter = (page: Page) => page.getByRole('searchbox', { name: 'Filter exchanges' });
const details = (page: Page, id: number) => page.getByRole('region', { name: `Exchange #${id}`, exact: true });

test('the view shows the test, its problems and its exchanges', async ({ page, show }) => {
  await page.setViewportSize({ width: 1600, height: 1400 });
  await show({ problems: [checkoutProblem], warnings: ['A stub was not used.'], leaks: ['A socket is open.'] });

  await expect(page).toHaveTitle(`${title} – traffic`);
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
  await expect(page.getByText('14 exchanges')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Failed expectation' })).toContainText('No request matched POST');
  await expect(page.getByText('A stub was not used.')).toBeVisible();
  await expect(page.getByText('A socket is open.')).toBeVisible();

  const table = page.getByRole('table', { name: 'Exchanges' });
  await expect(table).toHaveAttribute('aria-rowcount', '19'); // 14, four groups, the columns' names
  for (const name of ['#', 'Method', 'URL', 'Status', 'Source', 'Type', 'Size', 'Time']) {
    await expect(table.getByRole('columnheader', { name, exact: true })).toBeVisible();
  }
  await expect(table.getByRole('rowheader', { name: 'Open the checkout 8 exchanges' })).toBeVisible();
  const charge = table.getByRole('row', { name: '10 POST' });
  await expect(charge.getByRole('cell')).toHaveText([
    '10',
    'POST',
    'api.pay.test/v1/charges',
    '402',
    'stubbed',
    'json',
    '77 B',
    '2.6 ms',
    '',
  ]);
  await expect(row(page, 5).getByRole('cell')).toContainText(['5', 'GET', 'cart', '200', 'mutated']);
  await expect(row(page, 11).getByRole('cell').nth(4)).toHaveText('stubbedmutated');
  await expect(row(page, 7)).toContainText('refused');
  await expect(row(page, 12)).toContainText('failed');
  await expect(row(page, 13)).toContainText('tunnel');
  await expect(row(page, 14)).toContainText('pending');
});

test('an exchange that a problem names is opened from there', async ({ page, show }) => {
  await show({ problems: [checkoutProblem] });
  await filter(page).fill('nothing has this');

  await page.getByRole('link', { name: '#10' }).click();

  await expect(details(page, 10)).toContainText('402 Payment Required');
  await expect(row(page, 10)).toBeInViewport();
  expect(new URL(page.url()).hash).toBe('');
});

test('the filter takes words, keys and what to leave out', async ({ page, show }) => {
  await show({});
  await expect(rows(page)).toHaveCount(14);

  await filter(page).fill('source:stub -options');
  await expect(rows(page)).toHaveCount(2);
  await expect(page.getByText('2 of 14')).toBeVisible();

  const chip = page.getByRole('button', { name: 'stubbed 3' });
  await filter(page).fill('');
  await chip.click();
  await expect(chip).toHaveAttribute('aria-pressed', 'true');
  await expect(filter(page)).toHaveValue('source:stubbed');
  await expect(rows(page)).toHaveCount(3);
  await chip.click();
  await expect(rows(page)).toHaveCount(14);

  await filter(page).fill('nothing has this');
  await expect(page.getByText('No exchange passes the filter.')).toBeVisible();
  await expect(page.getByRole('table')).toBeHidden();
});

test('the keyboard is enough: / filters, arrows move, Enter opens, Esc closes', async ({ page, show }) => {
  await show({});

  await page.keyboard.press('/');
  await expect(filter(page)).toBeFocused();
  await page.keyboard.type('charges');
  await expect(rows(page)).toHaveCount(2);
  await page.keyboard.press('ArrowDown');
  await expect(row(page, 9).getByRole('button')).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(row(page, 10).getByRole('button')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(details(page, 10)).toBeVisible();
  await expect(row(page, 10).getByRole('button')).toHaveAttribute('aria-expanded', 'true');

  await page.keyboard.press('ArrowUp');
  await expect(details(page, 9)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(details(page, 9)).toBeHidden();
  await expect(row(page, 9).getByRole('button')).toBeFocused();

  await page.keyboard.press('/');
  await page.keyboard.press('Escape');
  await expect(filter(page)).toHaveValue('');
  await expect(rows(page)).toHaveCount(14);
});

test('details have everything of an exchange', async ({ page, show }) => {
  await page.setViewportSize({ width: 1600, height: 1000 });
  await show({});

  await row(page, 1).click();
  const document = details(page, 1);
  for (const text of [
    'https://shop.test/checkout?basket=9f2&lang=en',
    '203.0.113.7:443',
    'TLS 1.3',
    "Let's Encrypt R11",
    'Open the checkout',
  ]) {
    await expect(document.getByText(text, { exact: true }).first()).toBeVisible();
  }
  for (const name of [
    'General',
    'Timing',
    'Query',
    'Request headers',
    'Request cookies',
    'Response body',
    'Response cookies',
  ]) {
    await expect(document.getByRole('heading', { name, exact: true })).toBeVisible();
  }
  await expect(document.getByText('<title>Checkout</title>')).toBeVisible();
  await expect(document.getByText('Path=/; HttpOnly; Secure; SameSite=Lax')).toBeVisible();
  await expect(document.locator('.figures')).toContainText('TLS19 ms');

  await row(page, 10).click();
  await expect(details(page, 10).locator('pre').first()).toContainText('{\n  "amount": 4100,\n  "currency": "EUR"');

  await row(page, 11).click();
  await expect(details(page, 11).locator('.fields', { hasText: 'email' })).toContainText('ann@shop.test');

  await row(page, 7).click();
  await expect(details(page, 7)).toContainText('no stub matches');
  await expect(details(page, 7).getByText('WAYLAY_REFUSED', { exact: true })).toBeVisible();

  await row(page, 6).click();
  await expect(details(page, 6).getByRole('listitem')).toHaveText([
    /sent.*260 ms.*subscribe/,
    /received.*284 ms.*left/,
    /received.*610 ms.*9 B binary: 08 96 01/,
  ]);

  await row(page, 4).click();
  const picture = details(page, 4).getByRole('img', { name: 'The body as an image' });
  await expect(picture).toBeVisible();
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(96);

  await details(page, 4).getByRole('button', { name: 'Close' }).click();
  await expect(details(page, 4)).toBeHidden();
});

test('an exchange says which rules took part, and what it was before them', async ({ page, show }) => {
  await page.setViewportSize({ width: 1600, height: 1000 });
  await show({});
  await expect(row(page, 10).locator('.badge')).toHaveAttribute(
    'title',
    'stub POST https://api.pay.test/v1/charges (tests/checkout.spec.ts:8)',
  );

  await row(page, 10).click();
  const stubbed = details(page, 10);
  await expect(stubbed.getByRole('listitem')).toHaveText([
    'stubPOST https://api.pay.test/v1/chargeswritten at tests/checkout.spec.ts:8',
  ]);
  await expect(stubbed.getByRole('heading', { name: 'Changes' })).toHaveCount(0);
  await expect(stubbed.locator('.sides')).toHaveCount(0);

  await row(page, 5).click();
  const mutated = details(page, 5);
  await expect(mutated.getByRole('listitem')).toContainText(['https://api.shop.test/v1/cart**']);
  const changes = mutated.locator('.changes');
  await expect(changes.first().getByRole('term')).toHaveText(['URL', 'accept', 'x-tenant']);
  await expect(changes.first().getByRole('definition')).toHaveText([
    '− before: https://api.shop.test/v1/cart?currency=EUR+ after: https://api.shop.test/v1/cart?currency=EUR&debug=1',
    '− before: */*',
    '+ after: b',
  ]);
  await expect(changes.last().getByRole('term')).toHaveText(['status', 'etag', 'body']);
  await expect(changes.last().getByRole('definition').last()).toHaveText(
    /^− before: …:"cart_9f2","currency":"USD".*\+ after: …:"cart_9f2","currency":"EUR"/,
  );

  const response = mutated.getByRole('group', { name: 'Response' });
  const [after, before] = [/As the client received it/, /As the upstream gave it/].map((name) =>
    response.getByRole('button', { name }),
  ) as [Locator, Locator];
  await expect(after).toHaveAttribute('aria-pressed', 'true');
  await expect(mutated.locator('.text')).toContainText('"currency": "EUR"');
  await before.click();
  await expect(before).toHaveAttribute('aria-pressed', 'true');
  await expect(after).toHaveAttribute('aria-pressed', 'false');
  await expect(mutated.locator('.text')).toContainText('"currency": "USD"');
  await mutated.getByRole('group', { name: 'Request' }).getByRole('button', { name: 'As it was forwarded' }).click();
  await expect(mutated.getByText('debug', { exact: true })).toBeVisible();

  await page.keyboard.press('Escape');
  await filter(page).fill('rule:checkout.spec.ts:8');
  await expect(rows(page)).toHaveCount(1);
  await filter(page).fill('rule:mutation');
  await expect(row(page, 5)).toBeVisible();
});

test('a request that the browser sent by itself is folded, and found', async ({ page, show }) => {
  const har = checkout();
  const problem = `Nothing came.\n\n  #90 GET https://content-autofill.googleapis.com/`;
  await show({ har: archive([...har.log.entries, ...background(90)]), problems: [problem] });
  const fold = page.getByRole('button', { name: '2 requests of the browser itself' });
  await expect(page.getByText('16 exchanges')).toBeVisible();
  await expect(fold).toHaveAttribute('aria-expanded', 'false');
  await expect(rows(page)).toHaveCount(14);
  // They come long after the others, which the axis is for.
  await expect(page.locator('#axis')).not.toContainText('10 s');

  await fold.focus();
  await page.keyboard.press('Enter');
  await expect(fold).toBeFocused();
  await expect(fold).toHaveAttribute('aria-expanded', 'true');
  await expect(row(page, 90)).toBeVisible();
  await expect(row(page, 91)).toBeVisible();
  await fold.click();
  await expect(row(page, 90)).toHaveCount(0);

  await filter(page).fill('autofill');
  await expect(rows(page)).toHaveCount(1);
  await filter(page).fill('');
  await expect(rows(page)).toHaveCount(14);
  await page.getByRole('link', { name: '#90' }).click();
  await expect(details(page, 90)).toBeVisible();
  await expect(row(page, 90)).toBeInViewport();
});

test('a request is copied as a command', async ({ page, show, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await show({});
  await row(page, 10).click();

  await page.getByRole('button', { name: 'Copy as cURL' }).click();

  await expect(page.getByRole('status')).toHaveText('The command is in the clipboard.');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(
    "curl --globoff --compressed 'https://api.pay.test/v1/charges'",
  );
});

test('a folded part stays folded in the next exchange', async ({ page, show }) => {
  await show({});
  await row(page, 1).click();
  await details(page, 1).getByRole('heading', { name: 'Timing' }).click();
  await expect(details(page, 1).getByText('Total')).toBeHidden();

  await page.keyboard.press('Escape');
  await row(page, 2).click();

  await expect(details(page, 2).getByRole('heading', { name: 'Timing' })).toBeVisible();
  await expect(details(page, 2).getByText('Total')).toBeHidden();
});

test('a long body is shown in part until all of it is asked for', async ({ page, show }) => {
  const text = JSON.stringify({ list: Array.from({ length: 20_000 }, (_, at) => at) });
  await show({ har: archive([entry({ content: { mimeType: 'application/json', text } })]) });
  await row(page, 1).click();
  const body = page.locator('.text pre');
  await expect(body).not.toContainText('19999');

  await page.getByRole('button', { name: /^Show [\d,]+ more characters$/ }).click();

  await expect(body).toContainText('19999');
});

test('an empty archive is shown as one', async ({ page, show }) => {
  await show({ har: archive([]) });

  await expect(page.getByText('0 exchanges')).toBeVisible();
  await expect(page.getByText('Nothing went through the proxy during this test.')).toBeVisible();
});

test('the document has those in sight of 3,000 exchanges', async ({ page, show }) => {
  await show({ har: many(3000) });
  await expect(page.getByText('3,000 exchanges')).toBeVisible();
  expect(await rows(page).count()).toBeLessThan(120);

  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await expect(row(page, 3000)).toBeInViewport();
  await expect(row(page, 1)).toHaveCount(0);
  expect(await rows(page).count()).toBeLessThan(120);

  await filter(page).fill('products/1234/');
  await expect(rows(page)).toHaveCount(1);
  await expect(row(page, 1235)).toBeInViewport();
  await row(page, 1235).click();
  await expect(details(page, 1235)).toBeVisible();
  await page.keyboard.press('Escape');
  await filter(page).fill('');
  await page.keyboard.press('ArrowDown');
  await expect(row(page, 1235).getByRole('button')).toBeFocused();
  for (let id = 1236; id < 1276; id++) await page.keyboard.press('ArrowDown');
  await expect(row(page, 1275).getByRole('button')).toBeFocused();
  await expect(row(page, 1275)).toBeInViewport();
});

test('hostile data is text, wherever it stands', async ({ page, show }) => {
  const evil = `</script></title><script>alert(1)</script><img src=x onerror=alert(2)><!--'"&amp;\u2028\u202e\u0000\ud800`;
  const fields = [{ name: evil, value: evil }];
  const json = JSON.stringify({ [evil]: evil, __proto__: evil });
  const cookies = [{ name: evil, value: evil, path: evil }];
  const hostile = entry({
    method: evil,
    url: `javascript:alert(3)//${evil}`,
    headers: fields,
    postData: { mimeType: `application/x-www-form-urlencoded${evil}`, params: fields, text: evil },
    content: { mimeType: 'application/json', text: json, comment: evil },
    request: { cookies, queryString: fields, _trailers: fields, httpVersion: evil },
    response: { statusText: evil, cookies, headers: fields, _error: `WAYLAY_EVIL: ${evil}` },
    more: {
      _source: evil,
      comment: evil,
      _initiator: { step: evil, pageURL: evil, client: evil },
      _securityDetails: { protocol: evil, subjectName: evil, defect: evil },
      _rules: [{ kind: evil, pattern: evil, place: evil }],
      _forwardedRequest: entry({ method: evil, url: `javascript:alert(7)//${evil}x`, headers: [...fields, ...fields] })
        .request,
      _originalResponse: entry({ status: 201, headers: fields, content: { mimeType: 'text/html', text: `${evil}!` } })
        .response,
      _webSocketMessages: [
        { type: 'send', time: 1, opcode: 1, data: evil },
        { type: 'receive', time: Number.NaN, opcode: 2, data: 'no base64 <b>' },
      ],
    },
  });
  const html = entry({ id: 2, content: { mimeType: 'text/html', text: `<script>alert(4)</script>${evil}` } });
  const svg = entry({
    id: 3,
    content: {
      mimeType: 'image/svg+xml',
      text: '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(5)"><script>alert(6)</script><image href="https://evil.test/x.png"/></svg>',
    },
  });
  await show({
    title: evil,
    har: archive([hostile, html, svg, ...background(4)]),
    problems: [evil, `\n  #1 ${evil}`],
    warnings: [evil],
    leaks: [evil],
  });

  await expect(rows(page)).toHaveCount(3);
  for (const id of [1, 2, 3]) {
    await row(page, id).click();
    await expect(details(page, id)).toBeVisible();
    for (const side of await details(page, id).locator('.side').all()) await side.click();
    await page.keyboard.press('Escape');
  }
  await filter(page).fill(evil);
  await expect(page.locator('script')).toHaveCount(2);
  expect(await page.locator('img:not([alt="The body as an image"]), iframe, object').count()).toBe(0);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`text is readable where ${colorScheme} is preferred`, async ({ page, show }) => {
    await page.setViewportSize({ width: 1600, height: 1400 });
    await page.emulateMedia({ colorScheme });
    await show({ problems: [checkoutProblem], warnings: ['A stub was not used.'] });
    await row(page, 10).click();
    await expect(details(page, 10)).toBeVisible();

    // WCAG 2.2, 1.4.3: 4.5 to 1.
    expect(await page.evaluate(faintTexts)).toEqual([]);
    await row(page, 5).click();
    await expect(details(page, 5)).toBeVisible();
    expect(await page.evaluate(faintTexts)).toEqual([]);
    const background = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    expect(background).toBe(colorScheme === 'dark' ? 'rgb(20, 22, 26)' : 'rgb(255, 255, 255)');
  });
}

for (const width of [400, 700, 1000, 1600]) {
  test(`nothing sticks out at ${width} pixels`, async ({ page, show }) => {
    await page.setViewportSize({ width, height: 900 });
    const changed = checkout()
      .log.entries.filter(({ _id }) => _id === 5)
      .map((one) => ({ ...one, _id: 60 }));
    await show({ problems: [checkoutProblem], har: archive([...many(50).log.entries, ...changed, ...background(90)]) });
    const overflow = () =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(await overflow()).toBe(0);

    await filter(page).fill('source:mutated');
    await row(page, 60).click();
    await expect(details(page, 60)).toBeVisible();
    expect(await overflow()).toBe(0);
    const panel = details(page, 60);
    expect(await panel.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
    await page.keyboard.press('Escape');
    await filter(page).fill('');

    await row(page, 3).click();

    await expect(details(page, 3)).toBeVisible();
    expect(await overflow()).toBe(0);
    const heights = await rows(page).evaluateAll((all) => [...new Set(all.map((each) => each.clientHeight))]);
    expect(heights).toHaveLength(1);
    // A layer over all takes the focus, and gives it back.
    if (width < 960) await expect(details(page, 3)).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(row(page, 3).getByRole('button')).toBeFocused();
  });
}

test('the view opens from the report of a failed test, offline', async ({ page, context }, testInfo) => {
  testInfo.setTimeout(120_000); // a whole run
  const folder = testInfo.outputPath('project');
  mkdirSync(folder);
  writeFileSync(join(folder, 'traffic.html'), trafficView({ title, har: checkout(), problems: [checkoutProblem] }));
  writeFileSync(
    join(folder, 'failing.spec.ts'),
    `import { join } from 'node:path';
import { test } from ${JSON.stringify(createRequire(import.meta.url).resolve('@playwright/test'))};
test('fails', async ({}, testInfo) => {
  await testInfo.attach('traffic.html', { path: join(__dirname, 'traffic.html'), contentType: 'text/html' });
  throw new Error('as it is meant to');
});`,
  );
  // A project apart: else its results would take the place of this run's, and git ignores this folder.
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(
    join(folder, 'playwright.config.ts'),
    `export default { testDir: '.', reporter: [['html', { open: 'never', outputFolder: 'report' }]] };`,
  );
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(TEST_|PW_|PLAYWRIGHT_)/.test(name)),
  );
  const run = spawn(process.execPath, [commandFile('@playwright/test', 'playwright'), 'test', '-c', folder], {
    cwd: root,
    env,
    stdio: 'ignore',
  });
  expect(await once(run, 'close')).toEqual([1, null]);

  await context.setOffline(true);
  await page.goto(pathToFileURL(join(folder, 'report', 'index.html')).href);
  await page.getByRole('link', { name: 'fails', exact: true }).click();
  const [view] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('link', { name: 'traffic.html' }).click(),
  ]);

  await expect(view.getByRole('heading', { level: 1 })).toHaveText(title);
  await view.getByRole('link', { name: '#10' }).click();
  await expect(details(view, 10)).toBeVisible();
});

/** Runs in the page: texts whose colour is too near to their background's. */
function faintTexts(): string[] {
  const parse = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (rgb: number[]) => {
    const [r = 0, g = 0, b = 0] = rgb.map((value) => {
      const share = value / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const backgroundOf = (element: Element | null): number[] => {
    for (let each = element; each !== null; each = each.parentElement) {
      const [r = 0, g = 0, b = 0, alpha = 1] = parse(getComputedStyle(each).backgroundColor);
      if (alpha > 0.5) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const faint: string[] = [];
  for (const element of document.querySelectorAll('body *:not(script):not(noscript)')) {
    const text = [...element.childNodes]
      .map((node) => (node.nodeType === 3 ? (node.textContent ?? '').trim() : ''))
      .join('');
    if (text === '' || element.getClientRects().length === 0) continue;
    const lights = [luminance(parse(getComputedStyle(element).color).slice(0, 3)), luminance(backgroundOf(element))];
    const ratio = (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
    if (ratio < 4.5) faint.push(`${element.className || element.tagName} '${text.slice(0, 30)}' ${ratio.toFixed(2)}`);
  }
  return [...new Set(faint)];
}
