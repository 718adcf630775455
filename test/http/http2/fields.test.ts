import { describe, expect, test } from 'vitest';
import { fromHttp2, requestToHttp2, responseToHttp2, toHttp2 } from '../../../src/http/http2/fields.js';

describe('fields for HTTP/2', () => {
  test('are in lower case and in order, repeated ones a list at the place of the first', () => {
    const fields = toHttp2(['Via', '1', 'Set-Cookie', 'a=1', 'X-A', '2', 'set-cookie', 'b=2', 'SET-COOKIE', 'c=3']);
    expect(Object.entries(fields)).toEqual([
      ['via', '1'],
      ['set-cookie', ['a=1', 'b=2', 'c=3']],
      ['x-a', '2'],
    ]);
  });

  test('may have any name, those of every object among them', () => {
    const names = ['constructor', '__proto__', 'tostring', 'hasownproperty'];
    const fields = toHttp2(names.flatMap((name) => [name, `of ${name}`]));
    // Node copies them like this.
    expect(Object.entries(Object.assign(Object.create(null), fields))).toEqual(
      names.map((name) => [name, `of ${name}`]),
    );
  });

  test('leave out what concerns one connection, and pseudo-header fields that are none', () => {
    expect({ ...toHttp2(['Connection', 'close', 'X-A', '1', ':status', '200']) }).toEqual({ 'x-a': '1' });
  });

  test('of a response begin with its status', () => {
    expect(Object.entries(responseToHttp2(404, ['X-A', '1']))).toEqual([
      [':status', 404],
      ['x-a', '1'],
    ]);
  });

  const head = {
    method: 'GET',
    scheme: 'https' as const,
    authority: 'shop.test',
    path: '/',
    headers: ['Host', 'x', 'A', '1'],
  };

  test.each<[readonly string[] | undefined, string[]]>([
    [undefined, [':method', ':scheme', ':authority', ':path', 'a']],
    [
      [':path', ':authority', ':protocol'],
      [':path', ':authority', ':method', ':scheme', 'a'],
    ],
  ])('of a request begin as the client began: %j', (pseudoFields, names) => {
    const fields = requestToHttp2({ ...head, pseudoFields });
    expect(Object.keys(fields)).toEqual(names);
    expect({ ...fields }).toEqual({
      ':method': 'GET',
      ':scheme': 'https',
      ':authority': 'shop.test',
      ':path': '/',
      a: '1',
    });
  });
});

test('fields of HTTP/2 have no pseudo-header fields among them', () => {
  expect(fromHttp2([':status', '200', 'x-a', '1', 'x-a', '2'])).toEqual(['x-a', '1', 'x-a', '2']);
});
