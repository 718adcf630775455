import { readFileSync } from 'node:fs';
import { expect, record, test } from './test.js';

test('fills and sends a form', async ({ page }) => {
  await page.goto('/form');
  await page.getByLabel('Name').fill('Ada Lovelace & co');
  await page.getByLabel('Size').selectOption('M');
  await page.getByLabel('News').check();
  await page.getByLabel('Cash').check();
  await page.getByLabel('Note').fill('größer\nthan');
  await page.getByRole('button', { name: 'Send' }).click();

  await expect(page).toHaveURL(/\/echo\?name=Ada/);
  await record(await page.locator('body').textContent());
});

test('posts a form', async ({ page }) => {
  await page.goto('/form');
  await page.getByLabel('Name').fill('Ada');
  const sent = page.waitForRequest((request) => request.method() === 'POST');
  await page.getByRole('button', { name: 'Post' }).click();

  const request = await sent;
  expect(request.postDataJSON()).toMatchObject({ name: 'Ada', size: 'S' });
  await expect(page).toHaveURL('/echo');
  await record([request.postData(), await page.locator('body').textContent()]);
});

test('is held back by a required field', async ({ page }) => {
  await page.goto('/form');
  await page.getByRole('button', { name: 'Send' }).click();

  await expect(page.locator('input:invalid')).toHaveCount(1);
  await expect(page).toHaveURL('/form');
});

test('logs in, and is logged in', async ({ page, context }) => {
  await page.goto('/account');
  await expect(page).toHaveURL('/login-form');
  await page.getByLabel('User').fill('ada');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button').click();
  await expect(page).toHaveURL('/login-form?wrong');
  await page.getByLabel('User').fill('ada');
  await page.getByLabel('Password').fill('secret');
  await page.getByRole('button').click();

  await expect(page.getByRole('heading')).toHaveText('Hello ada');
  await record((await context.cookies()).map(({ name, value, httpOnly, domain }) => [name, value, httpOnly, domain]));
});

test('uploads files byte for byte', async ({ page }, testInfo) => {
  await page.goto('/upload-form');
  await page.getByLabel('Files').setInputFiles([
    { name: 'bytes.bin', mimeType: 'application/octet-stream', buffer: Buffer.from([0, 1, 127, 128, 255]) },
    { name: 'große.txt', mimeType: 'text/plain', buffer: Buffer.alloc(300_000, 'text ') },
  ]);
  await page.getByRole('button', { name: 'Upload' }).click();

  await expect(page).toHaveTitle('uploaded');
  await record([testInfo.title, await page.locator('pre').allTextContents()]);
});

test('uploads through the file chooser', async ({ page }, testInfo) => {
  const path = testInfo.outputPath('chosen.txt');
  await page.goto('/upload-form');
  const chooser = page.waitForEvent('filechooser');
  await page.getByLabel('Files').click();
  const opened = await chooser;
  expect(opened.isMultiple()).toBe(true);
  const { writeFile } = await import('node:fs/promises');
  await writeFile(path, 'chosen');
  await opened.setFiles(path);
  await page.getByRole('button', { name: 'Upload' }).click();

  await expect(page).toHaveTitle('uploaded');
  await record(await page.locator('pre').allTextContents());
});

test('downloads what a link leads to', async ({ page }) => {
  await page.goto('/downloads');
  const coming = page.waitForEvent('download');
  await page.getByRole('link', { name: 'table' }).click();

  const download = await coming;
  const content = readFileSync(await download.path(), 'utf8');
  expect(content).toBe('a,b\n1,2\n');
  await record([download.suggestedFilename(), download.url(), await download.failure()]);
});

test('downloads what the page made', async ({ page }, testInfo) => {
  await page.goto('/downloads');
  const coming = page.waitForEvent('download');
  await page.getByRole('link', { name: 'made' }).click();

  const path = testInfo.outputPath('made.txt');
  await (await coming).saveAs(path);
  expect(readFileSync(path, 'utf8')).toBe('made here');
});

test('a download that breaks off has failed', async ({ page }) => {
  await page.goto('/downloads');
  const coming = page.waitForEvent('download');
  await page.getByRole('link', { name: 'part' }).click();

  await record([await (await coming).failure()]);
});

test('answers dialogs', async ({ page }) => {
  const seen: string[][] = [];
  page.on('dialog', async (dialog) => {
    seen.push([dialog.type(), dialog.message(), dialog.defaultValue()]);
    await (dialog.type() === 'prompt' ? dialog.accept('Ada') : dialog.accept());
  });
  await page.goto('/dialogs');
  for (const name of ['alert', 'confirm', 'prompt']) await page.getByRole('button', { name }).click();
  await expect(page.getByRole('button', { name: 'Ada' })).toBeVisible();
  await page.close({ runBeforeUnload: true });
  await expect.poll(() => seen.length).toBe(4);

  await record(seen);
});
