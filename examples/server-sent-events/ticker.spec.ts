import { expect, test } from 'waylay/playwright';

test('the page listens to the prices of the server', async ({ page, waylay }) => {
  await page.goto('/');
  await expect(page.getByRole('listitem')).toHaveText(['€ 42']);

  // The stream stays open; `body` is what has come so far.
  const { request, response } = await waylay.expectRequest('/prices');
  expect(request).toHaveHeader('accept', 'text/event-stream');
  expect(response).toHaveHeader('cache-control', 'no-store');
  expect(response?.body.toString()).toBe('id: 1\nevent: price\ndata: {"eur":42}\n\n');
});

test('after a lost connection, the browser says what it has seen', async ({ page, waylay }) => {
  const event = 'price';
  waylay.stubResponse('/prices', [
    // The end of the list is the end of the stream; `retry` is how long the browser waits, in milliseconds.
    {
      sse: [
        { id: '7', event, data: { eur: 40 } },
        { id: '8', event, data: { eur: 41 }, retry: 10 },
      ],
    },
    {
      sse: async function* () {
        yield { id: '9', event, data: { eur: 43 } };
        await new Promise(() => {}); // stays open
      },
    },
  ]);

  await page.goto('/');
  await expect(page.getByRole('listitem')).toHaveText(['€ 40', '€ 41', '€ 43']);

  const [first, second] = await waylay.expectRequest('/prices', { times: 2 }).all();
  expect(first?.request).not.toHaveHeader('last-event-id');
  expect(second?.request).toHaveHeader('last-event-id', '8');
});
