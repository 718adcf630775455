import { expect, test } from 'waylay/playwright';

test('what Ada says reaches Grace, in the words that she sent', async ({ page: ada, context, waylay }) => {
  const sockets = waylay.expectRequest('ws://chat.test/tea', { times: 2 });

  const grace = await context.newPage();
  await ada.goto('/tea?name=Ada');
  await expect(ada.getByRole('status')).toHaveText('Online');
  await grace.goto('/tea?name=Grace');
  await expect(grace.getByRole('status')).toHaveText('Online');
  await ada.getByLabel('Message').fill('The kettle is on.');
  await ada.getByRole('button', { name: 'Send' }).click();
  await expect(grace.getByRole('listitem')).toHaveText('Ada: The kettle is on.');

  // A WebSocket begins as a request, whose answer is 101.
  const [first, second] = await sockets.all();
  expect(first?.request).toHaveHeader('sec-websocket-protocol', 'chat.v1');
  expect(first).toHaveStatus(101);
  // After that, its exchange has the messages of both sides.
  const data = JSON.stringify({ from: 'Ada', text: 'The kettle is on.' });
  expect(first?.messages).toMatchObject([
    { from: 'client', type: 'text', data },
    { from: 'server', type: 'text', data },
  ]);
  expect(second?.messages).toMatchObject([{ from: 'server', type: 'text', data }]);
});

test('who is turned away tries again', async ({ page, waylay }) => {
  waylay.stubResponse('ws://chat.test/coffee', 503, { times: 2 });

  await page.goto('/coffee?name=Ada');

  await expect(page.getByRole('status')).toHaveText('Online');
  await expect(waylay).toHaveReceived('ws://chat.test/coffee', { times: 3 });
});
