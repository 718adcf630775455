import { expect, test } from './fixtures.js';

test('signing in takes five hops, each with its cookies', async ({ page, waylay }) => {
  await page.goto('/account');
  await page.getByLabel('Name').fill('Ada');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading')).toHaveText('Welcome, Ada');

  // page.route would show the first request of each chain; on the wire are all.
  const [account, authorize, login, callback, welcome] = await waylay.expectOrder([
    'GET https://app.test/account',
    { method: 'GET', host: 'login.test', path: '/authorize' },
    { method: 'POST', host: 'login.test', path: '/authorize', form: { name: 'Ada' } },
    { method: 'GET', host: 'app.test', path: '/callback', query: { code: /./, state: /./ } },
    'GET https://app.test/account',
  ]);

  expect(account).toHaveStatus(303);
  expect(account.response).toHaveHeader('location', /^https:\/\/login\.test\/authorize\?state=/);
  expect(account.response).toHaveHeader('set-cookie', /^__Host-state=.+; Secure; HttpOnly; SameSite=Lax$/);

  expect(authorize).toHaveStatus(200);
  expect(login).toHaveStatus(303);
  expect(login.response).toHaveHeader('location', callback.request.url);

  expect(callback).toHaveStatus(303);
  expect(callback.response).toHaveHeader('set-cookie', /^__Host-session=.+; Secure; HttpOnly; SameSite=Lax$/);

  expect(welcome).toHaveStatus(200);
  expect(welcome.request).toMatchRequest({ cookies: { '__Host-session': /./, sso: null } });
  // The application's cookies are never shown to the login provider.
  await expect(waylay).not.toHaveReceived({ host: 'login.test', cookies: { '__Host-state': /./ } });
});

test('a forged state is refused', async ({ page, waylay }) => {
  waylay.mutate(
    { host: 'app.test', path: '/callback' },
    { request: { url: (url) => url.replace(/state=[\w-]+/, 'state=forged') } },
  );

  await page.goto('/account');
  await page.getByRole('button', { name: 'Sign in' }).click();

  await expect(page.getByRole('heading')).toHaveText('Try again');
  const { response } = await waylay.expectRequest({ host: 'app.test', path: '/callback' });
  expect(response).toHaveStatus(403);
  expect(response).not.toHaveHeader('set-cookie', /session/);
});
