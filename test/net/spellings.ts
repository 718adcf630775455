/** Hosts in the spellings in which clients, people and tools write them. */
import fc from 'fast-check';

const { constantFrom: of, oneof } = fc;

/** Spellings of one host; the first is its canonical one. */
export const HOSTS: readonly (readonly [canonical: string, ...others: string[]])[] = [
  ['shop.test', 'SHOP.test', 'shop.test.', 'Shop.Test.', 'shop。test', 'ｓｈｏｐ.test'],
  ['xn--mnchen-3ya.test', 'münchen.test', 'MÜNCHEN.test', 'XN--MNCHEN-3YA.TEST', 'münchen.test.', 'mu\u0308nchen.test'],
  ['xn--strae-oqa.test', 'straße.test', 'xn--Strae-oqa.test.'],
  ['api_v2.shop.test', 'API_v2.shop.test.'],
  ['r3---sn-4g5.shop.test', 'R3---SN-4g5.shop.test'],
  ['localhost', 'LOCALHOST', 'localhost.', 'LocalHost.'],
  ['db', 'DB', 'db.'],
  ['10.1.2.3', '10.1.2.3.', '10.1.515', '0xa.1.2.3', '012.1.2.3', '0x0a010203', '167838211', '[::ffff:10.1.2.3]'],
  ['127.0.0.1', '127.1', '0x7f.1', '2130706433', '::ffff:7f00:1'],
  ['::1', '[::1]', '0:0:0:0:0:0:0:1', '[0:0::0:1]', '0000::0001'],
  ['2001:db8::a', '[2001:DB8::A]', '2001:0db8:0:0::a'],
  ['fe80::1%eth0', '[fe80::1%eth0]', 'FE80:0::1%eth0'],
];

/** A host in two spellings. */
export const spelled = of(...HOSTS).chain((spellings) =>
  fc.record({ host: fc.constant(spellings[0]), one: of(...spellings), other: of(...spellings) }),
);

/** A name that has others above it, and so can be written with `*`. */
export const named = spelled.filter(({ host }) => /[a-z]\.[a-z]/.test(host));

/** Names, right and wrong. */
export const written = fc
  .tuple(
    of('', '', '', 'https://', 'HTTP://', 'ftp://', '//', ' ', 'me:secret@', 'https://me@'),
    oneof(
      of(...HOSTS.flat()),
      fc.array(of('*', '.', 'a', 'shop', 'ü', '-', '_', ':', '1', 'xn--', ',', '%', '[', ']', '{', '}', '\\', "'"), {
        maxLength: 6,
      }),
    ).map((host) => (typeof host === 'string' ? host : host.join(''))),
    of('', '', '', ':443', ':0', ':65536', ':', ':*', ':http', '/', '/path', '?q', '#x', ' ', '.', ',b.test'),
  )
  .chain(([before, host, after]) => of(`${before}${host}${after}`, `${before}*.${host}${after}`, host));
