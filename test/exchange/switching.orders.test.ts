/** The switch of protocols in all orders of what can happen to it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { happenSwitching, switchingOrder } from './switching-orders.js';

test('an exchange that switches protocols ends once, in whatever order things happen, and holds on to nothing', async () => {
  await fc.assert(
    fc.asyncProperty(switchingOrder, async (generated) => {
      const { log, wrongs } = await happenSwitching(generated);
      // The whole sequence is shown with what is wrong with it.
      if (wrongs.length > 0) expect([...log, ...wrongs]).toEqual(log);
    }),
    { numRuns: 500 },
  );
});
