import { expect, test } from 'waylay/playwright';

// Every byte there is, line ends and what is no text among them, up to 100 kB.
const photo = {
  name: 'kettle.png',
  mimeType: 'image/png',
  buffer: Buffer.alloc(100_000, Uint8Array.from(Array(256).keys())),
};

test.beforeEach(async ({ page }) => {
  await page.goto('/');
  await page.getByLabel('Photo').setInputFiles(photo);
});

test('a photo is published with its title, byte for byte', async ({ page, waylay }) => {
  const upload = waylay.expectRequest('POST /photos', {
    multipart: { title: 'My kettle', photo: { filename: 'kettle.png', contentType: 'image/png', body: photo.buffer } },
  });

  await page.getByLabel('Title').fill('My kettle');
  await page.getByRole('button', { name: 'Publish' }).click();

  // The parts in the order in which they were sent.
  const { request, response } = await upload.finished();
  expect(request.multipart().map(({ name }) => name)).toEqual(['title', 'photo']);
  expect(response).toHaveStatus(201);
});

test('a backup is the photo and nothing else', async ({ page, waylay }) => {
  await page.getByRole('button', { name: 'Back up' }).click();
  await expect(page.getByRole('status')).toHaveText('Done.');

  const { request } = await waylay.expectRequest('PUT /backup/kettle.png');
  expect(request).toHaveHeader('content-type', 'image/png');
  expect(request).toHaveHeader('content-length', '100000');
  expect(request.body.equals(photo.buffer)).toBe(true);
});
