/** The words for what a rule asked for and did not come about. */
import { describe, expect, test } from 'vitest';
import { TestError } from '../../src/errors.js';
import { called, ruleFailure } from '../../src/exchange/relay-errors.js';
import type { Exchange } from '../../src/journal/exchange.js';

// Nothing but its name is asked for.
const exchange = { toString: () => 'GET https://shop.test/' } as Exchange;

describe('the failure of a rule', () => {
  test('blames no function for a body that cannot be decoded', () => {
    const cause = new TestError('WAYLAY_BODY_UNREADABLE', 'The body is not valid gzip.');
    expect(ruleFailure(exchange, cause).error).toMatchObject({
      code: 'WAYLAY_HANDLER',
      message: 'GET https://shop.test/ could not be changed: The body is not valid gzip.',
      cause,
    });
  });

  test('is of Waylay where neither the rule nor a function threw', () => {
    const { error } = ruleFailure(exchange, new TypeError('a mistake of ours'));
    expect(error).toMatchObject({ code: 'WAYLAY_INTERNAL', fault: 'waylay' });
  });

  test('is of the function where it threw, at once or later', async () => {
    const thrown = { code: 'WAYLAY_HANDLER', message: expect.stringContaining('failed: Error: no') };
    const no = (): never => {
      throw new Error('no');
    };
    expect(() => called(exchange, no)).toThrow(expect.objectContaining(thrown));
    await expect(called(exchange, async () => no())).rejects.toMatchObject(thrown);
  });
});
