import { expect, test } from 'waylay/playwright';

// Three things a test can say: what must go over the wire, what comes back, what is changed on the way.

test('a new task is sent to the server', async ({ page, waylay }) => {
  // Patterns are URLs, relative ones to `baseURL`; `json` matches as a subset.
  const added = waylay.expectRequest('POST /api/tasks', { json: { title: 'Buy tea' } });

  await page.goto('/');
  await page.getByLabel('Task').fill('Buy tea');
  await page.getByRole('button', { name: 'Add' }).click();

  const { request, response } = await added.finished();
  expect(request).toHaveHeader('content-type', 'application/json');
  expect(response).toHaveStatus(201);
});

test('who has no tasks may enjoy the day', async ({ page, waylay }) => {
  // Answered by the test: the server is not asked.
  waylay.stubResponse('/api/tasks', { json: [] });

  await page.goto('/');

  await expect(page.getByRole('status')).toHaveText('Nothing to do. Enjoy the day!');
});

test('what is done is not shown', async ({ page, waylay }) => {
  // Answered by the server; its answer is changed.
  waylay.mutate('/api/tasks', {
    response: { json: (tasks: object[]) => tasks.map((task) => ({ ...task, done: true })) },
  });

  await page.goto('/');

  await expect(page.getByRole('status')).toHaveText('Nothing to do. Enjoy the day!');
  await expect(page.getByRole('listitem')).toHaveCount(0);
});
