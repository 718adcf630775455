import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startWaylay } from '../../../fixtures/standalone.js';
import { readyReplies } from '../../../matchers/stub-response/reply.js';
import { TestError } from '../../../src/errors.js';
import type { Answer } from '../../../src/interceptor.js';
import { Wire } from '../wire.js';

/** The stub's answer with the reply, where that takes no time. */
function answerOf(reply: unknown): Answer {
  const wire = new Wire();
  wire.rules.stubResponse('**', reply as never);
  const { decision } = wire.send();
  if (decision === undefined || decision instanceof Promise || decision.action !== 'answer')
    throw new Error('no answer');
  return decision.answer;
}

function text(reply: unknown): [status: number, statusText: string, headers: readonly string[], body: string] {
  const { status, statusText, headers, body } = answerOf(reply);
  return [status, statusText, headers, String(body)];
}

const JSON_TYPE = ['content-type', 'application/json'];
const TEXT_TYPE = ['content-type', 'text/plain; charset=utf-8'];

describe('every form of a reply is taken', () => {
  test.each<[unknown, ReturnType<typeof text>]>([
    [503, [503, 'Service Unavailable', [], '']],
    [599, [599, '', [], '']],
    ['hällo', [200, 'OK', TEXT_TYPE, 'hällo']],
    ['', [200, 'OK', TEXT_TYPE, '']],
    [{}, [200, 'OK', [], '']],
    [{ status: 204 }, [204, 'No Content', [], '']],
    [{ status: 402, statusText: 'Declined' }, [402, 'Declined', [], '']],
    [{ json: { a: [1, null] } }, [200, 'OK', JSON_TYPE, '{"a":[1,null]}']],
    [{ json: null }, [200, 'OK', JSON_TYPE, 'null']],
    [{ json: 'x' }, [200, 'OK', JSON_TYPE, '"x"']],
    [
      { json: {}, headers: { 'Content-Type': 'application/problem+json' } },
      [200, 'OK', ['Content-Type', 'application/problem+json'], '{}'],
    ],
    [{ text: '<p>', headers: { 'content-type': 'text/html' } }, [200, 'OK', ['content-type', 'text/html'], '<p>']],
    [{ body: 'raw' }, [200, 'OK', [], 'raw']],
    [{ body: Buffer.from('raw') }, [200, 'OK', [], 'raw']],
    [{ body: new TextEncoder().encode('raw').buffer }, [200, 'OK', [], 'raw']],
    [
      { headers: { 'Retry-After': 5, 'Set-Cookie': ['a=1', 'b=2'] } },
      [200, 'OK', ['Retry-After', '5', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'], ''],
    ],
    [
      {
        headers: [
          ['X-B', '1'],
          ['x-a', '2'],
          ['X-B', '3'],
        ],
      },
      [200, 'OK', ['X-B', '1', 'x-a', '2', 'X-B', '3'], ''],
    ],
    [{ headers: new Map([['a', 'b']]) }, [200, 'OK', ['a', 'b'], '']],
    [{ headers: new Headers({ A: 'b' }) }, [200, 'OK', ['a', 'b'], '']],
  ])('with its status, fields and body: %j, row %#', (reply, [status, statusText, headers, body]) => {
    const length = body === '' ? [] : ['Content-Length', String(Buffer.byteLength(body))];
    expect(text(reply)).toEqual([status, statusText, [...headers, ...length], body]);
  });

  test('with its bytes copied when the reply is written', () => {
    const bytes = Buffer.from('abc');
    const { body } = answerOf({ body: bytes });
    bytes.fill(0);
    expect(String(body)).toBe('abc');
  });
});

function usedResponse(): Response {
  const response = new Response('a');
  response.body?.getReader();
  return response;
}

const circular: Record<string, unknown> = {};
circular.self = circular;

function refused(reply: unknown): string {
  try {
    readyReplies(reply);
  } catch (error) {
    expect(error).toBeInstanceOf(TestError);
    expect(error).toMatchObject({ code: 'WAYLAY_INVALID_REPLY', fault: 'test' });
    return (error as Error).message;
  }
  throw new Error('not refused');
}

describe('a value that is no reply', () => {
  test.each<[unknown, string]>([
    [
      undefined,
      "Invalid reply undefined: a reply is a status, a text, an object, a Response or a function that returns one of these. Write { status: 402, json: { error: 'declined' } }.",
    ],
    [
      null,
      "Invalid reply null: a reply is a status, a text, an object, a Response or a function that returns one of these. Write { status: 402, json: { error: 'declined' } }.",
    ],
    [
      true,
      "Invalid reply true: a reply is a status, a text, an object, a Response or a function that returns one of these. Write { status: 402, json: { error: 'declined' } }.",
    ],
    [[], 'Invalid reply []: a list of replies needs at least one. Write [503, { json: { ok: true } }].'],
    [
      [200, [503]],
      'Invalid reply [503]: a list stands for itself, neither in another list nor as what a function returns. Write [503, { json: { ok: true } }].',
    ],
    [
      new Map(),
      "Invalid reply Map {}: a reply is a status, a text, an object, a Response or a function that returns one of these. Write { status: 402, json: { error: 'declined' } }.",
    ],
    [
      100,
      "Invalid reply { status: 100 }: the status 100 is no whole number from 200 to 599. Write { status: 402, json: { error: 'declined' } }.",
    ],
    [
      700,
      "Invalid reply { status: 700 }: the status 700 is no whole number from 200 to 599. Write { status: 402, json: { error: 'declined' } }.",
    ],
    [
      { status: '200' },
      "Invalid reply { status: '200' }: the status '200' is no whole number from 200 to 599. Write { status: 402, json: { error: 'declined' } }.",
    ],
    [
      { stauts: 200 },
      "Invalid reply { stauts: 200 }: there is no key 'stauts'; the nearest is 'status'. Write { status: 200 }.",
    ],
    [
      { contentType: 'text/html' },
      "Invalid reply { contentType: 'text/html' }: there is no key 'contentType'; the keys are status, statusText, headers, json, text, body, file, stream, sse, redirect, trailers, delay, informational. Write { status: 402, json: { error: 'declined' } }.",
    ],
    [
      { status: 500, times: 1 },
      "Invalid reply { status: 500, times: 1 }: 'times' is an option of the stub. Write stubResponse(pattern, reply, { times: 1 }).",
    ],
    [
      { json: {}, text: '' },
      "Invalid reply { json: {}, text: '' }: json and text are two bodies. Write { status: 402, json: { error: 'declined' } }.",
    ],
    [
      { json: undefined },
      "Invalid reply { json: undefined }: json is undefined, which JSON does not have. Write { status: 402, json: { error: 'declined' } }.",
    ],
    [
      { json: () => 1 },
      "Invalid reply { json: () => 1 }: json is a function, which JSON does not have. Write { status: 402, json: { error: 'declined' } }.",
    ],
    [
      { json: circular },
      "Invalid reply { json: { self: (circular) } }: json cannot be written as JSON: Converting circular structure to JSON. Write { status: 402, json: { error: 'declined' } }.",
    ],
    [
      { json: 10n },
      "Invalid reply { json: 10n }: json cannot be written as JSON: Do not know how to serialize a BigInt. Write { status: 402, json: { error: 'declined' } }.",
    ],
    [{ text: { a: 1 } }, "Invalid reply { text: { a: 1 } }: text is an object and no string. Write { text: 'Hello' }."],
    [
      { body: { a: 1 } },
      'Invalid reply { body: { a: 1 } }: body is an object, and no string and no bytes. Write { json: { a: 1 } }.',
    ],
    [
      { body: 5 },
      "Invalid reply { body: 5 }: body is a number, and no string and no bytes. Write { body: Buffer.from('…') }.",
    ],
    [
      { status: 204, json: {} },
      'Invalid reply { status: 204, json: {} }: a 204 response has no body (RFC 9110, section 15). Write { status: 204 }.',
    ],
    [
      { status: 304, text: 'x' },
      "Invalid reply { status: 304, text: 'x' }: a 304 response has no body (RFC 9110, section 15). Write { status: 304 }.",
    ],
    [
      { statusText: 'a\nb' },
      "Invalid reply { statusText: 'a\\nb' }: statusText is a line of text. Write { status: 402, statusText: 'Declined' }.",
    ],
    [
      { headers: 'a: b' },
      "Invalid reply { headers: 'a: b' }: headers are an object or a list of pairs. Write { headers: { 'retry-after': 5, 'set-cookie': ['a=1', 'b=2'] } }.",
    ],
    [
      { headers: { 'a b': 'c' } },
      "Invalid reply { headers: { 'a b': 'c' } }: 'a b' is no header name. Write { headers: { 'retry-after': 5, 'set-cookie': ['a=1', 'b=2'] } }.",
    ],
    [
      { headers: { a: 'b\r\nc: d' } },
      "Invalid reply { headers: { a: 'b\\r\\nc: d' } }: the value of the header 'a' has a character that no header may have: 'b\\r\\nc: d'. Write { headers: { 'retry-after': 5, 'set-cookie': ['a=1', 'b=2'] } }.",
    ],
    [
      { headers: { a: '→' } },
      "Invalid reply { headers: { a: '→' } }: the value of the header 'a' has a character that no header may have: '→'. Write { headers: { 'retry-after': 5, 'set-cookie': ['a=1', 'b=2'] } }.",
    ],
    [
      { headers: { a: undefined } },
      "Invalid reply { headers: { a: undefined } }: the value of the header 'a' is undefined, and not a string, a number or a list of these. Write { headers: { 'retry-after': 5, 'set-cookie': ['a=1', 'b=2'] } }.",
    ],
    [
      { headers: { a: null } },
      "Invalid reply { headers: { a: null } }: the value of the header 'a' is null, and not a string, a number or a list of these. Write { headers: { 'retry-after': 5, 'set-cookie': ['a=1', 'b=2'] } }.",
    ],
    [
      { headers: ['a', 'b'] },
      "Invalid reply { headers: ['a', 'b'] }: 'a' is no pair of a name and a value. Write { headers: { 'retry-after': 5, 'set-cookie': ['a=1', 'b=2'] } }.",
    ],
    [
      { headers: { ':status': '200' } },
      "Invalid reply { headers: { ':status': '200' } }: ':status' is no header name. Write { headers: { 'retry-after': 5, 'set-cookie': ['a=1', 'b=2'] } }.",
    ],
    [
      { file: '' },
      "Invalid reply { file: '' }: file is no path. Write { file: 'test/fixtures/cart.json' } or { file: new URL('./cart.json', import.meta.url) }.",
    ],
    [
      { file: 'https://a.test/x' },
      "Invalid reply { file: 'https://a.test/x' }: 'https://a.test/x' is no file: URL of this machine. Write { file: 'test/fixtures/cart.json' } or { file: new URL('./cart.json', import.meta.url) }.",
    ],
    [
      { redirect: 5 },
      "Invalid reply { redirect: 5 }: redirect is a number and no URL. Write { redirect: 'https://shop.test/login' }.",
    ],
    [
      { redirect: '/a b' },
      "Invalid reply { redirect: '/a b' }: '/a b' has characters that a URL has percent-encoded. Write { redirect: '/a%20b' }.",
    ],
    [
      { redirect: 'https://ä.test/ö' },
      "Invalid reply { redirect: 'https://ä.test/ö' }: 'https://ä.test/ö' has characters that a URL has percent-encoded. Write { redirect: 'https://xn--4ca.test/%C3%B6' }.",
    ],
    [
      { redirect: 'http://' },
      "Invalid reply { redirect: 'http://' }: 'http://' is no URL. Write { redirect: 'https://shop.test/login' }.",
    ],
    [
      { redirect: '/a', status: 200 },
      "Invalid reply { redirect: '/a', status: 200 }: a 200 is no redirect; those are 301, 302, 303, 307, 308. Write { redirect: 'https://shop.test/login', status: 302 }.",
    ],
    [
      { redirect: '/a', headers: { Location: '/b' } },
      "Invalid reply { redirect: '/a', headers: { Location: '/b' } }: redirect and the header location are two places to go to. Write { redirect: '/a' }.",
    ],
    [
      { trailers: { 'Content-Length': 5 }, text: 'a' },
      "Invalid reply { trailers: { 'Content-Length': 5 }, text: 'a' }: 'Content-Length' cannot be a trailer (RFC 9110, section 6.5.1). Write { text: 'Hello', trailers: { 'server-timing': 'db;dur=53' } }.",
    ],
    [
      { status: 204, trailers: { a: 'b' } },
      "Invalid reply { status: 204, trailers: { a: 'b' } }: a 204 response has no body, and so no trailers. Write { status: 204 }.",
    ],
    [
      { text: 'a', headers: { 'content-length': 1 }, trailers: { a: 'b' } },
      "Invalid reply { text: 'a', headers: { 'content-length': 1 }, trailers: { a: 'b' } }: trailers follow a body in chunks, which excludes content-length (RFC 9112, section 6.2). Write { trailers: { 'x-checksum': 'abc' }, text: 'Hello' }.",
    ],
    [
      { text: 'abc', headers: { 'content-length': 5 } },
      "Invalid reply { text: 'abc', headers: { 'content-length': 5 } }: content-length is 5, and the body has 3 bytes. Write no content-length: it is added.",
    ],
    [
      { stream: ['a'], headers: { 'content-length': '1 byte' } },
      "Invalid reply { stream: ['a'], headers: { 'content-length': '1 byte' } }: content-length is '1 byte' and no number of bytes. Write no content-length: it is added.",
    ],
    [
      { delay: '1s' },
      "Invalid reply { delay: '1s' }: delay is '1s' and no number of milliseconds. Write { delay: 500, json: [] }.",
    ],
    [
      { informational: { status: 103 } },
      "Invalid reply { informational: { status: 103 } }: informational is a list of heads. Write { informational: [{ status: 103, headers: { link: '</app.css>; rel=preload' } }], text: 'Hello' }.",
    ],
    [
      { informational: [{ status: 101 }] },
      "Invalid reply { informational: [{ status: 101 }] }: a 101 ends HTTP on its connection (RFC 9110, section 15.2.2). Write { informational: [{ status: 103, headers: { link: '</app.css>; rel=preload' } }], text: 'Hello' }.",
    ],
    [
      { informational: [{ status: 200 }] },
      "Invalid reply { informational: [{ status: 200 }] }: the status 200 is no whole number from 100 to 199. Write { informational: [{ status: 103, headers: { link: '</app.css>; rel=preload' } }], text: 'Hello' }.",
    ],
    [
      { text: '', cors: true },
      "Invalid reply { text: '', cors: true }: 'cors' is an option of the stub. Write stubResponse(pattern, reply, { cors: true }).",
    ],
    [Promise.resolve(503), 'Invalid reply Promise {}: a promise is not awaited here. Write () => promise.'],
    [
      usedResponse(),
      "Invalid reply Response {}: its body has been read already; a function makes a response for each answer. Write () => new Response('Hello').",
    ],
  ])('is refused with what to write: %s', (reply, message) => {
    expect(refused(reply)).toBe(message);
  });
});

describe('a field of one connection', () => {
  test.each([
    ['transfer-encoding', 'chunked', `Write { stream: ['a', 'b'] } for a body in chunks.`],
    ['Keep-Alive', 'timeout=5', 'Write nothing in its place.'],
    ['Proxy-Connection', 'keep-alive', 'Write nothing in its place.'],
    ['te', 'gzip', `Write { te: 'trailers' }, or nothing in its place.`],
    ['Connection', 'keep-alive', `Write { connection: 'close' } to end the connection, or nothing in its place.`],
    ['Upgrade', 'h2c', 'Write nothing in its place.'],
  ])('is refused where it is written: %s: %s', (name, value, write) => {
    const why = `'${name}' is a field of one connection and not of the message, and would not be sent (RFC 9110, section 7.6.1). ${write}`;
    for (const headers of [{ [name]: value }, [[name, value]], new Map([[name, value]])]) {
      expect(() => readyReplies({ headers })).toThrow(why);
      expect(() => readyReplies([503, { text: 'a', headers }])).toThrow(why);
    }
  });

  test('is taken where it says something, and where a function gives what it was given', async () => {
    expect(answerOf({ headers: { connection: 'close' } }).headers).toEqual(['connection', 'close']);
    const origin = createServer((_, response) => response.write('fine', () => response.end()));
    onTestFinished(() => void origin.close());
    await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
    const waylay = await startWaylay();
    onTestFinished(() => waylay.stop());
    waylay.stubResponse('http://copy.test/', async () => {
      const { headers, body } = await request(`http://127.0.0.1:${(origin.address() as AddressInfo).port}/`);
      return { headers: headers as Record<string, string>, text: await body.text() };
    });
    const response = await waylay.fetch('http://copy.test/');
    expect(await response.text()).toBe('fine');
    expect(waylay.warnings).toEqual([]);
  });
});
