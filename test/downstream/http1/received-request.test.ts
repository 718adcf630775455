import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { createConnection, type Socket } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { ReceivedRequest } from '../../../src/downstream/http1/received-request.js';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A node:http server of such requests. */
async function server(serve: (request: ReceivedRequest, response: ServerResponse) => void): Promise<Socket> {
  const http = createServer({ IncomingMessage: ReceivedRequest }, serve).listen(0, '127.0.0.1');
  await once(http, 'listening');
  const client = createConnection((http.address() as { port: number }).port, '127.0.0.1');
  ends.push(() => {
    client.destroy();
    http.close();
  });
  return client;
}

const GET = 'GET /a HTTP/1.1\r\nHost: shop.test\r\nX-Twice: 1\r\nX-Twice: 2\r\n\r\n';

test('requests without a body are served one after the other, and none of them is a stream', async () => {
  const events: string[] = [];
  const seen: ReceivedRequest[] = [];
  const client = await server((request, response) => {
    seen.push(request);
    for (const event of ['readable', 'end', 'close', 'aborted']) request.on(event, () => events.push(event));
    response.end(String(seen.length), () => request.url === '/last' && client.end());
  });
  client.write(GET.repeat(3) + GET.replace('/a', '/last'));
  const answers = await text(client);
  expect([...answers.matchAll(/\r\n\r\n(\d)/g)].map(([, body]) => body)).toEqual(['1', '2', '3', '4']);
  expect(seen.map(({ readableEnded }) => readableEnded)).toEqual([true, true, true, true]);
  expect(events).toEqual([]);
});

test('fields are the same list and the same object where they come again', async () => {
  const seen: ReceivedRequest[] = [];
  const client = await server((request, response) => {
    seen.push(request);
    response.end(() => seen.length === 3 && client.end());
  });
  client.write(`${GET}${GET}${GET.replace('X-Twice: 2', 'X-Other: 2')}`);
  await text(client);
  const [first, second, third] = seen;
  expect(first?.fields).toEqual(['Host', 'shop.test', 'X-Twice', '1', 'X-Twice', '2']);
  expect(first?.headers).toEqual({ host: 'shop.test', 'x-twice': '1, 2' });
  expect(second?.fields).toBe(first?.fields);
  expect(second?.headers).toBe(first?.headers);
  expect(third?.headers).toEqual({ host: 'shop.test', 'x-twice': '1', 'x-other': '2' });
});

test.each([
  ['of known length', 'Content-Length: 5', 'hello', []],
  ['in chunks', 'Transfer-Encoding: chunked', '5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n', ['X-Sum', '1']],
])('a body %s is read, and the next request after it', async (_, field, body, trailers) => {
  const bodies: string[] = [];
  const client = await server(async (request, response) => {
    const isLast = request.method === 'GET';
    bodies[isLast ? 1 : 0] = request.hasBody ? String(await buffer(request)) : 'none';
    if (request.hasBody) expect(request.rawTrailers).toEqual(trailers);
    response.end(() => isLast && client.end());
  });
  client.write(`POST / HTTP/1.1\r\nHost: shop.test\r\n${field}\r\n\r\n${body}${GET}`);
  await text(client);
  expect(bodies).toEqual(['hello', 'none']);
});

test.each(['Content-Length: 0', 'X-A: 1'])('%s says that there is no body', async (field) => {
  const client = await server((request, response) => response.end(String(request.hasBody), () => client.end()));
  client.write(`POST / HTTP/1.1\r\nHost: shop.test\r\n${field}\r\n\r\n`);
  expect(await text(client)).toMatch(/false/);
});

test('a client that goes away in the middle of its body ends the body', async () => {
  let failed: (cause: unknown) => void = () => {};
  const failure = new Promise((resolve) => {
    failed = resolve;
  });
  const client = await server((request) => {
    buffer(request).catch(failed);
    client.destroy();
  });
  client.write('POST / HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 5\r\n\r\nhe');
  expect(await failure).toMatchObject({ code: 'ECONNRESET' });
});
