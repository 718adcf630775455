import { describe } from 'vitest';
import { expect, test } from 'waylay/vitest';

test('a fixture', async ({ waylay }) => {
  waylay.stubResponse('https://api.invalid/cart', { json: { items: 4 } });
  expect(await (await fetch('https://api.invalid/cart')).json()).toEqual({ items: 4 });
});

// A refused request fails its test.
describe('its options', () => {
  const ask = (): Promise<unknown> => fetch('https://api.invalid/').catch(() => {});
  const strict = test.extend({ waylayOptions: { unmatched: 'refuse' } });
  const user = strict.extend<{ user: string }>({ user: 'ada' });
  const lenient = user.extend({ waylayOptions: {} });

  strict.fails('are extended', async () => {
    await ask();
  });

  user.fails('go on where something else is extended', async ({ user }) => {
    if (user === 'ada') await ask();
  });

  lenient('are extended again', async ({ user }) => {
    await ask();
    expect(user).toBe('ada');
  });

  test('are as they were elsewhere', async () => {
    await ask();
  });
});
