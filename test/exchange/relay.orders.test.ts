/** The relay in all orders of what can happen to an exchange. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { happen, order } from './orders.js';

test('an exchange ends once, in whatever order things happen, and holds on to nothing', async () => {
  await fc.assert(
    fc.asyncProperty(order, async (generated) => {
      const { log, wrongs } = await happen(generated);
      // The whole sequence is shown with what is wrong with it.
      if (wrongs.length > 0) expect([...log, ...wrongs]).toEqual(log);
    }),
    { numRuns: 500 },
  );
});
