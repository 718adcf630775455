import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { agreedCompression, DEFLATE_TAIL, INFLATED_LIMIT, Inflater } from '../../src/websocket/inflate.js';
import { deflate } from './frames.js';

test.each([
  [undefined, undefined, undefined],
  ['', undefined, undefined],
  ['x-webkit-deflate-frame', undefined, undefined],
  ['permessage-deflate', 'context takeover', 'context takeover'],
  ['bbf-usp, Permessage-Deflate; server_no_context_takeover', 'context takeover', 'no context takeover'],
  [
    'permessage-deflate;client_no_context_takeover ; server_max_window_bits=10',
    'no context takeover',
    'context takeover',
  ],
] as const)('an offer of %j is agreed on as it can be', (extensions, client, server) => {
  expect(agreedCompression(extensions, 'client')).toBe(client);
  expect(agreedCompression(extensions, 'server')).toBe(server);
});

describe('messages', () => {
  const whole = (payload: Buffer, before = Buffer.alloc(0)) => Buffer.concat([deflate(payload, before), DEFLATE_TAIL]);

  test('may refer to those before, across several', () => {
    const inflater = new Inflater('context takeover');
    const secret = randomBytes(300);
    let before = Buffer.alloc(0);
    for (const size of [300, 5, 300, 40_000, 0, 300, 32_768, 300]) {
      const payload = size === 300 ? secret : randomBytes(size);
      const compressed = whole(payload, before);
      if (size === 300 && before.length === 305) expect(compressed.length).toBeLessThan(40);
      const inflated = inflater.inflate(compressed);
      expect('bytes' in inflated && inflated.bytes.equals(payload)).toBe(true);
      before = Buffer.concat([before, payload]);
    }
  });

  // RFC 7692, sections 7.2.3.2 and 7.2.3.4.
  test.each([
    ['f248cdc9c90700', 'a compressed block'],
    ['000500faff48656c6c6f00', 'a block without compression'],
    ['f348cdc9c9070000', 'a block that ends the stream'],
    ['f248050000 00ffffcac9c90700', 'two blocks'],
  ])('are inflated from %s, %s', (hex) => {
    const bytes = Buffer.concat([Buffer.from(hex.replace(' ', ''), 'hex'), DEFLATE_TAIL]);
    expect(new Inflater('context takeover').inflate(bytes)).toEqual({ bytes: Buffer.from('Hello') });
  });

  test('say so where they are not compressed at all', () => {
    expect(new Inflater('context takeover').inflate(Buffer.from('ffffff0000ffff', 'hex'))).toMatchObject({
      problem: 'invalid',
    });
  });

  test('are not inflated where they unfold to too much', () => {
    const bomb = deflateRawSync(Buffer.alloc(INFLATED_LIMIT + 1));
    expect(bomb.length).toBeLessThan(100_000);
    expect(new Inflater('no context takeover').inflate(bomb)).toMatchObject({ problem: 'too large' });
  });
});
