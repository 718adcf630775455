/** Pages in charsets of their own: what Chromium shows is the same without Waylay, through it, and after a change. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test as direct, expect, type Page } from '@playwright/test';
import { test as waylay } from '../../fixtures/playwright.js';

const CYRILLIC = Buffer.from([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]); // Привет in windows-1251
const LATIN = Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x20, 0x80]); // café € in windows-1252
const page = (head: string, text: Buffer | string) =>
  Buffer.concat([Buffer.from(`<link rel="icon" href="data:,">${head}<p>`), Buffer.from(text), Buffer.from('<p>MARK')]);
const wide = Buffer.from('\ufeff<link rel="icon" href="data:,"><p>é→<p>MARK', 'utf16le');

/** Path, content type, page, the charset and the text that Chromium finds. */
const PAGES: readonly (readonly [string, string, Buffer, string, string])[] = [
  ['/meta', 'text/html', page('<meta charset=iso-8859-1>', LATIN), 'windows-1252', 'café €'],
  [
    '/equiv',
    'text/html',
    page('<meta http-equiv=content-type content="text/html; charset=windows-1251">', CYRILLIC),
    'windows-1251',
    'Привет',
  ],
  ['/header', 'text/html; charset=windows-1251', page('<meta charset=utf-8>', CYRILLIC), 'windows-1251', 'Привет'],
  ['/blanks', 'text/html; charset = latin1', page('', LATIN), 'windows-1252', 'café €'],
  ['/japanese', 'text/html; charset=shift_jis', page('', Buffer.from([0x93, 0xfa, 0x96, 0x7b])), 'Shift_JIS', '日本'],
  ['/marked', 'text/html; charset=latin1', Buffer.concat([Buffer.from('\ufeff'), page('', 'é→')]), 'UTF-8', 'é→'],
  ['/wide', 'text/html; charset=latin1', wide, 'UTF-16LE', 'é→'],
  ['/utf-8', 'text/html; charset=utf-8', page('', 'é→'), 'UTF-8', 'é→'],
  [
    '/xhtml',
    'application/xhtml+xml',
    Buffer.concat([
      Buffer.from('<?xml version="1.0" encoding="windows-1251"?><html xmlns="http://www.w3.org/1999/xhtml"><body><p>'),
      CYRILLIC,
      Buffer.from('</p><p>MARK</p></body></html>'),
    ]),
    'windows-1251',
    'Привет',
  ],
];

const fixtures = {
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
  origin: async ({}: object, use: (origin: string) => Promise<void>) => {
    const server = createServer((request, response) => {
      const [, type, body] = PAGES.find(([path]) => path === request.url) ?? ['', 'text/html', Buffer.alloc(0)];
      response.setHeader('content-type', type);
      response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await use(`http://localhost:${(server.address() as AddressInfo).port}`);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  },
};

async function shown(page: Page, url: string) {
  await page.goto(url);
  return page.evaluate(() => [document.characterSet, ...[...document.querySelectorAll('p')].map((p) => p.textContent)]);
}

direct.extend<{ origin: string }>(fixtures)('pages without Waylay', async ({ page, origin }) => {
  for (const [path, , , charset, text] of PAGES) {
    expect([path, ...(await shown(page, origin + path))]).toEqual([path, charset, text, 'MARK']);
  }
});

const through = waylay.extend<{ origin: string }>(fixtures);

through('pages through Waylay', async ({ page, origin, waylay }) => {
  for (const [path, , , charset, text] of PAGES) {
    expect([path, ...(await shown(page, origin + path))]).toEqual([path, charset, text, 'MARK']);
  }
  const read = waylay.exchanges.map(({ response }) => response?.text() ?? '');
  expect(read.map((html) => /<p>(.*?)<\/?p>/.exec(html)?.[1])).toEqual(PAGES.map(([, , , , text]) => text));
});

through('pages that a mutation changes', async ({ page, origin, waylay }) => {
  waylay.mutate(`${origin}/**`, { response: { text: (old) => old.replace('MARK', 'é ж 日 😀') } });
  for (const [path, , , charset, text] of PAGES) {
    expect([path, ...(await shown(page, origin + path))]).toEqual([path, charset, text, 'é ж 日 😀']);
  }
});

through('a form in the charset of its page', async ({ page, waylay }) => {
  const headers = { 'content-type': 'text/html; charset=windows-1251' };
  const fields = '<input type=hidden name=_charset_><input name=name value="Привет"><button>Send</button>';
  waylay.stubResponse('GET http://forms.test/', {
    headers,
    text: `<form method=post action=/urlencoded>${fields}</form>`,
  });
  waylay.stubResponse('GET http://forms.test/files', {
    headers,
    text: `<form method=post action=/multipart enctype=multipart/form-data>${fields}<input type=file name="файл"></form>`,
  });
  waylay.stubResponse('POST http://forms.test/*', { text: 'Thanks' });

  await page.goto('http://forms.test/');
  await page.getByText('Send').click();
  await waylay.expectRequest({ path: '/urlencoded', form: { _charset_: 'windows-1251', name: 'Привет' } });
  await page.goto('http://forms.test/files');
  await page.locator('[type=file]').setInputFiles({ name: 'письмо.txt', mimeType: 'text/plain', buffer: CYRILLIC });
  await page.getByText('Send').click();
  await waylay.expectRequest({
    path: '/multipart',
    multipart: { name: 'Привет', файл: { filename: 'письмо.txt', text: 'Привет' } },
  });
});
