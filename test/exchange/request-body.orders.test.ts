/** A request's body in all orders of what can happen to it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bodyOrder, happenToBody } from './request-body-orders.js';

test('a request’s body is captured and handed on as it came, in whatever order things happen', async () => {
  await fc.assert(
    fc.asyncProperty(bodyOrder, async (generated) => {
      const { log, wrongs } = await happenToBody(generated);
      // The whole sequence is shown with what is wrong with it.
      if (wrongs.length > 0) expect([...log, ...wrongs]).toEqual(log);
    }),
    { numRuns: 500 },
  );
});
