/** The time that a test has is its own: setting Waylay up, which a busy machine may take long for, has another. */
import { expect, test } from '../../fixtures/playwright.js';

const LIMIT = 1000;

/** Options that take the whole of a test's time to be read. */
function readSlowly<T extends object>(options: T): T {
  return new Proxy(options, {
    ownKeys(target) {
      const end = performance.now() + LIMIT;
      while (performance.now() < end);
      return Reflect.ownKeys(target);
    },
  });
}

test.describe('a test of one second', () => {
  test.describe.configure({ timeout: LIMIT });
  test.use({ waylayOptions: readSlowly({ unmatched: 'refuse' as const }) });

  test('has it for itself', ({ waylay }) => {
    expect(waylay.port).toBeGreaterThan(0);
  });
});
