/** What a mask hides, and that it leaves all else as it is. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_MASK, isMaskRule, type MaskRule } from '../../src/exchange/mask.js';
import { Secrets } from '../../src/exchange/secrets.js';

const secrets = new Secrets();

describe('a URL', () => {
  test.each([
    ['https://a.test/?access_token=s3cr3t&b=2', 'https://a.test/?access_token=[masked]&b=2'],
    ['https://a.test/?b=2&accessToken=s3cr3t', 'https://a.test/?b=2&accessToken=[masked]'],
    ['/cb?ACCESS-TOKEN=s3cr3t;x=1', '/cb?ACCESS-TOKEN=[masked];x=1'],
    ['/cb#id_token=s3cr3t&state=1', '/cb#id_token=[masked]&state=1'],
    ['/cb?access%5Ftoken=s3cr3t', '/cb?access%5Ftoken=[masked]'],
    ['/x?X-Amz-Signature=s3cr3t&X-Amz-Date=1', '/x?X-Amz-Signature=[masked]&X-Amz-Date=1'],
    ['/x?password=', '/x?password=[masked]'],
    ['/x?password', '/x?password'],
    ['/password=s3cr3t', '/password=s3cr3t'],
    ['/x?q=password', '/x?q=password'],
    ['/x?%zz=1&secret=s3cr3t', '/x?%zz=1&secret=[masked]'],
    ['/x?secret=s3c;r3t&a=1', '/x?secret=[masked]&a=1'],
    ['/x?user%5Bpassword%5D=s3cr3t&secret[]=s3cr3t&a[b]=1', '/x?user%5Bpassword%5D=[masked]&secret[]=[masked]&a[b]=1'],
    ['https://ada:s3cr3t@a.test/x@y?a=b@c', 'https://[masked]@a.test/x@y?a=b@c'],
    ['//s3cr3t@a.test', '//[masked]@a.test'],
    ['/x@y', '/x@y'],
  ])('%s', (url, shown) => {
    expect(secrets.url(url)).toBe(shown);
  });
});

test.each([
  [
    'link',
    '<https://a.test/?secret=s3cr3t>; rel="next", </b>; rel=x',
    '<https://a.test/?secret=[masked]>; rel="next", </b>; rel=x',
  ],
  ['Refresh', '5; URL=https://ada:s3cr3t@a.test/?secret=s3cr3t', '5; URL=https://[masked]@a.test/?secret=[masked]'],
  ['location', '/cb#id_token=s3cr3t', '/cb#id_token=[masked]'],
])('the field %s has a URL in it', (name, value, shown) => {
  expect(secrets.headerValue(name, value)).toBe(shown);
});

describe('a body', () => {
  const form = 'application/x-www-form-urlencoded; charset=utf-8';
  const multipart = 'multipart/form-data; boundary="b"';
  const field = (name: string, value: string) =>
    `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;

  test.each<[string, string | undefined, string, string]>([
    ['a form', form, 'user=ada&password=s3cr3t', 'user=ada&password=[masked]'],
    ['JSON', 'application/json', '{"user":{"Password":"s3cr3t"},"n":1}', '{"user":{"Password":"[masked]"},"n":1}'],
    ['JSON with a list', undefined, '[{"accessToken":"s3cr3t"},2]', '[{"accessToken":"[masked]"},2]'],
    ['JSON with an object in its place', undefined, '{"secret":{"a":"s3cr3t"}}', '{"secret":"[masked]"}'],
    ['JSON with null', undefined, '{"secret":null}', '{"secret":null}'],
    ['JSON lines', 'application/x-ndjson', '{"a":1}\n{"secret":"s3cr3t"}\n', '{"a":1}\n{"secret":"[masked]"}\n'],
    ['JSON that broke off', 'application/json', '{"a":1,"secret": "s3cr3', '{"a":1,"secret": "[masked]"'],
    [
      'JSON that broke off in an object',
      'application/json',
      '{"secret": {"a":"s3cr3t","b":[1',
      '{"secret": "[masked]"',
    ],
    ['JSON that broke off in a list', 'application/json', '{\n"secret": [\n"s3cr3t",\n"s3', '{\n"secret": "[masked]"'],
    [
      'JSON that broke off after an escaped name',
      undefined,
      '{"s\\u0065cret":"s3cr3t","b',
      '{"s\\u0065cret":"[masked]","b',
    ],
    ['JSON behind a byte order mark', 'application/json', '\ufeff{"secret":"s3cr3t"}', '\ufeff{"secret":"[masked]"}'],
    ['JSON behind a guard', 'application/json', ')]}\',\n{"secret":"s3cr3t"}', ')]}\',\n{"secret":"[masked]"}'],
    [
      'a sequence of JSON',
      'application/json-seq',
      '\x1e{"secret":"s3cr3t"}\n\x1e{"a":1}\n',
      '\x1e{"secret":"[masked]"}\n\x1e{"a":1}\n',
    ],
    [
      'events of JSON',
      'text/event-stream',
      'data: {"a":1,"secret":"s3cr3t"}\n\n',
      'data: {"a":1,"secret":"[masked]"}\n\n',
    ],
    ['a form with delimiters in a value', form, 'password=a;b=s3cr3t#s3cr3t&c=1', 'password=[masked]&c=1'],
    [
      'a form with keys in brackets',
      form,
      'user[password]=s3cr3t&user[name]=ada',
      'user[password]=[masked]&user[name]=ada',
    ],
    ['a text', 'text/plain', 'password=x', 'password=x'],
    [
      'a multipart form whose file is named like a parameter',
      multipart,
      '--b\r\nContent-Disposition: form-data; name="secret"; filename="a; name=b"\r\n\r\ns3cr3t\r\n--b--\r\n',
      '--b\r\nContent-Disposition: form-data; name="secret"; filename="a; name=b"\r\n\r\n[masked]\r\n--b--\r\n',
    ],
    [
      'a multipart form with blanks around its equals signs',
      'multipart/form-data; boundary = b',
      '--b\r\nContent-Disposition: form-data; name = "secret"\r\n\r\ns3cr3t\r\n--b--\r\n',
      '--b\r\nContent-Disposition: form-data; name = "secret"\r\n\r\n[masked]\r\n--b--\r\n',
    ],
    [
      'a multipart form with its boundary within a line',
      multipart,
      `${field('password', 'a--b s3cr3t')}${field('user', 'a--b')}--b--\r\n`,
      `${field('password', '[masked]')}${field('user', 'a--b')}--b--\r\n`,
    ],
    [
      'a multipart form with JSON in it',
      multipart,
      `${field('operations', '{"variables":{"password":"s3cr3t"}}')}--b--\r\n`,
      `${field('operations', '{"variables":{"password":"[masked]"}}')}--b--\r\n`,
    ],
    [
      'a multipart form',
      multipart,
      `${field('user', 'ada')}${field('password', 's3cr3t')}--b--\r\n`,
      `${field('user', 'ada')}${field('password', '[masked]')}--b--\r\n`,
    ],
  ])('that is %s', (_, type, text, shown) => {
    expect(secrets.text(text, type)).toBe(shown);
    expect(secrets.body(Buffer.from(text), type).toString()).toBe(shown);
  });

  test.each<BufferEncoding>(['utf8', 'utf16le'])('behind a byte order mark in %s stays in its charset', (charset) => {
    const encoded = (text: string) => Buffer.from(`\ufeff${text}`, charset);
    const shown = secrets.body(encoded('{"name":"Zoë","secret":"s3cr3t"}'), 'application/json');
    expect(shown).toEqual(encoded('{"name":"Zoë","secret":"[masked]"}'));
  });

  // Each would take hours, or overflow the stack, where a character is looked at more than a few times.
  test.each([
    ['escapes without an end', `{"${'\\"'.repeat(2_000_000)}`],
    ['quotes without an end', `{${'"'.repeat(2_000_001)}`],
    ['blanks after a name', `{"secret"${' '.repeat(2_000_000)}`],
    ['brackets without an end', `{"secret":${'['.repeat(2_000_000)}`],
    ['a long string without an end', `{"a":"${'x'.repeat(24_000_000)}`],
  ])('of %s is read in one go', (_, text) => {
    expect(() => secrets.text(text, 'application/json')).not.toThrow();
  });

  test('without secrets is the same bytes', () => {
    const bytes = Buffer.from('{ "price": 1.0, "id": 9007199254740993 }');
    expect(secrets.body(bytes, 'application/json')).toBe(bytes);
  });

  test('keeps what is not ASCII', () => {
    const bytes = Buffer.from('{"name":"Zoë €","password":"s3cr3t"}');
    expect(secrets.body(bytes, undefined).toString()).toBe('{"name":"Zoë €","password":"[masked]"}');
  });

  test('of any depth is told of as a whole', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect(() => secrets.text(deep, 'application/json')).not.toThrow();
  });
});

describe('a path in JSON', () => {
  test.each<[string, string, string]>([
    ['a.b', '{"a":{"b":1},"b":2}', '{"a":{"b":"[masked]"},"b":2}'],
    ['a.*', '{"a":{"b":1,"c":2}}', '{"a":{"b":"[masked]","c":"[masked]"}}'],
    ['*.b', '{"a":{"b":1},"b":2}', '{"a":{"b":"[masked]"},"b":2}'],
    ['**.b', '{"a":[{"b":1}],"b":2}', '{"a":[{"b":"[masked]"}],"b":"[masked]"}'],
    ['a.**.b', '{"a":{"x":{"b":1}},"b":2}', '{"a":{"x":{"b":"[masked]"}},"b":2}'],
    ['a[0].b', '{"a":[{"b":1},{"b":2}]}', '{"a":[{"b":"[masked]"},{"b":2}]}'],
    ['a[*].b', '{"a":[{"b":1},{"b":2}]}', '{"a":[{"b":"[masked]"},{"b":"[masked]"}]}'],
    ['a.**', '{"a":{"b":1},"c":2}', '{"a":{"b":"[masked]"},"c":2}'],
  ])('%s', (json, text, shown) => {
    const one = new Secrets([{ json }]);
    expect(one.text(text, 'application/json')).toBe(shown);
  });
});

test('a mask of nothing hides nothing', () => {
  const none = new Secrets([]);
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), fc.json(), (url, json) => {
      expect([none.url(url), none.text(json, 'application/json')]).toEqual([url, json]);
    }),
  );
});

test('whatever the JSON, no value under a secret name is left', () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      fc.integer(),
      fc.constant('plain'),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'password', 'refreshToken', 'b'), tie('any'), { maxKeys: 3 }),
    ),
  })).any;
  const leaks = (shown: unknown): boolean =>
    typeof shown === 'object' &&
    shown !== null &&
    Object.entries(shown).some(([key, inner]) =>
      key === 'password' || key === 'refreshToken' ? inner !== '[masked]' : leaks(inner),
    );
  fc.assert(fc.property(value, (json) => !leaks(secrets.json(json))));
});

test('the rules of a mask are headers by name, and fields of one kind', () => {
  const good: MaskRule[] = ['x-a', { query: 'a' }, { form: 'a' }, { json: '**.a' }];
  for (const rule of [...good, ...DEFAULT_MASK]) expect(isMaskRule(rule)).toBe(true);
  for (const rule of ['', {}, null, 1, { cookie: 'a' }, { query: '' }, { query: 'a', json: 'b' }, { json: /a/ }]) {
    expect(isMaskRule(rule)).toBe(false);
  }
});
