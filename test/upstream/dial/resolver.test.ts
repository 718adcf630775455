import type { LookupAddress } from 'node:dns';
import { connect, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { Resolver } from '../../../src/upstream/dial/resolver.js';

const V4 = { address: '127.0.0.1', family: 4 };
const V6 = { address: '::1', family: 6 };

/** A system that says what it is told to, and how often it was asked. */
class System {
  asked: string[] = [];
  now = 0;
  answer: () => Promise<LookupAddress[]> = async () => [V6, V4];
  readonly resolver = new Resolver({ now: () => this.now }, (host, { family }) => {
    this.asked.push(`${host} ${family}`);
    return this.answer();
  });

  look(host: string, options = {}): Promise<unknown[]> {
    return new Promise((resolve) => this.resolver.lookup(host, options, (...answer) => resolve(answer)));
  }
}

describe('names that are resolved', () => {
  test('are asked for once', async () => {
    const system = new System();
    const both = await Promise.all([system.look('shop.test', { all: true }), system.look('shop.test', { all: true })]);
    expect(both).toEqual([
      [null, [V6, V4]],
      [null, [V6, V4]],
    ]);
    expect(await system.look('shop.test')).toEqual([null, '::1', 6]);
    expect(system.asked).toEqual(['shop.test 0']);
  });

  test('of one family are another question', async () => {
    const system = new System();
    await system.look('shop.test');
    await system.look('shop.test', { family: 4 });
    await system.look('shop.test', { family: 'IPv6' });
    await system.look('other.test');
    expect(system.asked).toEqual(['shop.test 0', 'shop.test 4', 'shop.test 6', 'other.test 0']);
  });

  test('are asked for again after a minute', async () => {
    const system = new System();
    await system.look('shop.test');
    system.now = 59_999;
    await system.look('shop.test');
    expect(system.asked).toHaveLength(1);
    system.now = 60_000;
    await system.look('shop.test');
    expect(system.asked).toHaveLength(2);
  });

  test('that do not resolve are asked for again', async () => {
    const system = new System();
    const error = Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
    system.answer = () => Promise.reject(error);
    expect(await system.look('shop.test')).toEqual([error, '']);
    system.answer = async () => [V4];
    expect(await system.look('shop.test')).toEqual([null, '127.0.0.1', 4]);
  });

  test('that were forgotten are asked for again', async () => {
    const system = new System();
    await system.look('shop.test');
    await system.look('shop.test', { family: 4 });
    await system.look('shop.test.example');
    system.resolver.forget('shop.test');
    await system.look('shop.test');
    await system.look('shop.test', { family: 4 });
    await system.look('shop.test.example');
    expect(system.asked).toEqual(['shop.test 0', 'shop.test 4', 'shop.test.example 0', 'shop.test 0', 'shop.test 4']);
  });

  test('lead to servers, as the system knows them', async () => {
    const server = createServer((socket) => socket.end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const resolver = new Resolver({ now: () => 0 });
    try {
      for (let time = 0; time < 2; time += 1) {
        const socket = connect({ host: 'localhost', port, lookup: resolver.lookup });
        const text = await new Promise((resolve, reject) => socket.once('data', resolve).once('error', reject));
        expect(String(text)).toBe('hello');
        socket.destroy();
      }
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
