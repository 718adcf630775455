import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type ExchangeInit, makeExchange } from '../exchanges.js';
import { entriesOf, entryOf } from './har-entries.js';

describe("a request's body", () => {
  const postDataOf = (body: string | Buffer, headers: string[], init: ExchangeInit = {}) =>
    entryOf({ method: 'POST', headers, request: { body }, ...init }).request.postData;

  test('is absent where there is none', () => {
    expect(postDataOf('', ['Content-Type', 'text/plain'])).toBeUndefined();
  });

  test('of a form has its fields', () => {
    expect(postDataOf('a=1&b=x+y&a=%26', ['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8'])).toEqual(
      {
        mimeType: 'application/x-www-form-urlencoded; charset=utf-8',
        params: [
          { name: 'a', value: '1' },
          { name: 'b', value: 'x y' },
          { name: 'a', value: '&' },
        ],
        text: 'a=1&b=x+y&a=%26',
      },
    );
  });

  test.each([
    ['binary by its type', ['Content-Type', 'image/png'], Buffer.from('abc')],
    ['binary by its bytes', ['Content-Type', 'text/plain'], Buffer.from([0x61, 0xff, 0xfe])],
  ])('that is %s is in base64', (_, headers, body) => {
    expect(postDataOf(body, headers)).toMatchObject({ text: body.toString('base64'), encoding: 'base64', params: [] });
  });

  test('without a type is text where it can be', () => {
    expect(postDataOf('{}', [])).toEqual({ mimeType: 'x-unknown', params: [], text: '{}' });
  });

  test('that was compressed is readable', () => {
    const headers = ['Content-Type', 'application/json', 'Content-Encoding', 'gzip'];
    expect(postDataOf(gzipSync('{"a":1}'), headers)).toMatchObject({ text: '{"a":1}' });
    expect(postDataOf(gzipSync('{"a":1}'), headers)).not.toHaveProperty('encoding');
  });

  test('beyond the capture limit says so and has its beginning', () => {
    const { request } = entryOf({
      headers: ['Content-Type', 'text/plain'],
      request: { body: '0123456789' },
      captureLimit: 4,
    });
    expect(request.bodySize).toBe(10);
    expect(request.postData).toMatchObject({ text: '0123' });
    expect(request.postData?.comment).toMatch(/10 bytes 4 were kept; captureLimit/);
  });
});

describe("a response's body", () => {
  const responseOf = (headers: string[], body: string | Buffer, init: ExchangeInit = {}) =>
    entryOf({ response: { headers, body }, ...init }).response;

  test.each([
    ['text/html; charset=utf-8'],
    ['application/json'],
    ['application/problem+json'],
    ['image/svg+xml'],
    ['APPLICATION/JavaScript'],
  ])('of type %s is text', (type) => {
    expect(responseOf(['Content-Type', type], '<é>').content).toEqual({ size: 4, mimeType: type, text: '<é>' });
  });

  test.each([
    ['of a binary type', 'application/octet-stream', Buffer.from('abc')],
    ['in another charset', 'text/plain; charset=iso-8859-1', Buffer.from('é', 'latin1')],
  ])('%s is in base64', (_, mimeType, body) => {
    expect(responseOf(['Content-Type', mimeType], body).content).toEqual({
      size: body.length,
      mimeType,
      text: body.toString('base64'),
      encoding: 'base64',
    });
  });

  test('that was compressed is decoded and says what that saved', () => {
    const text = 'waylay '.repeat(500);
    const body = brotliCompressSync(gzipSync(text));
    const headers = ['Content-Type', 'text/plain', 'Content-Encoding', 'gzip, br'];
    const { content, bodySize } = responseOf(headers, body);
    expect(content).toEqual({ size: 3500, compression: 3500 - body.length, mimeType: 'text/plain', text });
    expect(bodySize).toBe(body.length);
  });

  test('without a body and a type has neither text nor compression', () => {
    const { content } = responseOf(['Content-Encoding', 'gzip'], '');
    expect(content).toEqual({ size: 0, mimeType: 'x-unknown' });
  });

  test.each([
    ['is not of its coding', 'gzip', /is not valid gzip.*as sent/],
    ['has an unknown coding', 'rot13', /'rot13', which Waylay cannot undo.*as sent/],
    ['has a coding named like a property', 'constructor', /'constructor', which Waylay cannot undo/],
  ])('that %s is there as sent, with the reason', (_, coding, reason) => {
    const { content } = responseOf(['Content-Type', 'text/plain', 'Content-Encoding', coding], 'abc');
    expect(content).toMatchObject({ size: 3, text: Buffer.from('abc').toString('base64'), encoding: 'base64' });
    expect(content.comment).toMatch(reason);
    expect(content).not.toHaveProperty('compression');
  });

  test('beyond the capture limit says so, has its beginning, and cuts no character in two', () => {
    const { content, bodySize } = responseOf(['Content-Type', 'text/plain'], '123€56789', { captureLimit: 5 });
    expect(content).toMatchObject({ size: 11, text: '123' });
    expect(content.comment).toMatch(/11 bytes 5 were kept; captureLimit or journalLimit/);
    expect(bodySize).toBe(11);
  });

  test('beyond the capture limit and compressed stays as sent', () => {
    const body = gzipSync('abcdefghijklmnop');
    const headers = ['Content-Type', 'text/plain', 'Content-Encoding', 'gzip'];
    const { content } = responseOf(headers, body, { captureLimit: 12 });
    expect(content).toMatchObject({ text: body.subarray(0, 12).toString('base64'), encoding: 'base64' });
    expect(content.comment).toContain("Content coding 'gzip' not undone.");
  });

  test('that the journal dropped says so', () => {
    const exchange = makeExchange({ response: { headers: ['Content-Type', 'text/plain'], body: 'abc' } });
    exchange.response?.captured.drop();
    const content = entriesOf([exchange])[0]?.response.content;
    expect(content).toEqual({ size: 3, mimeType: 'text/plain', comment: expect.stringMatching(/Of 3 bytes 0 were/) });
  });
});
