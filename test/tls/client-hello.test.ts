import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tls from 'node:tls';
import { describe, expect, test } from 'vitest';
import { ClientError } from '../../src/errors.js';
import { CLIENT_HELLO_LIMIT, type ClientHello, readClientHello } from '../../src/tls/client-hello.js';
import { requireTool, run } from '../tools.js';
import {
  alpn,
  buildHello,
  captureHello,
  type HelloParts,
  handshake,
  messageOf,
  records,
  seededRandom,
  serverNames,
  u16,
  vector8,
  vector16,
} from './hello-bytes.js';

function done(bytes: Buffer): ClientHello {
  const reading = readClientHello(bytes);
  if (reading.kind !== 'done') throw new Error(reading.kind === 'failed' ? reading.error.message : 'incomplete');
  return reading.value;
}

function failure(bytes: Buffer): string {
  const reading = readClientHello(bytes);
  if (reading.kind !== 'failed') throw new Error(`not failed but ${reading.kind}`);
  expect(reading.error).toBeInstanceOf(ClientError);
  expect(reading.error.code).toBe('WAYLAY_CLIENT_TLS');
  return reading.error.message;
}

const one = (parts: HelloParts) => {
  const message = buildHello(parts);
  return records(message, Math.min(message.length, 16_384));
};

/** Checks every complete ClientHello in one record, whoever sent it. */
function expectSplitsToAgree(bytes: Buffer): void {
  const whole = done(bytes);
  for (let cut = 0; cut < bytes.length; cut += 1) {
    expect(readClientHello(bytes.subarray(0, cut)), `cut at ${cut}`).toEqual({ kind: 'incomplete' });
  }
  const message = messageOf(bytes);
  for (let size = 1; size <= message.length; size += 1) {
    const split = records(message, size);
    expect(readClientHello(split), `records of ${size}`).toEqual({ kind: 'done', value: whole, length: split.length });
  }
  const small = records(message, 100);
  for (let cut = 0; cut < small.length; cut += 1) {
    expect(readClientHello(small.subarray(0, cut)), `cut at ${cut}`).toEqual({ kind: 'incomplete' });
  }
  const more = Buffer.concat([small, Buffer.from([20, 3, 3, 0, 1, 1])]);
  expect(readClientHello(more), 'what follows is left alone').toMatchObject({ length: small.length });
}

/** Nothing that is done to it may throw, or be read as something else than a ClientHello. */
function expectMutationsToBeHarmless(bytes: Buffer, seed: number): void {
  const random = seededRandom(seed);
  const outcomes = new Set<string>();
  for (let round = 0; round < 3000; round += 1) {
    const mutant = Buffer.from(random(4) === 0 ? records(messageOf(bytes), 1 + random(300)) : bytes);
    for (let change = random(4); change >= 0; change -= 1) {
      const at = random(mutant.length);
      if (random(3) === 0) mutant.fill(random(256), at, Math.min(mutant.length, at + random(8)));
      else mutant[at] = random(2) === 0 ? random(256) : (mutant[at] ?? 0) ^ (1 << random(8));
    }
    const part = random(3) === 0 ? mutant.subarray(0, random(mutant.length + 1)) : mutant;
    const reading = readClientHello(part);
    outcomes.add(reading.kind);
    if (reading.kind === 'done') expect(reading.length).toBeLessThanOrEqual(part.length);
  }
  expect([...outcomes].sort()).toEqual(['done', 'failed', 'incomplete']);
}

describe('the hello is read of', () => {
  const node = (options: tls.ConnectionOptions) =>
    captureHello((port) => {
      const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
      return once(socket, 'error');
    });

  test('node:tls with a name and protocols', async () => {
    const bytes = await node({ servername: 'Shop.Test', ALPNProtocols: ['h2', 'http/1.1'] });
    const hello = done(bytes);
    expect(hello.serverName).toBe('shop.test');
    expect(hello.alpnProtocols).toEqual(['h2', 'http/1.1']);
    expect(hello.legacyVersion).toBe(0x0303);
    expect(hello.supportedVersions).toEqual([0x0304, 0x0303]);
    expect(hello.cipherSuites.slice(0, 3)).toEqual([0x1302, 0x1303, 0x1301]);
    expect(hello.extensions).toEqual(expect.arrayContaining([0, 10, 13, 16, 43, 51]));
    expect(hello.supportedGroups).toContain(29); // x25519
    expect(hello.signatureAlgorithms).toContain(0x0403); // ecdsa_secp256r1_sha256
    expectSplitsToAgree(bytes);
    expectMutationsToBeHarmless(bytes, 1);
  });

  test('node:tls without a name, TLS 1.2 only', async () => {
    const bytes = await node({ maxVersion: 'TLSv1.2' });
    expect(done(bytes)).toMatchObject({ serverName: undefined, alpnProtocols: [], supportedVersions: [] });
    expectSplitsToAgree(bytes);
    expectMutationsToBeHarmless(bytes, 2);
  });

  test('curl', async (ctx) => {
    requireTool(ctx, 'curl');
    const bytes = await captureHello((port) =>
      run('curl', ['-sk', '--http2', '--connect-to', `shop.test:443:127.0.0.1:${port}`, 'https://shop.test/'], {
        env: { https_proxy: undefined, HTTPS_PROXY: undefined, ALL_PROXY: undefined, all_proxy: undefined },
      }),
    );
    expect(done(bytes)).toMatchObject({ serverName: 'shop.test', alpnProtocols: ['h2', 'http/1.1'] });
    expectSplitsToAgree(bytes);
    expectMutationsToBeHarmless(bytes, 3);
  });

  test('openssl s_client, with groups and signature algorithms of its own', async (ctx) => {
    requireTool(ctx, 'openssl');
    const options = '-servername shop.test -alpn x-one,h2 -groups P-384:X25519 -sigalgs ECDSA+SHA256:RSA-PSS+SHA512';
    const bytes = await captureHello((port) =>
      run('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...options.split(' ')]),
    );
    expect(done(bytes)).toMatchObject({
      serverName: 'shop.test',
      alpnProtocols: ['x-one', 'h2'],
      supportedGroups: [24, 29],
      signatureAlgorithms: expect.arrayContaining([0x0403, 0x0806]),
    });
    expectSplitsToAgree(bytes);
    expectMutationsToBeHarmless(bytes, 4);
  });

  test('openssl s_client, TLS 1.0', async (ctx) => {
    requireTool(ctx, 'openssl');
    const bytes = await captureHello((port) =>
      run('openssl', ['s_client', '-tls1', '-cipher', 'ALL:@SECLEVEL=0', '-connect', `127.0.0.1:${port}`]),
    );
    expect(bytes.readUInt16BE(1)).toBe(0x0301);
    expect(done(bytes)).toMatchObject({ legacyVersion: 0x0301, supportedVersions: [] });
    expectSplitsToAgree(bytes);
  });

  test('Chromium, with GREASE', { timeout: 60_000 }, async (ctx) => {
    requireTool(ctx, 'chromium');
    const profile = await mkdtemp(join(tmpdir(), 'waylay-hello-'));
    try {
      const bytes = await captureHello((port) =>
        run(
          'chromium',
          [
            '--headless',
            '--no-sandbox',
            '--disable-gpu',
            '--no-proxy-server',
            `--user-data-dir=${profile}`,
            '--host-resolver-rules=MAP shop.test 127.0.0.1, MAP * ~NOTFOUND',
            '--dump-dom',
            `https://shop.test:${port}/`,
          ],
          { timeout: 50_000 },
        ),
      );
      const hello = done(bytes);
      expect(hello).toMatchObject({ serverName: 'shop.test', alpnProtocols: ['h2', 'http/1.1'] });
      // RFC 8701: reserved values in every list.
      const isGrease = (value: number) => (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
      expect(hello.cipherSuites.some(isGrease)).toBe(true);
      expect(hello.extensions.some(isGrease)).toBe(true);
      expect(hello.supportedGroups.some(isGrease)).toBe(true);
      expect(hello.supportedVersions.some(isGrease)).toBe(true);
      expectSplitsToAgree(bytes);
      expectMutationsToBeHarmless(bytes, 5);
    } finally {
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});

describe('among records', () => {
  const bytes = one({ extensions: [serverNames('shop.test')] });

  test.each([0x0300, 0x0301, 0x0302, 0x0303, 0x0304])('version %i is accepted', (version) => {
    expect(done(records(messageOf(bytes), 50, version)).serverName).toBe('shop.test');
  });

  test('one record is read in place', () => {
    const { concat } = Buffer;
    Buffer.concat = () => {
      throw new Error('copied');
    };
    try {
      expect(done(bytes).serverName).toBe('shop.test');
    } finally {
      Buffer.concat = concat;
    }
  });

  test.each<[string, Buffer, RegExp]>([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n'), /type 71/],
    ['an SSL 2.0 hello', Buffer.from([0x80, 0x2e, 1, 0, 2]), /type 128/],
    ['an alert', Buffer.from([21, 3, 3, 0, 2, 2, 40]), /alert/],
    ['another major version', Buffer.from([22, 2]), /major version 2/],
    ['an empty record', Buffer.from([22, 3, 1, 0, 0]), /empty/],
    ['a record beyond 2^14 bytes', Buffer.from([22, 3, 1, 0x40, 1]), /16385 bytes/],
    ['another handshake message', Buffer.from([22, 3, 3, 0, 1, 2]), /type 2/],
    [
      'an alert between its records',
      Buffer.concat([records(messageOf(bytes).subarray(0, 60), 60), Buffer.from([21])]),
      /alert/,
    ],
    [
      'something behind it in its record',
      records(Buffer.concat([messageOf(bytes), Buffer.from([1])]), 9999),
      /follows/,
    ],
    ['a message beyond the limit', Buffer.from([22, 3, 1, 0, 4, 1, 1, 0, 0]), /65540 bytes/],
  ])('%s fails', (_name, broken, message) => {
    expect(failure(broken)).toMatch(message);
  });

  test('a message as long as the limit allows is read, a longer one fails', () => {
    const padded = (length: number) => one({ extensions: [serverNames('shop.test'), [21, Buffer.alloc(length)]] });
    const room = CLIENT_HELLO_LIMIT - padded(0).length - 4 * 5;
    // The extensions together have at most 2^16 - 1 bytes.
    expect(done(padded(room)).serverName).toBe('shop.test');
    const tooLong = records(buildHello({ extensions: [[21, Buffer.alloc(room)]] }), 1);
    expect(readClientHello(tooLong.subarray(0, CLIENT_HELLO_LIMIT - 1))).toEqual({ kind: 'incomplete' });
    expect(failure(tooLong.subarray(0, CLIENT_HELLO_LIMIT))).toMatch(/does not end/);
  });
});

describe('in the message', () => {
  test('extensions may be missing', () => {
    expect(done(one({ legacyVersion: 0x0300, cipherSuites: [0x0005, 0x000a] }))).toEqual({
      serverName: undefined,
      alpnProtocols: [],
      legacyVersion: 0x0300,
      supportedVersions: [],
      cipherSuites: [0x0005, 0x000a],
      extensions: [],
      supportedGroups: [],
      signatureAlgorithms: [],
    });
  });

  test('extensions may be an empty block', () => {
    expect(done(one({ extensions: [] })).extensions).toEqual([]);
  });

  test('protocols are opaque bytes', () => {
    expect(done(one({ extensions: [alpn('\xfa\xfa', 'h2')] })).alpnProtocols).toEqual(['\xfa\xfa', 'h2']);
  });

  test('names of other types are passed over', () => {
    const [, list] = serverNames('shop.test');
    const other = Buffer.concat([Buffer.from([9]), vector16(Buffer.from('x'))]);
    const extension: [number, Buffer] = [0, vector16(other, list.subarray(2))];
    expect(done(one({ extensions: [extension] })).serverName).toBe('shop.test');
  });

  test('unknown extensions may come twice', () => {
    expect(
      done(
        one({
          extensions: [
            [0x1234, u16(1)],
            [0x1234, u16(2)],
          ],
        }),
      ).extensions,
    ).toEqual([0x1234, 0x1234]);
  });

  const body = buildHello({ extensions: [serverNames('shop.test')] }).subarray(4);
  test.each<[string, Buffer]>([
    ['an empty body', handshake(Buffer.alloc(0))],
    ['a body that ends early', handshake(body.subarray(0, 20))],
    ['bytes behind the extensions', handshake(Buffer.concat([body, Buffer.from([0])]))],
    ['a session id of 33 bytes', buildHello({ sessionId: Buffer.alloc(33) })],
    ['no cipher suites', buildHello({ cipherSuites: [] })],
    ['no compression method', buildHello({ compression: [] })],
    ['an extension beyond the block', handshake(Buffer.concat([buildHello().subarray(4), vector16(u16(0), u16(9))]))],
    ['a block of one byte', handshake(Buffer.concat([buildHello().subarray(4), vector16(Buffer.from([0]))]))],
    ['an empty list of names', buildHello({ extensions: [[0, vector16()]] })],
    ['an empty server_name extension', buildHello({ extensions: [[0, Buffer.alloc(0)]] })],
    ['an empty name', buildHello({ extensions: [serverNames('')] })],
    ['two names', buildHello({ extensions: [serverNames('a.test', 'b.test')] })],
    ['two server_name extensions', buildHello({ extensions: [serverNames('a.test'), serverNames('b.test')] })],
    ['a name with NUL', buildHello({ extensions: [serverNames('a.test\0.b.test')] })],
    ['a name with a line feed', buildHello({ extensions: [serverNames('a.test\nx')] })],
    ['a name that is not UTF-8', buildHello({ extensions: [serverNames(Buffer.from([0xff, 0xfe]))] })],
    ['a name of 256 bytes', buildHello({ extensions: [serverNames('a'.repeat(256))] })],
    ['a name beyond its list', buildHello({ extensions: [[0, vector16(Buffer.from([0, 0, 9, 97]))]] })],
    ['bytes behind the names', buildHello({ extensions: [[0, Buffer.concat([serverNames('a')[1], u16(0)])]] })],
    ['an empty protocol', buildHello({ extensions: [alpn('h2', '')] })],
    ['an empty list of protocols', buildHello({ extensions: [[16, vector16()]] })],
    ['an odd list of versions', buildHello({ extensions: [[43, vector8(Buffer.from([3, 4, 3]))]] })],
    ['an odd list of groups', buildHello({ extensions: [[10, vector16(Buffer.from([0, 29, 0]))]] })],
    ['an empty list of signature algorithms', buildHello({ extensions: [[13, vector16()]] })],
  ])('%s fails', (_name, message) => {
    expect(failure(records(message, 5000))).toMatch(/broken/);
  });

  test('a wrong length anywhere never throws', () => {
    const bytes = one({ extensions: [serverNames('shop.test'), alpn('h2'), [43, vector8(u16(0x0304))]] });
    for (let at = 0; at < bytes.length; at += 1) {
      for (let value = 0; value < 256; value += 1) {
        const mutant = Buffer.from(bytes);
        mutant[at] = value;
        const reading = readClientHello(mutant);
        if (at >= 5 && reading.kind === 'done') expect(reading.length).toBe(bytes.length);
      }
    }
  });
});
