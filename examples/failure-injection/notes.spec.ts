import { expect, test } from 'waylay/playwright';

const failures = [
  ['breaks', { fault: 'reset' }, 'That did not work.'],
  ['ends in the middle', { fault: 'truncate', after: 10 }, 'That did not work.'],
  ['never comes', { fault: 'hang' }, 'That takes too long.'],
  ['is an error', { status: 500 }, 'That did not work.'],
  ['is the page of a hotel’s network', { text: '<title>Log in</title>' }, 'That did not work.'],
] as const;

test('the reader is told why there are no notes', async ({ page, waylay }) => {
  for (const [answer, response, reason] of failures) {
    await test.step(`the answer ${answer}`, async () => {
      const failure = waylay.mutate('GET /api/notes', { response });

      await page.goto('/');

      await expect(page.getByRole('alert')).toHaveText(`Your notes are safe, but cannot be shown. ${reason}`);
      failure.remove();
    });
  }
});

test('a note is saved once, though its first answer is lost', async ({ page, waylay }) => {
  // The note reaches the server; then the connection breaks.
  waylay.mutate('POST /api/notes', { response: { fault: 'reset' } }, { times: 1 });
  const text = `Buy tea, ${new Date().toISOString()}`;

  await page.goto('/');
  await page.getByLabel('Note').fill(text);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status')).toHaveText('Saved.');

  const [lost, answered] = await waylay.expectRequest('POST /api/notes', { times: 2 }).all();
  expect(lost?.error?.code).toBe('WAYLAY_FAULT');
  expect(answered?.request).toHaveHeader('idempotency-key', lost?.request.headers['idempotency-key']);
  await expect(page.getByText(text)).toHaveCount(1);
});
