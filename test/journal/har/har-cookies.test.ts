import { describe, expect, test } from 'vitest';
import { entryOf } from './har-entries.js';

describe('cookies', () => {
  test('of a request are split, also from several fields, and keep what follows the first =', () => {
    const { cookies } = entryOf({ headers: ['Cookie', 'a=1; b=x=y==;c', 'cookie', ' d = 4 '] }, { mask: [] }).request;
    expect(cookies).toEqual([
      { name: 'a', value: '1' },
      { name: 'b', value: 'x=y==' },
      { name: '', value: 'c' },
      { name: 'd', value: '4' },
    ]);
  });

  const cookieOf = (value: string) =>
    entryOf({ response: { headers: ['Set-Cookie', value] }, timing: { responseStart: 1000 } }, { mask: [] }).response
      .cookies[0];

  test('of a response have their attributes', () => {
    expect(cookieOf('id=a=b; Path=/; domain=shop.test; SECURE; HttpOnly; SameSite=Lax; Priority=High')).toEqual({
      name: 'id',
      value: 'a=b',
      path: '/',
      domain: 'shop.test',
      secure: true,
      httpOnly: true,
      sameSite: 'Lax',
    });
  });

  test.each([
    ['Expires=Wed, 21 Oct 2026 07:28:00 GMT', '2026-10-21T07:28:00.000Z'],
    ['Expires=Wed, 21-Oct-2026 07:28:00 GMT', '2026-10-21T07:28:00.000Z'],
    ['Expires=Wed, 21 Oct 2026 07:28:00', '2026-10-21T07:28:00.000Z'],
    ['Max-Age=60', '2026-01-02T03:05:06.006Z'],
    ['Max-Age=60; Expires=Wed, 21 Oct 2026 07:28:00 GMT', '2026-01-02T03:05:06.006Z'],
    ['Max-Age=0', '1970-01-01T00:00:00.000Z'],
    ['Max-Age=soon', undefined],
    [`Max-Age=${'9'.repeat(40)}`, undefined],
    ['Expires=never', undefined],
    ['Path=/', undefined],
  ])('with %s expire at %s', (attribute, expires) => {
    expect(cookieOf(`a=1; ${attribute}`)?.expires).toBe(expires);
  });

  test('that are repeated are all there, in order', () => {
    const headers = ['set-cookie', 'a=1', 'x', 'y', 'Set-Cookie', 'a=2', 'set-cookie', ''];
    const { cookies } = entryOf({ response: { headers } }, { mask: [] }).response;
    expect(cookies.map(({ name, value }) => [name, value])).toEqual([
      ['a', '1'],
      ['a', '2'],
      ['', ''],
    ]);
  });
});
