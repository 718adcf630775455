import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWaylay } from 'waylay';

test('the cart of a program', async () => {
  await during(await startWaylay(), async (waylay) => {
    waylay.stubResponse('https://api.invalid/cart', { json: { items: 2 } });
    const cart = waylay.expectRequest('https://api.invalid/cart');
    const script = `fetch('https://api.invalid/cart').then((response) => response.text()).then(console.log)`;
    const { stdout } = await waylay.spawn(process.execPath, ['-e', script]);
    assert.equal(stdout, '{"items":2}\n');
    assert.equal((await cart).request.method, 'GET');
    assert.equal(waylay.verify(), undefined);
  });
});

async function during(waylay, use) {
  try {
    await use(waylay);
  } finally {
    await waylay.stop();
  }
}
