/** A large body passes through without being in memory, changed or not. */
import { get } from 'node:http';
import type { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { startWaylay } from '../../fixtures/standalone.js';
import type { Change } from '../../matchers/index.js';
import { httpOrigin, httpsOrigin, publicAuthority } from '../servers.js';
import { sessionThrough } from './traffic.js';

const MIB = 1024 * 1024;
const SIZE = 300 * MIB;
const CHUNK = Buffer.alloc(MIB / 4, 'a');

/** The responses of both servers. */
interface Sender {
  writeHead(status: number, headers: { 'content-length': number }): unknown;
  write(chunk: Buffer): boolean;
  once(event: 'drain', more: () => void): unknown;
  end(): unknown;
}

/** Sends so much, as fast as it is taken. */
function sendAll(response: Sender): void {
  response.writeHead(200, { 'content-length': SIZE });
  let left = SIZE;
  const write = (): void => {
    for (let room = true; room && left > 0; left -= CHUNK.length) room = response.write(CHUNK);
    if (left > 0) response.once('drain', write);
    else response.end();
  };
  write();
}

async function waylayBefore(port: number) {
  return startWaylay({
    hosts: { 'shop.test': `127.0.0.1:${port}` },
    trustedRoots: publicAuthority.pem,
    captureLimit: MIB,
  });
}

/** Reads it: the size, and how much the process grew at most. */
async function drain(body: Readable): Promise<{ size: number; growth: number }> {
  const before = process.memoryUsage.rss();
  let most = 0;
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    most = Math.max(most, process.memoryUsage.rss() - before);
  }
  return { size, growth: most / MIB };
}

const changes: [string, Change][] = [
  ['fields only', { response: { headers: { 'x-changed': '1' } } }],
  [
    'a stream',
    {
      response: {
        stream: async function* (chunks) {
          for await (const chunk of chunks) yield chunk;
        },
      },
    },
  ],
  ['pieces', { response: { slice: 128 * 1024 } }],
];

describe('300 MB', () => {
  test.each(changes)(
    'pass in flat memory over HTTP/1.1 with a change of %s',
    { timeout: 120_000 },
    async (_, change) => {
      const origin = await httpOrigin((_, response) => sendAll(response));
      await using waylay = await waylayBefore(origin.port);
      waylay.mutate('http://shop.test/', change);
      const body = await new Promise<Readable>((resolve, reject) => {
        const address = { host: '127.0.0.1', port: waylay.port, path: 'http://shop.test/', agent: false };
        get(address, resolve).on('error', reject);
      });
      const { size, growth } = await drain(body);
      expect(size).toBe(SIZE);
      expect(growth).toBeLessThan(128);
      expect(waylay.exchanges[0]).toMatchObject({ mutated: true, error: undefined });
    },
  );

  test.each(changes.slice(0, 2))(
    'pass in flat memory over HTTP/2 with a change of %s',
    { timeout: 120_000 },
    async (_, change) => {
      const origin = await httpsOrigin((_, response) => sendAll(response as Sender), { name: 'shop.test' });
      await using waylay = await waylayBefore(origin.port);
      waylay.mutate('https://shop.test/', change);
      const session = await sessionThrough({ port: waylay.port, caPem: waylay.ca.pem });
      const { size, growth } = await drain(session.request({ ':authority': 'shop.test', ':path': '/' }));
      session.close();
      expect(size).toBe(SIZE);
      expect(growth).toBeLessThan(128);
      expect(waylay.exchanges[0]).toMatchObject({ mutated: true, error: undefined });
    },
  );
});
