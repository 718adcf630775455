import { expect, test } from 'vitest';
import { readForm } from '../../src/http/form.js';
import { parseJson } from '../../src/http/json-body.js';

const FORM = 'application/x-www-form-urlencoded';

test.each<[string, string, string | Buffer, [string, string][]]>([
  [
    'UTF-8',
    FORM,
    'a=caf%C3%A9&b=1+2',
    [
      ['a', 'café'],
      ['b', '1 2'],
    ],
  ],
  [
    'the charset that _charset_ names',
    FORM,
    '_charset_=windows-1252&a=caf%E9',
    [
      ['_charset_', 'windows-1252'],
      ['a', 'café'],
    ],
  ],
  [
    'the same, wherever it is',
    FORM,
    '%E9=caf%E9&_charset_=iso-8859-1',
    [
      ['é', 'café'],
      ['_charset_', 'iso-8859-1'],
    ],
  ],
  ['the charset of the content type', `${FORM}; charset = windows-1251`, 'a=%CF%F0', [['a', 'Пр']]],
  [
    'several bytes a character',
    FORM,
    '_charset_=Shift_JIS&a=%93%FA%96{',
    [
      ['_charset_', 'Shift_JIS'],
      ['a', '日本'],
    ],
  ],
  ['bytes that are not escaped', `${FORM}; charset=latin1`, Buffer.from('a=café', 'latin1'), [['a', 'café']]],
  [
    '_charset_ without a charset',
    FORM,
    '_charset_=&a=%C3%A9',
    [
      ['_charset_', ''],
      ['a', 'é'],
    ],
  ],
  ['a charset that nobody knows', `${FORM}; charset=nope`, 'a=%C3%A9', [['a', 'é']]],
  [
    'what is no pair',
    `${FORM}; charset=latin1`,
    '&a&=b&c=d=e&%',
    [
      ['a', ''],
      ['', 'b'],
      ['c', 'd=e'],
      ['%', ''],
    ],
  ],
])('a form in %s is read', (_, type, body, pairs) => {
  expect([...readForm(Buffer.from(body), type)]).toEqual(pairs);
});

test.each<[string, string, unknown]>([
  ['application/x-ndjson', '{"a":1}\n{"a":2}\r\n\n', [{ a: 1 }, { a: 2 }]],
  ['application/jsonl; charset=utf-8', '1', [1]],
  ['application/x-ndjson', '', []],
  ['application/json-seq', '\x1e{"a":\n1}\n\x1e2\n', [{ a: 1 }, 2]],
  ['application/geo+json-seq', '\x1e1\n', [1]],
  ['application/json', '[1]', [1]],
  ['application/vnd.a+json', '{}', {}],
  ['', '1', 1],
])('JSON of type %j is read: %j', (type, text, value) => {
  expect(parseJson(text, type)).toEqual(value);
});

test.each([
  ['application/x-ndjson', '{"a":1}\n{'],
  ['application/json', '1\n2'],
])('a text that is no JSON of type %s is a SyntaxError', (type, text) => {
  expect(() => parseJson(text, type)).toThrow(SyntaxError);
});
