/** A mask hides secrets, and leaves all else as it is. */
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { bodyWithoutSecrets, textWithoutSecrets } from '../../../src/journal/mask/body-secrets.js';
import { DEFAULT_MASK, isMaskRule, type MaskRule } from '../../../src/journal/mask/mask.js';
import { Secrets } from '../../../src/journal/mask/secrets.js';

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
    ['GET https://ada:s3cr3t@a.test/', 'GET https://[masked]@a.test/'],
    ['/fetch/https://ada:s3cr3t@a.test/x', '/fetch/https://[masked]@a.test/x'],
    ['/cart;jsessionid=s3cr3t/items;v=1?a=b', '/cart;jsessionid=[masked]/items;v=1?a=b'],
    ['/a;token=s3cr3t#top', '/a;token=[masked]#top'],
    ['/a;v=1;x', '/a;v=1;x'],
    ['/x?next=%2Fcb%3Faccess_token%3Ds3cr3t%26a%3D1', '/x?next=%2Fcb%3Faccess_token%3D[masked]%26a%3D1'],
    ['/x?next=%252Fcb%253Faccess_token%253Ds3cr3t', '/x?next=%252Fcb%253Faccess_token%253D[masked]'],
    ['/x?to=https%3A%2F%2Fada%3As3cr3t%40a.test%2F', '/x?to=https%3A%2F%2F[masked]%40a.test%2F'],
    ['/x?to=https://ada:s3cr3t@a.test/&a=1', '/x?to=https://[masked]@a.test/&a=1'],
    ['/x?a=http://b.test&mail=ada@a.test', '/x?a=http://b.test&mail=ada@a.test'],
    [
      '/graphql?variables=%7B%22password%22%3A+%22s3cr3t%22%2C%22n%22%3A1%7D',
      '/graphql?variables=%7B%22password%22%3A%22[masked]%22%2C%22n%22%3A1%7D',
    ],
    ['/x?q=Zo%C3%AB%3Fpassword%3Ds3cr3t', '/x?q=Zo%C3%AB%3Fpassword%3D[masked]'],
    ['/x?next=%2Fcart%3Fpage%3D2+%20', '/x?next=%2Fcart%3Fpage%3D2+%20'],
    ['/x?sv=1&sig=s3cr3t&se=2', '/x?sv=1&sig=[masked]&se=2'],
    [
      '/x?X-Amz-Credential=s3cr3t%2F2026&X-Amz-Security-Token=s3cr3t',
      '/x?X-Amz-Credential=[masked]&X-Amz-Security-Token=[masked]',
    ],
    ['/x?token_count=5&next=1&tokens=3&signature_version=2', '/x?token_count=5&next=1&tokens=3&signature_version=2'],
  ])('has its secrets masked: %s', (url, shown) => {
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
  [
    'referer',
    'https://a.test/?next=%2Fcb%3Faccess_token%3Ds3cr3t',
    'https://a.test/?next=%2Fcb%3Faccess_token%3D[masked]',
  ],
  ['x-original-url', '/cb;jsessionid=s3cr3t?access_token=s3cr3t', '/cb;jsessionid=[masked]?access_token=[masked]'],
  ['x-upstream', 'via https://ada:s3cr3t@a.test/', 'via https://[masked]@a.test/'],
  ['x-state', '{"password":"s3cr3t"}', '{"password":"[masked]"}'],
  ['sec-websocket-protocol', 'chat, access_token, s3cr3t', 'chat, access_token, [masked]'],
  [
    'sec-websocket-protocol',
    'v1, base64url.bearer.authorization.k8s.io.s3cr3t',
    'v1, base64url.bearer.authorization.k8s.io.[masked]',
  ],
  ['sec-websocket-protocol', 'realtime, openai-insecure-api-key.s3cr3t', 'realtime, openai-insecure-api-key.[masked]'],
  ['sec-websocket-protocol', 'mqtt, eyJhbGciOiJub25lIn0.eyJzIjoxfQ.s3cr3t', 'mqtt, [masked]'],
  ['sec-websocket-protocol', 'graphql-transport-ws, mqtt', 'graphql-transport-ws, mqtt'],
])('the field %s has a URL in it, row %#', (name, value, shown) => {
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
    ['a text', 'text/plain', 'password=s3cr3t', 'password=[masked]'],
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
  ])('that is %s is masked', (_, type, text, shown) => {
    expect(textWithoutSecrets(secrets, text, type)).toBe(shown);
    expect(bodyWithoutSecrets(secrets, Buffer.from(text), type).toString()).toBe(shown);
  });

  test.each<BufferEncoding>(['utf8', 'utf16le'])('behind a byte order mark in %s stays in its charset', (charset) => {
    const encoded = (text: string) => Buffer.from(`\ufeff${text}`, charset);
    const shown = bodyWithoutSecrets(secrets, encoded('{"name":"Zoë","secret":"s3cr3t"}'), 'application/json');
    expect(shown).toEqual(encoded('{"name":"Zoë","secret":"[masked]"}'));
  });

  const inString = (value: unknown) => JSON.stringify({ body: JSON.stringify(value) });
  test.each<[string, string | undefined, string, string]>([
    [
      'JSON in a string of JSON',
      'application/json',
      inString({ password: 's3cr3t' }),
      inString({ password: '[masked]' }),
    ],
    [
      'JSON in a string of JSON in a string of JSON',
      'application/json',
      inString({ a: inString([{ password: 's3cr3t' }]) }),
      inString({ a: inString([{ password: '[masked]' }]) }),
    ],
    [
      'JSON in a string of JSON that broke off',
      'application/json',
      '{"a":"{\\"password\\":\\"s3\\\\\\"cr3t\\",\\"b\\":1}","c',
      '{"a":"{\\"password\\":\\"[masked]\\",\\"b\\":1}","c',
    ],
    ['a URL in JSON', undefined, '{"to":"/cb?access_token=s3cr3t"}', '{"to":"/cb?access_token=[masked]"}'],
    [
      'a document of GraphQL',
      'application/graphql',
      'mutation { a(password: "s3cr3t") }',
      'mutation { a(password: "[masked]") }',
    ],
    ['JSON in a form', form, 'data=%7B%22secret%22%3A%22s3cr3t%22%7D', 'data=%7B%22secret%22%3A%22[masked]%22%7D'],
    ['a text with a token', 'text/plain', 'ok access_token=s3cr3t&a=1 x', 'ok access_token=[masked]&a=1 x'],
    ['a text with a member', 'text/plain', 'sent "password": "s3\\"cr3t", ok', 'sent "password": "[masked]", ok'],
    ['a text with a member that is a number', 'text/plain', `sent 'secret': 1234;`, `sent 'secret': '[masked]';`],
    ['a text with an object', 'text/plain', 'got "secret": {"a":"s3cr3t"}', 'got "secret": "[masked]"'],
    [
      'a text with a URL',
      'text/plain',
      'go to https://ada:s3cr3t@a.test/?sig=s3cr3t',
      'go to https://[masked]@a.test/?sig=[masked]',
    ],
    [
      'a text with a URL in a query',
      'text/plain',
      'to ?n=%2Fcb%3Faccess_token%3Ds3cr3t%26a',
      'to ?n=%2Fcb%3Faccess_token%3D[masked]%26a',
    ],
    ['a message of an event', undefined, '42["login",{"password":"s3cr3t"}]', '42["login",{"password":"[masked]"}]'],
    [
      'HTML with JSON',
      'text/html; charset=utf-8',
      '<p>5" <script type="application/json" id=a>{"user":{"password":"s3cr3t"}}</script><p>',
      '<p>5" <script type="application/json" id=a>{"user":{"password":"[masked]"}}</script><p>',
    ],
    [
      'HTML with a script',
      'text/html',
      `<script>window.a={"accessToken":"s3cr3t",secret:'s3cr3t'};f("{\\"password\\":\\"s3cr3t\\"}")</SCRIPT>`,
      `<script>window.a={"accessToken":"[masked]",secret:'[masked]'};f("{\\"password\\":\\"[masked]\\"}")</SCRIPT>`,
    ],
    [
      'HTML with a form',
      'text/html',
      `<input type=hidden value='s3cr3t' name="id_token"><input name="user" value="ada">`,
      `<input type=hidden value="[masked]" name="id_token"><input name="user" value="ada">`,
    ],
    [
      'HTML with attributes',
      'text/html',
      '<a href="/cb?a=1&amp;access_token=s3cr3t"><div data-a="{&quot;secret&quot;:&quot;s3cr3t&quot;}">',
      '<a href="/cb?a=1&amp;access_token=[masked]"><div data-a="{&quot;secret&quot;:&quot;[masked]&quot;}">',
    ],
    [
      'HTML with escaped URLs in a script',
      'text/html',
      String.raw`<script>a="/a?b=1\u0026token=s3cr3t";b="/a?b=1\x26access_token\x3ds3cr3t"</script>`,
      String.raw`<script>a="/a?b=1\u0026token=[masked]";b="/a?b=1\x26access_token\x3d[masked]"</script>`,
    ],
    [
      'an event that broke off before another',
      'text/event-stream',
      'data: {"a":[{\n\ndata: {"secret":"s3cr3t"}\n\n',
      'data: {"a":[{\n\ndata: {"secret":"[masked]"}\n\n',
    ],
  ])('that is or has %s is masked', (_, type, text, shown) => {
    expect(textWithoutSecrets(secrets, text, type)).toBe(shown);
    expect(bodyWithoutSecrets(secrets, Buffer.from(text), type).toString()).toBe(shown);
    expect(textWithoutSecrets(new Secrets([]), text, type)).toBe(text);
  });

  test.each<[string | undefined, string]>([
    ['text/plain', 'the password: ask Ada; a secret: none. Your signature = yes, sign & token=1'],
    ['text/plain', 'token_count=5 next=2 tokens=7 passwords=3 secretary="Bob" no_secret=1 sig=x'],
    ['text/plain', '"token_count": 5, "next": "/a?page=2", "signature": "Ada", "secrets": [1]'],
    ['text/plain', 'if (password === "") return; password == null'],
    [
      'application/json',
      '{"token_count":5,"next":"/a?page=2&token_count=1","note":"the password: 8 letters, secret=","sig":"x"}',
    ],
    [
      'text/html',
      '<label for="password">password: at least 8</label><input type="password" name="password" placeholder="secret">',
    ],
    [
      'text/html',
      '<script>var password=e.target.value,a={password:t,secret:f()};x?token=b:c;if(secret=="a")b()</script>',
    ],
    ['text/css', '.password{color:red} a[secret="x"]{}'],
    ['text/javascript', 'const a = { password: "Password" };'],
    [undefined, '42["count",{"token_count":5}]'],
  ])('is as it was where nothing is secret: %s, %s', (type, text) => {
    expect(textWithoutSecrets(secrets, text, type)).toBe(text);
  });

  // Each would take hours, or overflow the stack, where a character is looked at more than a few times.
  test.each([
    ['escapes without an end', `{"${'\\"'.repeat(2_000_000)}`],
    ['quotes without an end', `{${'"'.repeat(2_000_001)}`],
    ['blanks after a name', `{"secret"${' '.repeat(2_000_000)}`],
    ['brackets without an end', `{"secret":${'['.repeat(2_000_000)}`],
    ['lists in lists of a path', `${'{"a":'.repeat(20_000)}1`],
    ['a long string without an end', `{"a":"${'x'.repeat(24_000_000)}`],
  ])('of %s is read in one go', (_, text) => {
    expect(() => textWithoutSecrets(secrets, text, 'application/json')).not.toThrow();
  });

  test.each<[string, string, string]>([
    ['a name again and again', 'text/plain', 'password='.repeat(150_000)],
    ['names without values', 'text/plain', 'password '.repeat(150_000)],
    ['quotes that do not end', 'text/plain', 'secret:"'.repeat(150_000)],
    ['escaped quotes that do not end', 'text/plain', `${'secret:\\"'.repeat(150_000)}`],
    ['backslashes', 'text/plain', `secret=${'\\'.repeat(400_000)}secret:"${'\\'.repeat(400_000)}`],
    ['blanks', 'text/plain', `secret${' '.repeat(400_000)}secret:${' '.repeat(400_000)}`],
    ['a long word', 'text/plain', `${'a-'.repeat(400_000)}=`],
    ['escapes of scripts', 'text/html', `${String.raw`\x3d\u003d`.repeat(100_000)}secret${'\\'.repeat(400_000)}`],
    ['percent signs', 'text/plain', `${'%25'.repeat(250_000)}secret%3D${'%25'.repeat(250_000)}`],
    ['users without hosts', 'text/plain', '://a'.repeat(250_000)],
    ['schemes', 'text/plain', 'https:'.repeat(250_000)],
    ['objects that do not end', 'text/plain', '"secret":{'.repeat(150_000)],
    ['scripts that do not end', 'text/html', '<script'.repeat(150_000)],
    ['scripts in scripts', 'text/html', '<script>'.repeat(150_000)],
    ['inputs that do not end', 'text/html', '<input name="'.repeat(300_000)],
    ['an input of names', 'text/html', `<input ${' name'.repeat(150_000)}>`],
    ['semicolons', 'application/x-www-form-urlencoded', `a=${';a'.repeat(150_000)}=${'%'.repeat(250_000)}`],
    ['percent signs in a form', 'application/x-www-form-urlencoded', `a=${'%25'.repeat(150_000)}3D`],
    ['events', 'text/event-stream', '\n'.repeat(250_000)],
  ])('of %s is read in one go, as %s', (_, type, text) => {
    expect(() => textWithoutSecrets(secrets, text, type)).not.toThrow();
    expect(() => secrets.url(text)).not.toThrow();
    expect(() => secrets.headerValue('sec-websocket-protocol', text)).not.toThrow();
    expect(() => secrets.headerValue('x-a', text)).not.toThrow();
  });

  test('without secrets is the same bytes', () => {
    const bytes = Buffer.from('{ "price": 1.0, "id": 9007199254740993 }');
    expect(bodyWithoutSecrets(secrets, bytes, 'application/json')).toBe(bytes);
  });

  test('keeps what is not ASCII', () => {
    const bytes = Buffer.from('{"name":"Zoë €","password":"s3cr3t"}');
    expect(bodyWithoutSecrets(secrets, bytes, undefined).toString()).toBe('{"name":"Zoë €","password":"[masked]"}');
  });

  test('of any depth is told of as a whole', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect(() => textWithoutSecrets(secrets, deep, 'application/json')).not.toThrow();
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
  ])('names what is masked: %s', (json, text, shown) => {
    const one = new Secrets([{ json }]);
    expect(textWithoutSecrets(one, text, 'application/json')).toBe(shown);
  });
});

describe('a path in JSON that broke off', () => {
  test.each<[string, string, string]>([
    ['user.iban', '{"iban":"a","user":{"iban":"s3cr3t","n":[1', '{"iban":"a","user":{"iban":"[masked]","n":[1'],
    ['user.iban', '{"user":{"a":[{"iban":"b"}],"iban":"s3c', '{"user":{"a":[{"iban":"b"}],"iban":"[masked]"'],
    ['a[1]', '{"a":["x",s3cr3t, 2],"b":[1,2],"c', '{"a":["x","[masked]", 2],"b":[1,2],"c'],
    [
      'a[*].b',
      '{"a":[{"b":"s3cr3t"},{"b":"s3cr3t"}],"b":[{"b":1',
      '{"a":[{"b":"[masked]"},{"b":"[masked]"}],"b":[{"b":1',
    ],
    ['a.*', '{"a":{"x":{"s3cr3t":1},"y":["s3cr3t"]},"b":{"x":1', '{"a":{"x":"[masked]","y":"[masked]"},"b":{"x":1'],
    ['a.**.b', '{"b":1,"a":{"x":[{"b":"s3cr3t"}]},"c":{"b":1', '{"b":1,"a":{"x":[{"b":"[masked]"}]},"c":{"b":1'],
    ['**.a.**.b', `${'{"a":'.repeat(3)}{"b":"s3cr3t"`, `${'{"a":'.repeat(3)}{"b":"[masked]"`],
    ['[0].b', '[{"b":"s3cr3t"},{"b":1},{', '[{"b":"[masked]"},{"b":1},{'],
  ])('still names what is masked: %s, row %#', (json, text, shown) => {
    const one = new Secrets([{ json }]);
    expect(textWithoutSecrets(one, text, 'application/json')).toBe(shown);
    expect(bodyWithoutSecrets(one, Buffer.from(text), undefined).toString()).toBe(shown);
  });

  test('is found in one go, however often its beginning comes again', () => {
    const one = new Secrets([{ json: '**.a.**.b' }, { json: 'a.**.a.**.a' }]);
    for (const end of ['', '}'.repeat(100_000)]) {
      expect(() => textWithoutSecrets(one, `${'{"a":'.repeat(100_000)}1${end}`, 'application/json')).not.toThrow();
    }
  });
});

test('a mask of nothing hides nothing', () => {
  const none = new Secrets([]);
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), fc.json(), (url, json) => {
      expect([none.url(url), textWithoutSecrets(none, json, 'application/json')]).toEqual([url, json]);
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

describe('in a body that a peer has made to be hard to read', () => {
  test.each([1_000, 15_000])('%d parts in one another are no more than text from some depth on', (depth) => {
    const secret = 'access_token=s3cr3t&{"password":"s3cr3t"}';
    const parts = Array.from(
      { length: depth },
      (_, at) => `--b${at}\r\nContent-Type: multipart/mixed; boundary=b${at + 1}\r\n\r\n`,
    );
    const shown = textWithoutSecrets(secrets, `${parts.join('')}?${secret}`, 'multipart/mixed; boundary=b0');
    expect(shown).toBe(`${parts.join('')}?access_token=[masked]&{"password":"[masked]"}`);
  });

  test.each([
    ['lines', 'application/x-ndjson', '{"password":\n', 2],
    ['lines of another kind', 'application/x-ndjson', '{,}\n', 3],
    ['texts that broke off', 'application/json-seq', '\x1e{"password":"s3cr3t', 0],
    ['texts that are empty', 'application/json-seq', '\x1e', 0],
  ])('a series of broken %s is not parsed again and again', (_, type, one, most) => {
    const parse = vi.spyOn(JSON, 'parse');
    try {
      textWithoutSecrets(new Secrets([{ json: '**.pin' }]), one.repeat(1_000), type);
      const whole = parse.mock.calls.filter(([text]) => /[{,]/.test(text) || text === '');
      expect(whole.length).toBeLessThanOrEqual(most);
    } finally {
      parse.mockRestore();
    }
  });
});

test.each([
  ['no boundary', 'multipart/form-data'],
  ['another boundary', 'multipart/form-data; boundary=other'],
])('a secret of a multipart body with %s is one still', (_, type) => {
  const head = '--b\r\nContent-Type: application/json\r\n';
  expect(textWithoutSecrets(secrets, head, type)).toBe(head);
  expect(textWithoutSecrets(secrets, 'a=b&access_token=s3cr3t', type)).toBe('a=b&access_token=[masked]');
});
