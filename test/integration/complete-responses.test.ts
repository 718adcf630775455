/** A response that the client has in full, over real connections, where the exchange fails after it. */
import { expect, test } from 'vitest';
import type { Answer } from '../../src/interceptor.js';
import type { RunningProxy } from '../../src/proxy.js';
import { RawClient } from '../client.js';
import { testProxy } from '../servers.js';
import { ended, sessionThrough, shopThrough } from './traffic.js';

/** A proxy that answers a POST with a stream of which a change lets the first chunk pass, and that then fails. */
async function failingAfterResponse(): Promise<{ proxy: RunningProxy; fail: () => void }> {
  let fail = (): void => {};
  const told = new Promise<void>((resolve) => {
    fail = resolve;
  });
  const stream = async function* (): AsyncGenerator<Buffer> {
    yield Buffer.from('first');
    await told;
    throw new Error('no more ink');
  };
  const firstAlone = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      yield chunk;
      return;
    }
  };
  const answer = (body: Answer['body']): Answer => ({ status: 200, statusText: 'OK', headers: [], body });
  const proxy = await testProxy(
    {},
    {
      mayAnswer: () => true,
      onRequest: ({ request }) => ({
        action: 'answer',
        answer: answer(request.method === 'POST' ? stream() : Buffer.from('next')),
      }),
      onResponse: ({ request }) =>
        request.method === 'POST' ? { body: { kind: 'stream', change: firstAlone } } : undefined,
    },
  );
  return { proxy, fail };
}

const failed = { ended: true, error: { code: 'WAYLAY_HANDLER' }, response: { status: 200 } };

test('over HTTP/1.1 the connection stays, and carries the rest of the request and the next one', async () => {
  const { proxy, fail } = await failingAfterResponse();
  const client = new RawClient(await shopThrough(proxy, 'http/1.1'));
  client.write('POST / HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 2\r\n\r\na');
  await client.until(/first\r\n0\r\n\r\n$/);
  fail();
  expect(await ended(proxy)).toMatchObject(failed);
  client.write('bGET /next HTTP/1.1\r\nHost: shop.test\r\n\r\n');
  expect(await client.until(/next$/)).toContain('HTTP/1.1 200 OK');
});

test('over HTTP/2 the stream is not reset', async () => {
  const { proxy, fail } = await failingAfterResponse();
  const session = await sessionThrough(proxy);
  const stream = session.request({ ':method': 'POST', ':path': '/', ':authority': 'shop.test' });
  const errors: Error[] = [];
  stream.on('error', (error) => errors.push(error));
  stream.write('a');
  let received = '';
  for await (const chunk of stream) received += chunk;
  expect(received).toBe('first');
  fail();
  expect(await ended(proxy)).toMatchObject(failed);
  stream.end('b');
  const next = session.request({ ':path': '/next', ':authority': 'shop.test' });
  let after = '';
  for await (const chunk of next) after += chunk;
  expect(after).toBe('next');
  expect(errors).toEqual([]);
});
