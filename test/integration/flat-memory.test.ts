/** A large body passes through without being in memory, changed or not. */
import { get } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { ResponseChange } from '../../src/interceptor.js';
import { httpOrigin, testProxy } from '../servers.js';
import { ended } from './traffic.js';

const MIB = 1024 * 1024;
const SIZE = 300 * MIB;
const CHUNK = Buffer.alloc(MIB / 4, 'a');

/** Sends so much, as fast as it is taken. */
const large = () =>
  httpOrigin((_, response) => {
    response.writeHead(200, { 'content-length': SIZE });
    let left = SIZE;
    const write = (): void => {
      for (let room = true; room && left > 0; left -= CHUNK.length) room = response.write(CHUNK);
      if (left > 0) response.once('drain', write);
      else response.end();
    };
    write();
  });

const changes: [string, ResponseChange][] = [
  ['fields only', { headers: ['X-Changed', '1', 'Content-Length', String(SIZE)] }],
  [
    'a stream',
    {
      body: {
        kind: 'stream',
        change: async function* (decoded) {
          for await (const chunk of decoded) yield chunk;
        },
      },
    },
  ],
  ['shape only', { shape: { slice: 128 * 1024 } }],
];

describe('300 MB', () => {
  test.each(changes)('with a change of %s', { timeout: 30_000 }, async (_, change) => {
    const origin = await large();
    const hosts = { 'shop.test': `127.0.0.1:${origin.port}` };
    const proxy = await testProxy({ hosts, captureLimit: MIB }, { onResponse: () => change });
    const before = process.memoryUsage.rss();
    let most = 0;
    let size = 0;
    await new Promise<void>((resolve, reject) => {
      const request = get(
        { host: '127.0.0.1', port: proxy.port, path: 'http://shop.test/', agent: false },
        (response) => {
          response.on('data', (chunk: Buffer) => {
            size += chunk.length;
            most = Math.max(most, process.memoryUsage.rss() - before);
          });
          response.on('end', resolve);
          response.on('error', reject);
        },
      );
      request.on('error', reject);
    });
    expect(size).toBe(SIZE);
    expect((await ended(proxy)).error).toBeUndefined();
    expect(most / MIB).toBeLessThan(128);
  });
});
