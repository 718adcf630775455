import { describe, expect, test } from 'vitest';
import { chooseMethod, methodReply, outcomeOf, socksReply } from '../../../src/downstream/socks/reply.js';
import { type ErrorCode, UpstreamError } from '../../../src/errors.js';

describe('in a reply of SOCKS', () => {
  const failures: [code: ErrorCode, cause: string | undefined, five: number][] = [
    ['WAYLAY_UPSTREAM_REFUSED', 'ECONNREFUSED', 5],
    ['WAYLAY_UPSTREAM_REFUSED', 'EHOSTUNREACH', 4],
    ['WAYLAY_UPSTREAM_REFUSED', 'ENETUNREACH', 3],
    ['WAYLAY_UPSTREAM_REFUSED', 'EACCES', 1],
    ['WAYLAY_UPSTREAM_REFUSED', undefined, 1],
    ['WAYLAY_UPSTREAM_DNS', 'ENOTFOUND', 4],
    ['WAYLAY_UPSTREAM_TIMEOUT', 'ETIMEDOUT', 6],
    ['WAYLAY_UPSTREAM_LOOP', undefined, 2],
    ['WAYLAY_UPSTREAM_PROXY', undefined, 1],
  ];

  test.each(failures)('%s by %s is %i', (code, reason, five) => {
    const cause = reason === undefined ? undefined : Object.assign(new Error(reason), { code: reason });
    const outcome = outcomeOf(new UpstreamError(code, 'It failed.', { cause }));
    expect(socksReply(5, outcome)).toEqual(Buffer.from([5, five, 0, 1, 0, 0, 0, 0, 0, 0]));
    expect(socksReply(4, outcome)).toEqual(Buffer.from([0, 91, 0, 0, 0, 0, 0, 0]));
  });
});

test('a reply of SOCKS tells success', () => {
  expect(socksReply(5, 'connected')).toEqual(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
  expect(socksReply(4, 'connected')).toEqual(Buffer.from([0, 90, 0, 0, 0, 0, 0, 0]));
});

test.each([
  [[0], 'none', 0],
  [[2], 'password', 2],
  [[2, 0], 'none', 0],
  [[1, 2], 'password', 2],
  [[1], undefined, 255],
  [[], undefined, 255],
])('SOCKS takes, of the methods %j, %s', (offered, method, byte) => {
  expect(chooseMethod(offered)).toBe(method);
  expect(methodReply(chooseMethod(offered))).toEqual(Buffer.from([5, byte]));
});
