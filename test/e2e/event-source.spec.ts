/** A stub's server-sent events, as an `EventSource` takes them. */
import { expect, test } from './origins.js';

test('events reach the page as they are sent; after the last one it connects again', async ({ page, waylay }) => {
  let more = () => {};
  const asked = new Promise<void>((resolve) => {
    more = resolve;
  });
  const stub = waylay.stubResponse('https://shop.test/prices', [
    {
      sse: async function* () {
        yield { event: 'price', id: '1', data: { eur: 42 }, retry: 1 };
        await asked;
        yield 'two\nlines';
      },
    },
    (request) => ({
      sse: async function* () {
        yield `after ${request.header('last-event-id')}`;
        await new Promise(() => {});
      },
    }),
  ]);
  await page.goto('https://shop.test/');
  const seen = page.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        const messages: string[] = [];
        const source = new EventSource('/prices');
        source.addEventListener('price', ({ data }) => {
          messages.push(`price ${data}`);
          document.title = 'priced';
        });
        source.onmessage = ({ data }) => {
          messages.push(data);
          if (messages.length === 3) resolve(messages);
        };
      }),
  );

  // The first event is there while the second has not been sent.
  await expect(page).toHaveTitle('priced');
  more();

  expect(await seen).toEqual(['price {"eur":42}', 'two\nlines', 'after 1']);
  expect(stub.hits).toBe(2);
});
