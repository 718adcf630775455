/** Readers of bytes and words on the way to a destination. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findOriginalDestination } from '../../../src/downstream/transparent/pf-state.js';
import { readSocketAddress } from '../../../src/downstream/transparent/socket-address.js';
import { disagreement } from '../../../src/journal/disagreement.js';
import type { Destination } from '../../../src/net/authority.js';
import { isOwnAddress, unmapped } from '../../../src/net/own-address.js';
import { tlsPort } from '../../../src/net/tls-ports.js';

describe('an answer of SO_ORIGINAL_DST', () => {
  // Linux gave these answers on x86-64: the family is in the machine's order, all else in the network's.
  test.each([
    ['02001f905db8d8220000000000000000', { host: '93.184.216.34', port: 8080 }],
    ['020001bb0a0900010000000000000000', { host: '10.9.0.1', port: 443 }],
    ['0a0001bb0000000020010db800000000000000000000000500000000', { host: '2001:db8::5', port: 443 }],
  ])('is an address where it is %s', (hex, authority) => {
    expect(readSocketAddress(Buffer.from(hex, 'hex'))).toEqual(authority);
  });

  test.each(['', '0200', '02000000000000000000000000000000', '00'.repeat(20), '00'.repeat(29)])(
    'is none where it is "%s"',
    (hex) => {
      expect(readSocketAddress(Buffer.from(hex, 'hex'))).toBeUndefined();
    },
  );
});

describe('the state table of pf', () => {
  const TABLE = `No ALTQ support in kernel
ALTQ related functions disabled
ALL tcp 192.168.0.10:55397 -> 192.168.0.17:8009       ESTABLISHED:ESTABLISHED
ALL tcp 192.168.0.10:53791 -> 17.57.145.55:5223       ESTABLISHED:ESTABLISHED
ALL tcp 120.204.94.42:17832 <- 172.20.10.2:54607       ESTABLISHED:ESTABLISHED
ALL tcp 172.20.10.2:54607 -> 10.114.73.55:35365 -> 120.204.94.42:17832       ESTABLISHED:ESTABLISHED
ALL tcp 192.168.0.10:9999 <- 13.115.189.183:443 <- 192.168.2.2:51782       ESTABLISHED:ESTABLISHED
ALL tcp 192.168.0.10:9999 <- 13.115.189.184:80 <- 192.168.2.2:51783       SYN_SENT:ESTABLISHED
ALL tcp ::1[9999] <- 2001:db8::5[443] <- 2001:db8::2[51782]       ESTABLISHED:ESTABLISHED
ALL tcp 192.168.0.10:9999 (13.115.189.185:8443) <- 192.168.2.3:51782       ESTABLISHED:ESTABLISHED
ALL udp 2409:8920:e20:c5b3:c05e:d0ea:4c11:a736[56973] <- 2409:8020:2000::6[53]       NO_TRAFFIC:SINGLE
`;

  test.each([
    ['192.168.2.2', 51782, { host: '13.115.189.183', port: 443 }],
    ['::ffff:192.168.2.2', 51782, { host: '13.115.189.183', port: 443 }],
    ['192.168.2.2', 51783, { host: '13.115.189.184', port: 80 }],
    ['2001:db8::2', 51782, { host: '2001:db8::5', port: 443 }],
    ['192.168.2.3', 51782, { host: '13.115.189.185', port: 8443 }],
    // Not redirected, not there, or only the beginning of another's address or port.
    ['172.20.10.2', 54607, undefined],
    ['192.168.2.2', 5178, undefined],
    ['192.168.2', 51782, undefined],
    ['92.168.2.2', 51782, undefined],
    ['192.168.0.10', 55397, undefined],
    ['2409:8020:2000::6', 53, undefined],
  ])('is asked for the destination of %s port %i', (host, port, destination) => {
    expect(findOriginalDestination(TABLE, { host, port })).toEqual(destination);
  });

  test('makes nothing throw, whatever it says', () => {
    const line = fc.array(
      fc.constantFrom('ALL', 'tcp', ' ', '<-', '->', '1.2.3.4:5', '::1[5]', '(', ')', ':', '[', ']', '\n', '99999'),
    );
    fc.assert(
      fc.property(line, (parts) => {
        const found = findOriginalDestination(parts.join(' '), { host: '1.2.3.4', port: 5 });
        if (found !== undefined) expect(found.port).toBeLessThan(65_536);
      }),
    );
  });
});

describe('the TLS port', () => {
  const ports = { 'shop.test': 8443, '*.dev.test': 9443, '*.eu.dev.test': 9444, 'API.test': 1 };
  test.each([
    ['shop.test', 8443],
    ['www.shop.test', 443],
    ['a.dev.test', 9443],
    ['a.eu.dev.test', 9444],
    ['dev.test', 443],
    ['api.test', 1],
    ['constructor', 443],
  ])('of %s is %i', (name, port) => {
    expect(tlsPort(ports, name)).toBe(port);
  });
});

describe('a proxy', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', 'localhost', true],
    ['127.0.0.1', '::ffff:127.0.0.1', true],
    ['127.0.0.1', '127.0.0.2', false],
    ['127.0.0.1', 'shop.test', false],
    ['0.0.0.0', '127.0.0.1', true],
    ['0.0.0.0', 'localhost', true],
    ['0.0.0.0', '0.0.0.0', true],
    ['::', '::1', true],
    ['::', '127.0.0.1', true],
    ['::', '192.0.2.1', false],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', 'localhost', false],
  ])('that listens on %s has %s as its own address: %s', (listening, host, own) => {
    expect(isOwnAddress({ host: listening, port: 80 }, { host, port: 80 })).toBe(own);
    expect(isOwnAddress({ host: listening, port: 80 }, { host, port: 81 })).toBe(false);
  });

  test('has an IPv4 address in IPv6 unwrapped, and no other', () => {
    expect(['::ffff:1.2.3.4', '::FFFF:1.2.3.4', '1.2.3.4', '::1', '::ffff:102:304'].map(unmapped)).toEqual([
      '1.2.3.4',
      '1.2.3.4',
      '1.2.3.4',
      '::1',
      '::ffff:102:304',
    ]);
  });
});

describe('where a client’s words disagree', () => {
  const kernel: Destination = { host: '10.0.0.2', port: 443, source: 'kernel' };
  const sni: Destination = { host: 'a.test', port: 443, source: 'sni' };
  test.each<[string, Destination, string | undefined, string, string | undefined]>([
    ['all agree', kernel, 'a.test', 'https://a.test/', undefined],
    ['no SNI', kernel, undefined, 'https://a.test/', undefined],
    ['SNI', kernel, 'b.test', 'https://a.test/x', 'Host asks for a.test, SNI asks for b.test.'],
    ['its own address', kernel, undefined, 'https://10.0.0.2/', undefined],
    ['an address', kernel, undefined, 'https://10.0.0.3/', 'Host asks for 10.0.0.3, the proxy dialled 10.0.0.2:443.'],
    ['a port', kernel, 'a.test', 'https://a.test:1/', 'Host asks for a.test:1, the proxy dialled 10.0.0.2:443.'],
    ['IPv6', { ...kernel, host: '::1' }, undefined, 'https://[::1]/', undefined],
    [
      'everything',
      kernel,
      'b.test',
      'https://a.test:1/',
      'Host asks for a.test:1, SNI asks for b.test, the proxy dialled 10.0.0.2:443.',
    ],
    [
      'a port in name mode',
      sni,
      'a.test',
      'https://a.test:1/',
      'Host asks for a.test:1, the proxy dialled a.test:443.',
    ],
    ['an explicit client', { ...kernel, source: 'connect' }, 'b.test', 'https://a.test/', undefined],
    ['no URL', kernel, 'b.test', 'nonsense', undefined],
  ])('the exchange says so, or nothing where they agree: %s', (_, destination, serverName, url, said) => {
    expect(disagreement(destination, serverName, url)).toBe(said);
  });
});
