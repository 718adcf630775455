import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detect } from '../../../src/downstream/detect.js';
import {
  readSocks4Request,
  readSocks5Credentials,
  readSocks5Greeting,
  readSocks5Request,
  type SocksRequest,
} from '../../../src/downstream/socks/read.js';
import { ClientError } from '../../../src/errors.js';
import type { ParseResult } from '../../../src/net/parse-result.js';

const text = (value: string) => Buffer.from(value, 'latin1').toString('hex');
const bytes = (hex: string) => Buffer.from(hex.replace(/\s/g, ''), 'hex');
const NAME = text('Shop.test');
const LONG = text('x'.repeat(255));

const requests: [what: string, read: (bytes: Buffer) => ParseResult<SocksRequest>, hex: string, value: SocksRequest][] =
  [
    ['4, an address', readSocks4Request, '04 01 0050 7f000001 00', found('127.0.0.1', 80)],
    ['4, a user', readSocks4Request, `04 01 01bb 0a000002 ${text('me')} 00`, found('10.0.0.2', 443)],
    ['4, to listen', readSocks4Request, '04 02 0050 7f000001 00', found('127.0.0.1', 80, 2)],
    ['4, 0.0.0.0 is an address', readSocks4Request, '04 01 0050 00000000 00', found('0.0.0.0', 80)],
    ['4, port 0', readSocks4Request, '04 01 0000 7f000001 00', nowhere()],
    ['4a, a name', readSocks4Request, `04 01 01bb 00000001 00 ${NAME} 00`, found('shop.test', 443)],
    ['4a, a user', readSocks4Request, `04 01 01bb 000000ff ${text('me')} 00 ${NAME} 00`, found('shop.test', 443)],
    ['4a, the longest name', readSocks4Request, `04 01 01bb 00000001 00 ${LONG} 00`, found('x'.repeat(255), 443)],
    ['4a, no name', readSocks4Request, '04 01 01bb 00000001 00 00', nowhere()],
    ['4a, a name with a space', readSocks4Request, `04 01 01bb 00000001 00 ${text('a b')} 00`, nowhere()],
    ['5, IPv4', readSocks5Request, '05 01 00 01 c0000201 1f90', found('192.0.2.1', 8080)],
    ['5, IPv6', readSocks5Request, `05 01 00 04 ${'0'.repeat(30)}01 0050`, found('::1', 80)],
    [
      '5, IPv6 that is IPv4',
      readSocks5Request,
      `05 01 00 04 ${'0'.repeat(20)}ffffc0000201 0050`,
      found('192.0.2.1', 80),
    ],
    ['5, a name', readSocks5Request, `05 01 00 03 09 ${NAME} 01bb`, found('shop.test', 443)],
    ['5, the longest name', readSocks5Request, `05 01 00 03 ff ${LONG} 01bb`, found('x'.repeat(255), 443)],
    ['5, IPv4 in words', readSocks5Request, `05 01 00 03 09 ${text('127.0.0.1')} 0050`, found('127.0.0.1', 80)],
    ['5, IPv6 in words', readSocks5Request, `05 01 00 03 03 ${text('::1')} 0050`, found('::1', 80)],
    ['5, IPv6 in brackets', readSocks5Request, `05 01 00 03 05 ${text('[::1]')} 0050`, found('::1', 80)],
    ['5, no name', readSocks5Request, '05 01 00 03 00 01bb', nowhere()],
    ['5, a name with a line break', readSocks5Request, `05 01 00 03 03 ${text('a\nb')} 01bb`, nowhere()],
    ['5, a name with a colon', readSocks5Request, `05 01 00 03 03 ${text('a:1')} 01bb`, nowhere()],
    ['5, a name with NUL', readSocks5Request, `05 01 00 03 03 ${text('a\0b')} 01bb`, nowhere()],
    ['5, port 0', readSocks5Request, '05 01 00 01 c0000201 0000', nowhere()],
    ['5, for UDP', readSocks5Request, '05 03 00 01 c0000201 1f90', found('192.0.2.1', 8080, 3)],
  ];

function found(host: string, port: number, command = 1): SocksRequest {
  return { command, authority: { host, port }, knownAddressType: true };
}

function nowhere(): SocksRequest {
  return { command: 1, authority: undefined, knownAddressType: true };
}

describe('among requests', () => {
  test.each(requests)('SOCKS %s, is read', (_, read, hex, value) => {
    const message = bytes(hex);
    const reading = { kind: 'done', value, length: message.length };
    expect(read(message)).toEqual(reading);
    expect(read(Buffer.concat([message, bytes('160301')]))).toEqual(reading);
    for (let cut = 0; cut < message.length; cut += 1) {
      expect(read(message.subarray(0, cut)), `cut at ${cut}`).toEqual({ kind: 'incomplete' });
    }
  });

  test('an unknown kind of address is answered before its end, which nobody knows', () => {
    const reading = readSocks5Request(bytes('05 01 00 07'));
    expect(reading).toMatchObject({ value: { command: 1, authority: undefined, knownAddressType: false } });
  });

  test.each([
    ['SOCKS 4 with another version', readSocks4Request, '05'],
    ['a user without end', readSocks4Request, `04 01 0050 7f000001 ${'41'.repeat(300)}`],
    ['a name without end', readSocks4Request, `04 01 0050 00000001 00 ${'41'.repeat(300)}`],
    ['a greeting with another version', readSocks5Greeting, '04'],
    ['credentials with another version', readSocks5Credentials, '05'],
    ['a request with another version', readSocks5Request, '01'],
  ])('%s is a failure', (_, read, hex) => {
    const reading = read(bytes(hex));
    expect(reading.kind).toBe('failed');
    if (reading.kind !== 'failed') return;
    expect(reading.error).toBeInstanceOf(ClientError);
    expect(reading.error.code).toBe('WAYLAY_CLIENT_PROTOCOL');
  });
});

describe('before a request of SOCKS 5', () => {
  test.each([
    ['05 01 00', [0]],
    ['05 03 00 01 02', [0, 1, 2]],
    ['05 00', []],
  ])('the greeting %s is read', (hex, methods) => {
    const message = bytes(hex);
    expect(readSocks5Greeting(message)).toEqual({ kind: 'done', value: methods, length: message.length });
    expect(readSocks5Greeting(Buffer.concat([message, message]))).toMatchObject({ length: message.length });
    for (let cut = 0; cut < message.length; cut += 1) {
      expect(readSocks5Greeting(message.subarray(0, cut))).toEqual({ kind: 'incomplete' });
    }
  });

  test.each([
    '01 02 6d65 06 736563726574',
    '01 00 00',
    '01 01 61 00',
    `01 ff ${'61'.repeat(255)} ff ${'62'.repeat(255)}`,
  ])('the credentials %s are read', (hex) => {
    const message = bytes(hex);
    expect(readSocks5Credentials(message)).toEqual({ kind: 'done', value: true, length: message.length });
    for (let cut = 0; cut < message.length; cut += 1) {
      expect(readSocks5Credentials(message.subarray(0, cut))).toEqual({ kind: 'incomplete' });
    }
  });
});

describe('for any bytes', () => {
  const readers: [string, (bytes: Buffer) => ParseResult<unknown>][] = [
    ['readSocks4Request', readSocks4Request],
    ['readSocks5Greeting', readSocks5Greeting],
    ['readSocks5Credentials', readSocks5Credentials],
    ['readSocks5Request', readSocks5Request],
  ];

  test.each(readers)('%s never throws, never uses more than came, and says the same of longer input', (_, read) => {
    const first = fc.constantFrom(1, 4, 5, 0, 255);
    fc.assert(
      fc.property(first, fc.uint8Array({ maxLength: 600 }), fc.uint8Array({ maxLength: 20 }), (version, rest, more) => {
        const input = Buffer.from([version, ...rest]);
        const reading = read(input);
        if (reading.kind === 'incomplete') return;
        const longer = read(Buffer.concat([input, more]));
        if (reading.kind === 'failed') expect(longer.kind).toBe('failed');
        else {
          expect(reading.length).toBeLessThanOrEqual(input.length);
          expect(longer).toEqual(reading);
          expect(read(input.subarray(0, reading.length))).toEqual(reading);
        }
      }),
    );
  });

  test('a request for any name and port is read back', () => {
    const label = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
    const names = fc.array(label, { minLength: 1, maxLength: 8 }).map((labels) => labels.join('.'));
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 65535 }), (name, port) => {
        const end = Buffer.alloc(2);
        end.writeUInt16BE(port);
        const five = Buffer.concat([Buffer.from([5, 1, 0, 3, name.length]), Buffer.from(name), end]);
        expect(readSocks5Request(five)).toMatchObject({ value: { authority: { host: name, port } } });
        const four = Buffer.concat([Buffer.from([4, 1]), end, Buffer.from([0, 0, 0, 1, 0]), Buffer.from(`${name}\0`)]);
        expect(readSocks4Request(four)).toMatchObject({ value: { authority: { host: name, port } } });
      }),
    );
  });
});

test('SOCKS is told by its version', () => {
  expect(detect(bytes('04'))).toEqual({ kind: 'done', value: 'socks4', length: 0 });
  expect(detect(bytes('050100'))).toEqual({ kind: 'done', value: 'socks5', length: 0 });
});
