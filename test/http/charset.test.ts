import { describe, expect, test } from 'vitest';
import { charsetOf, decodeText, encodeText } from '../../src/http/charset.js';
import { charsetLabel, parameterOf, withCharset } from '../../src/http/content-type.js';
import { decode, encoderOf, encodingNamed } from '../../src/http/encodings.js';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();
/** Windows-1251 of `Привет`. */
const CYRILLIC = Buffer.from([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]);
const html = (head: string, text: Buffer) => Buffer.concat([Buffer.from(`<!doctype html>${head}<p>`), text]);

describe('a content type', () => {
  test.each<[string, string | undefined]>([
    ['text/html; charset=utf-8', 'utf-8'],
    ['text/html;charset=UTF-8', 'UTF-8'],
    ['text/html; charset = latin1', 'latin1'],
    ['text/html ; charset\t=\t"latin1" ; a=b', 'latin1'],
    ["text/html; charset='latin1'", 'latin1'],
    ['text/html; a="; charset=no"; Charset=yes', 'yes'],
    ['text/html; charset=first; charset=second', 'first'],
    ['text/html; xcharset=no', undefined],
    ['text/html', undefined],
    ['', undefined],
  ])('has its charset read: %s', (type, charset) => {
    expect(charsetLabel(type)).toBe(charset);
  });

  test('has its quoted pairs undone', () => {
    expect(parameterOf('multipart/mixed; boundary="a\\"b;c"', 'boundary')).toBe('a"b;c');
  });

  test('keeps the rest where its charset is changed', () => {
    expect(withCharset('text/csv; header=present; charset = "latin1"; a=b', 'utf-8')).toBe(
      'text/csv; header=present; charset=utf-8; a=b',
    );
    expect(withCharset('text/html', 'utf-8')).toBe('text/html; charset=utf-8');
  });
});

describe('the charset of a text', () => {
  test.each<[string, string | undefined, Buffer, string]>([
    ['of the content type', 'text/plain; charset = latin1', latin1('café'), 'café'],
    ['of windows-1252, for which latin1 is a label', 'text/plain; charset=iso-8859-1', Buffer.from([0x80]), '€'],
    [
      'of the content type rather than <meta>',
      'text/html; charset=windows-1251',
      html('<meta charset=latin1>', CYRILLIC),
      '<!doctype html><meta charset=latin1><p>Привет',
    ],
    [
      'of a byte order mark rather than the content type',
      'text/html; charset=latin1',
      Buffer.from('\ufeffcafé'),
      'café',
    ],
    ['of the byte order mark of UTF-16', 'application/json', Buffer.from('\ufeff"é"', 'utf16le'), '"é"'],
    ['of the other byte order mark of UTF-16', 'text/plain', utf16be('\ufeffé'), 'é'],
    [
      'of <meta charset>',
      'text/html',
      html('<meta charset=iso-8859-1>', latin1('é')),
      '<!doctype html><meta charset=iso-8859-1><p>é',
    ],
    [
      'of <META content>',
      'text/html',
      html('<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=windows-1251">', CYRILLIC),
      '<!doctype html><META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=windows-1251"><p>Привет',
    ],
    [
      'of <meta> behind another that speaks of a charset',
      'text/html',
      html('<meta name=description content="our charset"><meta charset="windows-1251">', CYRILLIC),
      '<!doctype html><meta name=description content="our charset"><meta charset="windows-1251"><p>Привет',
    ],
    [
      'of no <meta> in a comment',
      'text/html',
      html('<!--<meta charset=windows-1251>-->', latin1('é')),
      '<!doctype html><!--<meta charset=windows-1251>--><p>é',
    ],
    [
      'of an XML declaration',
      'application/xml',
      Buffer.concat([Buffer.from('<?xml version="1.0" encoding="windows-1251"?><a>'), CYRILLIC]),
      '<?xml version="1.0" encoding="windows-1251"?><a>Привет',
    ],
    [
      'of an XML declaration and not what looks like <meta>',
      'image/svg+xml',
      Buffer.from('<?xml version="1.0"?><meta charset="latin1"/>é'),
      '<?xml version="1.0"?><meta charset="latin1"/>é',
    ],
    [
      'of XML in UTF-16 without a mark',
      'text/xml',
      utf16be('<?xml version="1.0" encoding="UTF-16"?><a>é</a>'),
      '<?xml version="1.0" encoding="UTF-16"?><a>é</a>',
    ],
    [
      'of @charset',
      'text/css',
      Buffer.concat([Buffer.from('@charset "windows-1251";'), CYRILLIC]),
      '@charset "windows-1251";Привет',
    ],
    ['by default UTF-8', 'text/html', Buffer.from('café'), 'café'],
    ['by default windows-1252 where it is no UTF-8', 'text/html', latin1('café'), 'café'],
    ['of JSON UTF-8', 'application/json', latin1('café'), 'caf\ufffd'],
    ['of events UTF-8', 'text/event-stream', latin1('café'), 'caf\ufffd'],
    ['of what has no type UTF-8', undefined, latin1('café'), 'caf\ufffd'],
    ['that nobody knows', 'text/plain; charset=nope', Buffer.from('é'), 'é'],
    ['that must not be decoded', 'text/plain; charset=iso-2022-kr', Buffer.from('é'), 'é'],
    ['of several bytes', 'text/html; charset=Shift_JIS', Buffer.from([0x93, 0xfa, 0x96, 0x7b]), '日本'],
  ])('is found: %s', (_, type, bytes, text) => {
    expect(decodeText(bytes, type)).toBe(text);
    expect(encodeText(text, type, charsetOf(bytes, type)).bytes.toString('latin1')).toBe(
      // Bytes that are no character come to nothing.
      text.includes('\ufffd') ? Buffer.from(text).toString('latin1') : bytes.toString('latin1'),
    );
  });

  test('makes no bytes throw that are read in it, whichever it is', () => {
    const bytes = Buffer.from(Array.from({ length: 2048 }, (_, at) => (at * 7919) % 256));
    for (const start of [
      '',
      '<meta charset=',
      '<meta content="charset',
      '<meta http-equiv=content-type content=charset=',
      '<?xml encoding=',
    ]) {
      for (let length = 0; length < 40; length += 1) {
        const all = Buffer.concat([Buffer.from(start), bytes.subarray(length, length * 40)]);
        for (const type of ['text/html', 'text/xml', 'text/css', 'text/plain; charset=gb18030']) {
          expect(typeof decodeText(all, type)).toBe('string');
        }
      }
    }
  });
});

describe('a text goes back', () => {
  test('in windows-1252, each byte as it was', () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
    const before = charsetOf(all, 'text/plain');
    expect(before.name).toBe('windows-1252');
    expect(encodeText(decode(all, before.name), 'text/plain', before).bytes).toEqual(all);
  });

  // Every character that a charset of one byte has, and some of each of the others.
  test.each([
    'ibm866',
    'iso-8859-2',
    'iso-8859-3',
    'iso-8859-4',
    'iso-8859-5',
    'iso-8859-6',
    'iso-8859-7',
    'iso-8859-8',
    'iso-8859-8-i',
    'iso-8859-10',
    'iso-8859-13',
    'iso-8859-14',
    'iso-8859-15',
    'iso-8859-16',
    'koi8-r',
    'koi8-u',
    'macintosh',
    'windows-874',
    'windows-1250',
    'windows-1251',
    'windows-1252',
    'windows-1253',
    'windows-1254',
    'windows-1255',
    'windows-1256',
    'windows-1257',
    'windows-1258',
    'x-mac-cyrillic',
    'x-user-defined',
  ])('in %s, each byte that is a character', (label) => {
    const name = encodingNamed(label) ?? '';
    const bytes = Array.from({ length: 256 }, (_, at) => at).filter(
      (at) => !decode(Buffer.from([at]), name).includes('\ufffd'),
    );
    expect(bytes.length).toBeGreaterThan(190);
    expect([...(encoderOf(name)(decode(Buffer.from(bytes), name)) ?? [])]).toEqual(bytes);
  });

  test.each([
    ['gbk', '中文€'],
    ['gb18030', '中文😀'],
    ['big5', '中文'],
    ['euc-jp', '日本語ｶﾅ'],
    ['iso-2022-jp', '日本 abc'],
    ['shift_jis', '日本語'],
    ['euc-kr', '한국어'],
    ['utf-16le', 'é😀'],
    ['utf-16be', 'é😀'],
  ])('in %s, some of its characters', (name, text) => {
    expect(decode(encoderOf(name)(text) ?? Buffer.alloc(0), name)).toBe(text);
  });

  test('with its byte order mark, once', () => {
    const before = charsetOf(Buffer.from('\ufeffa'), 'text/html; charset=latin1');
    expect(encodeText('é', 'text/html; charset=latin1', before)).toEqual({ bytes: Buffer.from('\ufeffé') });
    expect(encodeText('\ufeffé', 'text/html; charset=latin1', before)).toEqual({ bytes: Buffer.from('\ufeffé') });
  });

  test('in the charset that it now declares', () => {
    const before = charsetOf(html('<meta charset=iso-8859-1>', latin1('é')), 'text/html');
    const text = '<meta charset=utf-8>é→';
    expect(encodeText(text, 'text/html', before)).toEqual({ bytes: Buffer.from(text) });
  });

  test('with a content type that says what nothing said where it has to be said', () => {
    const ascii = charsetOf(Buffer.from('a'), 'text/html');
    expect(encodeText('é', 'text/html', ascii)).toEqual({
      bytes: Buffer.from('é'),
      contentType: 'text/html; charset=utf-8',
    });
    expect(encodeText('é', 'text/html')).toEqual({ bytes: Buffer.from('é'), contentType: 'text/html; charset=utf-8' });
    expect(encodeText('e', 'text/html', ascii)).toEqual({ bytes: Buffer.from('e') });
    expect(encodeText('é', 'application/json')).toEqual({ bytes: Buffer.from('é') });
    expect(encodeText('é', undefined)).toEqual({ bytes: Buffer.from('é') });
  });

  test('with references, escapes, or in UTF-8 where its charset lacks a character', () => {
    expect(encodeText('é😀→é', 'text/html; charset=latin1').bytes).toEqual(latin1('é&#128512;&#8594;é'));
    expect(encodeText('é→', 'application/xml; charset=latin1').bytes).toEqual(latin1('é&#8594;'));
    expect(encodeText('"é😀"', 'application/json; charset=latin1').bytes).toEqual(latin1('"é\\ud83d\\ude00"'));
    expect(encodeText('é→', 'text/plain; charset=latin1')).toEqual({
      bytes: Buffer.from('é→'),
      contentType: 'text/plain; charset=utf-8',
    });
  });

  test('with half a surrogate pair as no character', () => {
    expect(encodeText('\ud83d', 'text/plain').bytes).toEqual(Buffer.from('\ufffd'));
    expect(encodeText('\ud83d', 'text/html; charset=latin1').bytes).toEqual(Buffer.from('&#65533;'));
  });
});
