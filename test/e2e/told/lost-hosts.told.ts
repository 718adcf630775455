import { expect, test } from '../../../fixtures/playwright.js';

test.describe('in the file', () => {
  test.use({ waylayOptions: { hosts: { 'file.test': '127.0.0.1:9' } } });

  test('a test that maps a host', ({ waylay }) => {
    expect(waylay.exchanges).toEqual([]);
  });

  test.describe('in a group', () => {
    test.use({ waylayOptions: { unmatched: 'forward' } });

    // First: after a test that failed, a new worker runs the others.
    test('hosts of the file are lost', async ({ request }) => {
      await request.get('https://file.test/');
    });

    test('hosts of the config are lost', async ({ page }) => {
      await page.goto('https://config.test/');
    });

    test('hosts are lost and not missed', async ({ request }) => {
      await expect(request.get('https://api.config.test/')).rejects.toThrow();
    });

    test('a host that nobody maps', async ({ request }) => {
      await request.get('https://nowhere.test/');
    });
  });
});
