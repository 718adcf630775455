/** Bodies that are changed as they pass by, over real connections. */
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { BodyChange, Interceptor, RequestChange, ResponseChange } from '../../src/interceptor.js';
import type { RunningProxy } from '../../src/proxy.js';
import { ask, exchangeThrough, VERSIONS } from '../exchange-client.js';
import { httpsOrigin, testProxy } from '../servers.js';
import { ended, sessionThrough, shopThrough } from './traffic.js';

type Handler = Parameters<typeof httpsOrigin>[0];
type Change = Extract<BodyChange, { kind: 'stream' }>['change'];

const URL = 'https://shop.test/';
const address = (proxy: RunningProxy) => ({ port: proxy.port, ca: { pem: proxy.caPem } });

/** A proxy before an upstream, with a change of requests or of responses. */
async function changing(handler: Handler, alpn: readonly string[], interceptor: Partial<Interceptor>) {
  const origin = await httpsOrigin(handler, { name: 'shop.test', alpn });
  return testProxy({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } }, interceptor);
}

const ofResponse = (change: ResponseChange): Partial<Interceptor> => ({ onResponse: () => change });
const ofRequest = (change: RequestChange): Partial<Interceptor> => ({
  onRequest: () => ({ action: 'forward', change }),
});
const stream = (change: Change): { body: BodyChange } => ({ body: { kind: 'stream', change } });

const shout: Change = async function* (decoded) {
  for await (const chunk of decoded) yield Buffer.from(chunk.toString().toUpperCase());
};

// `zstd -19 --check` of the text below, from a pipe.
const TEXT = 'One request with its response. '.repeat(40);
const ZSTD_TEXT = Buffer.from(
  '28b52ffd0468350100f201070cd03da0082901f90a4808592d07d1b253c9ebd267a9bf2a8c92978a0100db227ee504ccb4d2c5',
  'hex',
);
const CODINGS: [string, Buffer][] = [
  ['gzip', gzipSync(TEXT)],
  ['br', brotliCompressSync(TEXT)],
  ['deflate', deflateSync(TEXT)],
  ['deflate', deflateRawSync(TEXT)],
  ['zstd', ZSTD_TEXT],
  ['gzip, br', brotliCompressSync(gzipSync(TEXT))],
  ['identity', Buffer.from(TEXT)],
];

/** Resolves from outside. */
function signal() {
  let fire = () => {};
  const fired = new Promise<void>((resolve) => {
    fire = resolve;
  });
  return { fire, fired };
}

const never = new Promise<never>(() => {});

describe.each(VERSIONS)('over %s, a response', (version) => {
  const alpn = [version];
  const get = (proxy: RunningProxy) => exchangeThrough(address(proxy), version, { url: URL });

  test.each(CODINGS)('in %s is changed decoded, row %#', async (coding, bytes) => {
    const proxy = await changing(
      (_, response) => {
        response.writeHead(200, { 'content-encoding': coding, 'content-length': bytes.length, 'x-a': '1' });
        // In pieces, the first of one byte.
        for (const piece of [bytes.subarray(0, 1), bytes.subarray(1, 20), bytes.subarray(20)]) response.write(piece);
        response.end();
      },
      alpn,
      ofResponse(stream(shout)),
    );
    const received = await get(proxy);
    expect(received.body.toString()).toBe(TEXT.toUpperCase());
    expect(received.headers).toMatchObject({ 'x-a': '1' });
    expect(received.headers).not.toHaveProperty('content-encoding');
    expect(received.headers).not.toHaveProperty('content-length');
    expect(await ended(proxy)).toMatchObject({ error: undefined, mutated: true });
  });

  test('that is empty stays empty, whatever its coding', async () => {
    const proxy = await changing(
      (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(),
      alpn,
      ofResponse(stream(shout)),
    );
    expect(await get(proxy)).toMatchObject({ status: 200, body: Buffer.alloc(0), error: undefined });
  });

  test('keeps its trailers', async () => {
    const proxy = await changing(
      (_, response) => {
        response.writeHead(200, { trailer: 'x-sum' });
        response.write('text');
        response.addTrailers({ 'x-sum': '1' });
        response.end();
      },
      alpn,
      ofResponse(stream(shout)),
    );
    const received = await exchangeThrough(address(proxy), version, { url: URL, headers: { te: 'trailers' } });
    expect(received).toMatchObject({ body: Buffer.from('TEXT'), trailers: { 'x-sum': '1' } });
  });

  test('gives its first changed byte before the last byte has come from the upstream', async () => {
    const goOn = signal();
    const proxy = await changing(
      (_, response) => {
        response.write('first ');
        void goOn.fired.then(() => response.end('last'));
      },
      alpn,
      ofResponse(stream(shout)),
    );
    const asking = await ask(address(proxy), version, { url: URL });
    expect((await asking.bytes(6)).body.toString()).toBe('FIRST ');
    goOn.fire();
    expect((await asking.received).body.toString()).toBe('FIRST LAST');
  });

  test('that is decoded gives its first byte before the last one too', async () => {
    const goOn = signal();
    const bytes = gzipSync(Buffer.alloc(300_000, 'abcdefghij'), { level: 0 });
    const proxy = await changing(
      (_, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        response.write(bytes.subarray(0, 200_000));
        void goOn.fired.then(() => response.end(bytes.subarray(200_000)));
      },
      alpn,
      ofResponse(stream(shout)),
    );
    const asking = await ask(address(proxy), version, { url: URL });
    await asking.bytes(1);
    goOn.fire();
    expect((await asking.received).body).toEqual(Buffer.alloc(300_000, 'ABCDEFGHIJ'));
  });

  test('whose change throws ends short, and says why', async () => {
    const proxy = await changing((_, response) => response.end('text'), alpn, {
      ...ofResponse(
        stream(async function* (decoded) {
          for await (const chunk of decoded) {
            yield chunk;
            throw new Error('no more ink');
          }
        }),
      ),
    });
    const received = await get(proxy);
    expect(received).toMatchObject({ status: 200, body: Buffer.from('text'), error: expect.any(String) });
    const message = expect.stringContaining('no more ink');
    expect((await ended(proxy)).error).toMatchObject({ code: 'WAYLAY_HANDLER', message });
  });

  test.each([
    ['not of its coding', 'gzip', 'not valid gzip'],
    ['in an unknown coding', 'rot13', "the content coding 'rot13'"],
  ])('%s fails, and says why', async (_, coding, reason) => {
    const proxy = await changing(
      (_, response) => response.writeHead(200, { 'content-encoding': coding }).end('plain text'),
      alpn,
      ofResponse(stream(shout)),
    );
    const received = await get(proxy);
    expect(received.error ?? received.status).not.toBe(200);
    const message = expect.stringContaining(reason);
    expect((await ended(proxy)).error).toMatchObject({ code: 'WAYLAY_HANDLER', message });
  });

  test.each([
    ['that reads a part', true],
    ['that reads nothing', false],
  ])('whose change stops early, %s, ends well', async (_, reads) => {
    const proxy = await changing((_, response) => response.end(Buffer.alloc(3_000_000, 'a')), alpn, {
      ...ofResponse(
        stream(async function* (decoded) {
          if (reads) for await (const chunk of decoded) yield* [chunk.subarray(0, 3)].slice(0, 1);
          else yield Buffer.from('aaa');
        }),
      ),
    });
    const received = await get(proxy);
    expect(received).toMatchObject({ status: 200, error: undefined });
    expect(received.body.subarray(0, 3).toString()).toBe('aaa');
    expect((await ended(proxy)).error).toBeUndefined();
  });

  test('whose change returns inside the body ends well', async () => {
    const proxy = await changing((_, response) => response.end(Buffer.alloc(3_000_000, 'a')), alpn, {
      ...ofResponse(
        stream(async function* (decoded) {
          for await (const chunk of decoded) {
            yield chunk.subarray(0, 3);
            return;
          }
        }),
      ),
    });
    expect(await get(proxy)).toMatchObject({ status: 200, body: Buffer.from('aaa'), error: undefined });
    expect((await ended(proxy)).error).toBeUndefined();
  });

  test.each([
    ['hands it on', shout],
    [
      'catches it',
      async function* (decoded) {
        try {
          for await (const chunk of decoded) yield Buffer.from(chunk.toString().toUpperCase());
        } catch {
          yield Buffer.from('!');
        }
      } satisfies Change,
    ],
  ])('whose upstream fails inside ends short where the change %s', async (_, change) => {
    const proxy = await changing(
      (_, response) => {
        response.writeHead(200, { 'content-length': 100 });
        response.write('text');
        setImmediate(() => response.socket?.destroy());
      },
      alpn,
      ofResponse(stream(change as Change)),
    );
    const received = await get(proxy);
    expect(received.error).toBeDefined();
    expect((await ended(proxy)).error?.code).toBe('WAYLAY_UPSTREAM_TRUNCATED');
  });

  test('whose client leaves has its change told, also while it waits', async () => {
    const told = signal();
    const proxy = await changing((_, response) => response.write('text'), alpn, {
      ...ofResponse(
        stream((decoded) => {
          const iterator = decoded[Symbol.asyncIterator]();
          return {
            [Symbol.asyncIterator]: () => ({
              next: () => iterator.next(),
              return: async () => {
                told.fire();
                return { done: true, value: undefined };
              },
            }),
          };
        }),
      ),
    });
    const asking = await ask(address(proxy), version, { url: URL });
    await asking.bytes(4);
    asking.leave();
    await told.fired;
    expect((await ended(proxy)).error?.code).toBe('WAYLAY_CLIENT_ABORTED');
  });

  test('whose change never goes on does not hold up stop()', async () => {
    const proxy = await changing((_, response) => response.end('text'), alpn, {
      ...ofResponse(
        stream(async function* () {
          yield Buffer.from('a');
          await never;
        }),
      ),
    });
    const asking = await ask(address(proxy), version, { url: URL });
    await asking.bytes(1);
    await proxy.stop();
    expect((await ended(proxy)).error?.code).toBe('WAYLAY_STOPPED');
  });

  test('holds the upstream to the pace of the client', async () => {
    let written = 0;
    const chunk = Buffer.alloc(256 * 1024, 'a');
    const proxy = await changing(
      (_, response) => {
        const write = (): void => {
          for (let room = true; room && !response.destroyed; written += chunk.length) room = response.write(chunk);
          response.once('drain', write);
        };
        write();
      },
      alpn,
      ofResponse(stream(shout)),
    );
    const leave = await askWithoutReading(proxy, version);
    let before = -1;
    for (let same = 0; same < 300; ) {
      await new Promise((resolve) => setImmediate(resolve));
      same = written === before && before > 0 ? same + 1 : 0;
      before = written;
    }
    expect(written).toBeLessThan(64 * 1024 * 1024);
    leave();
    expect((await ended(proxy)).error?.code).toBe('WAYLAY_CLIENT_ABORTED');
  });
});

describe.each(VERSIONS)('over %s, a request', (version) => {
  const alpn = [version];
  const echo: Handler = (request, response) => {
    response.setHeader('x-length', String(request.headers['content-length']));
    response.setHeader('x-coding', String(request.headers['content-encoding']));
    request.pipe(response);
  };
  const post = (proxy: RunningProxy, body: Buffer, headers: Record<string, string> = {}) =>
    exchangeThrough(address(proxy), version, { url: URL, method: 'POST', body, headers });

  test.each(CODINGS)('in %s is changed decoded, row %#', async (coding, bytes) => {
    const proxy = await changing(echo, alpn, ofRequest(stream(shout)));
    const received = await post(proxy, bytes, { 'content-encoding': coding });
    expect(received.body.toString()).toBe(TEXT.toUpperCase());
    expect(received.headers).toMatchObject({ 'x-length': 'undefined', 'x-coding': 'undefined' });
    expect((await ended(proxy)).error).toBeUndefined();
  });

  test('without a body has nothing to change', async () => {
    const proxy = await changing((_, response) => response.end('fine'), alpn, ofRequest(stream(shout)));
    expect(await exchangeThrough(address(proxy), version, { url: URL })).toMatchObject({
      status: 200,
      body: Buffer.from('fine'),
    });
  });

  test.each([
    ['at once', false],
    ['inside', true],
  ])('whose change throws %s is a 500 that says why', async (_, inside) => {
    const proxy = await changing(
      echo,
      alpn,
      ofRequest(
        stream(async function* (decoded) {
          for await (const chunk of decoded) {
            if (inside) yield chunk;
            throw new Error('no more ink');
          }
        }),
      ),
    );
    const received = await post(proxy, Buffer.from('text'));
    // An upstream that echoes may have begun its response.
    expect(received.error ?? received.status).not.toBe(200);
    const message = expect.stringContaining('no more ink');
    expect((await ended(proxy)).error).toMatchObject({ code: 'WAYLAY_HANDLER', message });
  });

  test('whose change throws before the upstream answers is a 500', async () => {
    const proxy = await changing(
      () => {},
      alpn,
      ofRequest(
        stream(async function* (decoded) {
          for await (const chunk of decoded) yield chunk;
          throw new Error('no more ink');
        }),
      ),
    );
    const received = await post(proxy, Buffer.from('text'));
    expect(received).toMatchObject({ status: 500, headers: { 'waylay-error': 'WAYLAY_HANDLER' } });
    expect(await ended(proxy)).toMatchObject({ source: 'failed', error: { code: 'WAYLAY_HANDLER' } });
  });

  test('whose change stops early goes out complete', async () => {
    const proxy = await changing(
      echo,
      alpn,
      ofRequest(
        stream(async function* (decoded) {
          for await (const chunk of decoded) {
            yield chunk.subarray(0, 3);
            return;
          }
        }),
      ),
    );
    const received = await post(proxy, Buffer.alloc(2_000_000, 'a'));
    expect(received).toMatchObject({ status: 200, body: Buffer.from('aaa') });
    expect((await ended(proxy)).error).toBeUndefined();
  });
});

/** Sends a request and reads nothing of what comes; returns what makes the client go away. */
async function askWithoutReading(proxy: RunningProxy, version: 'http/1.1' | 'h2'): Promise<() => void> {
  if (version === 'h2') {
    const session = await sessionThrough(proxy);
    session.request({ ':path': '/', ':authority': 'shop.test' }).on('error', () => {});
    return () => session.destroy();
  }
  const socket = await shopThrough(proxy, 'http/1.1');
  socket.write('GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n');
  return () => socket.destroy();
}
