import { describe, expect, test } from 'vitest';
import { ipBytes, ipText } from '../../src/net/ip-address.js';

describe('addresses in certificates', () => {
  test.each([
    ['127.0.0.1', '7f000001', '127.0.0.1'],
    ['255.255.255.255', 'ffffffff', '255.255.255.255'],
    ['::', '00000000000000000000000000000000', '::'],
    ['::1', '00000000000000000000000000000001', '::1'],
    ['1::', '00010000000000000000000000000000', '1::'],
    ['2001:DB8::0001:0:0:2', '20010db8000000000001000000000002', '2001:db8::1:0:0:2'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008', '1:2:3:4:5:6:7:8'],
    ['fe80::1%eth0', 'fe800000000000000000000000000001', 'fe80::1'],
    ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201', '::ffff:c000:201'],
  ])('are read and written: %s', (text, hex, canonical) => {
    const bytes = ipBytes(text);
    expect(bytes?.toString('hex')).toBe(hex);
    expect(bytes && ipText(bytes)).toBe(canonical);
  });

  test.each(['', 'shop.test', '1.2.3', '1.2.3.4.5', '256.0.0.1', '[::1]', ':::', '1::2::3', 'a:80', '01.2.3.4'])(
    'are not read from "%s"',
    (text) => {
      expect(ipBytes(text)).toBeUndefined();
    },
  );

  test.each([0, 3, 5, 15, 17, 32])('are not written from %i bytes', (length) => {
    expect(ipText(Buffer.alloc(length))).toBeUndefined();
  });
});
