/** Exchanges as runners and consoles print them: nothing that is masked elsewhere. */
import { inspect } from 'node:util';
import { expect as jestExpect } from 'expect';
import { expect, test } from 'vitest';
import { exchange, respond } from '../matchers/wire.js';

test.each([
  ['inspect', (value: unknown) => inspect(value, { depth: 9 })],
  ['JSON', (value: unknown) => JSON.stringify(value)],
  [
    'a failed matcher',
    (value: unknown) => {
      try {
        jestExpect([value]).toHaveLength(0);
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    },
  ],
])('%s shows what it is, and no fields', (_, print) => {
  const one = exchange({ method: 'POST', url: 'https://shop.test/pay', headers: ['Authorization', 's3cr3t'] });
  respond(one, 402, ['Set-Cookie', 's3cr3t=1'], 's3cr3t');

  const printed = print(one);
  expect(printed).toContain('POST https://shop.test/pay');
  expect(printed).toContain('402');
  expect(printed).not.toContain('s3cr3t');
  for (const message of [one.request, one.response]) expect(print(message)).not.toContain('s3cr3t');
});
