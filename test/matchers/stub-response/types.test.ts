/** Replies that must compile, or must not; checked by `npm run types`. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { expect, test } from 'vitest';
import { passthrough, type Reply, type ServerSentEvent } from '../../../matchers/index.js';
import { Wire } from '../wire.js';

async function* words(): AsyncGenerator<string> {
  yield 'one';
}
function* events(): Generator<ServerSentEvent | string> {
  yield { event: 'price', data: { eur: 42 }, delay: 10 };
  yield 'two';
}

test('every form compiles', () => {
  const { rules: waylay } = new Wire();
  const status: number = 402;
  const replies: Reply[] = [
    status,
    'text',
    {},
    { status, statusText: 'Declined', headers: { a: ['b', 1] }, delay: 10 },
    { json: { a: 1 }, trailers: { a: 'b' }, informational: [{ status: 103, headers: { link: '</a>' } }] },
    { body: new Uint8Array(1) },
    { file: 'package.json' },
    { file: new URL('../../../package.json', import.meta.url), status: 404 },
    { stream: ['a', Buffer.from('b')] },
    { stream: new Set(['a']) },
    { stream: words() },
    { stream: words },
    { stream: new Blob(['a']).stream() },
    { stream: new NodeReadableStream<Uint8Array>() },
    { stream: Readable.from(['a']) },
    { stream: (request) => createReadStream(request.parsedUrl.pathname) },
    { stream: async () => ['a'] },
    { sse: ['a', { data: 1 }] },
    { sse: events },
    { sse: async ({ headers }) => [headers['last-event-id'] ?? '0'] },
    { redirect: '/a' },
    { redirect: new URL('https://a.test'), status: 301, headers: { a: 'b' } },
    new Response('a'),
    passthrough(),
    async () => new Response('a'),
    (request) => (request.method === 'GET' ? passthrough() : { status: 405 }),
    (request) => (request.method === 'GET' ? { json: 1 } : { text: 'a' }),
    [503, { json: 1 }, passthrough(), () => 200],
  ];
  for (const reply of replies) waylay.stubResponse('**', reply, { cors: true, times: 2 });

  for (const refused of [
    // @ts-expect-error two bodies
    () => waylay.stubResponse('**', { json: 1, text: 'a' }),
    // @ts-expect-error two bodies
    () => waylay.stubResponse('**', { sse: ['a'], stream: ['a'] }),
    // @ts-expect-error a text is no stream
    () => waylay.stubResponse('**', { stream: 'text' }),
    // @ts-expect-error bytes are no stream
    () => waylay.stubResponse('**', { stream: Buffer.from('a') }),
    // @ts-expect-error a chunk of another type
    () => waylay.stubResponse('**', { stream: [5] }),
    // @ts-expect-error a text is no list of events
    () => waylay.stubResponse('**', { sse: 'text' }),
    // @ts-expect-error a key that no event has
    () => waylay.stubResponse('**', { sse: [{ dta: 1 }] }),
    // @ts-expect-error no redirect
    () => waylay.stubResponse('**', { redirect: '/a', status: 200 }),
    // @ts-expect-error a key that does not exist
    () => waylay.stubResponse('**', { stauts: 200 }),
    // @ts-expect-error a list in a list
    () => waylay.stubResponse('**', [[503]]),
    // @ts-expect-error a promise
    () => waylay.stubResponse('**', Promise.resolve(503)),
    // @ts-expect-error no other value
    () => waylay.stubResponse('**', 200, { cors: { origin: '*' } }),
  ]) {
    expect(refused).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^WAYLAY_INVALID_(REPLY|OPTION)$/) }),
    );
  }

  // @ts-expect-error a function gives one reply and no list
  const listed: Reply = () => [503];
  expect(listed).toBeTypeOf('function');
});
