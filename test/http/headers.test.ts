import { describe, expect, test } from 'vitest';
import { withBodyLength } from '../../src/http/framing.js';
import {
  endToEnd,
  endToEndWithUpgrade,
  headersObject,
  headerValue,
  headerValues,
  type RawHeaders,
  withHeader,
  withoutHeaders,
  withoutProxyFields,
} from '../../src/http/headers.js';
import { seeded } from '../journal/seeded.js';

type Field = readonly [name: string, value: string];

const pairs = (raw: RawHeaders): Field[] =>
  Array.from({ length: raw.length / 2 }, (_, at) => [raw[2 * at] as string, raw[2 * at + 1] as string]);
const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

const ENDINGS = ['Accept', 'Cookie', 'Set-Cookie', 'Via', 'X-One', 'Cache-Control', 'Host', 'Trailer', '__proto__'];
const HOP_BY_HOP = ['Connection', 'Keep-Alive', 'Proxy-Connection', 'TE', 'Transfer-Encoding', 'Upgrade'];

/** Random lists with names in any case, many of them repeated. */
function randomLists(seed: number, names: readonly string[], rounds = 300): string[][] {
  const random = seeded(seed);
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T;
  return Array.from({ length: rounds }, () =>
    Array.from({ length: Math.floor(random() * 12) }, () => {
      const name = [...pick(names)].map((letter) => (random() < 0.5 ? letter.toUpperCase() : letter.toLowerCase()));
      return [name.join(''), pick(['', 'a', 'b=1; c', 'x, y', 'close', 'Via, x-one', 'trailers'])];
    }).flat(),
  );
}

describe('reading', () => {
  test('finds all values of a name in their order, whatever the case', () => {
    for (const raw of randomLists(1, ENDINGS)) {
      for (const name of ENDINGS) {
        const values = pairs(raw)
          .filter((field) => same(field[0], name))
          .map((field) => field[1]);
        expect(headerValues(raw, name.toUpperCase())).toEqual(values);
        expect(headerValue(raw, name) === undefined).toBe(values.length === 0);
      }
    }
  });

  test('gives an object that has for every name what headerValue gives', () => {
    for (const raw of randomLists(2, ENDINGS)) {
      const object = headersObject(raw);
      expect(new Set(Object.keys(object))).toEqual(new Set(pairs(raw).map(([name]) => name.toLowerCase())));
      for (const name of Object.keys(object)) expect(object[name]).toBe(headerValue(raw, name));
    }
  });

  test.each([
    ['accept', 'a, b'],
    ['cookie', 'a; b'],
    ['set-cookie', 'a\nb'],
  ])('joins repeated %s', (name, joined) => {
    expect(headerValue([name, 'a', 'X', '1', name.toUpperCase(), 'b'], name)).toBe(joined);
  });

  test('tells an empty value from an absent field, and has nothing inherited', () => {
    expect(headerValue(['a', ''], 'a')).toBe('');
    expect(headersObject(['a', '']).constructor).toBeUndefined();
    expect(Object.entries(headersObject(['__proto__', 'x']))).toEqual([['__proto__', 'x']]);
  });
});

describe('withHeader', () => {
  test('leaves all other fields as they are, in order and case', () => {
    for (const raw of randomLists(3, ENDINGS)) {
      for (const value of ['new', ['one', 'two'], null]) {
        const others = (list: RawHeaders) => pairs(list).filter(([name]) => !same(name, 'via'));
        expect(others(withHeader(raw, 'via', value))).toEqual(others(raw));
      }
    }
  });

  test('sets the values in the place and case of the first occurrence, else at the end', () => {
    for (const raw of randomLists(4, ENDINGS)) {
      const result = pairs(withHeader(raw, 'via', ['one', 'two']));
      const at = pairs(raw).findIndex(([name]) => same(name, 'via'));
      const name = at === -1 ? 'via' : pairs(raw)[at]?.[0];
      const place = at === -1 ? result.length - 2 : at;
      expect(result.slice(place, place + 2)).toEqual([
        [name, 'one'],
        [name, 'two'],
      ]);
      expect(result.filter((field) => same(field[0], 'via'))).toHaveLength(2);
    }
  });

  test('deletes with null and with no values; changes nothing in what it was given', () => {
    const raw = Object.freeze(['Via', 'a', 'X', '1', 'VIA', 'b']);
    expect(withHeader(raw, 'via', null)).toEqual(['X', '1']);
    expect(withHeader(raw, 'via', [])).toEqual(['X', '1']);
    expect(withHeader(raw, 'x', '')).toEqual(['Via', 'a', 'X', '', 'VIA', 'b']);
  });
});

test('withoutHeaders takes exactly the named fields out', () => {
  const names = new Set(['via', 'cookie']);
  for (const raw of randomLists(5, ENDINGS)) {
    const kept = pairs(raw).filter(([name]) => !names.has(name.toLowerCase()));
    expect(pairs(withoutHeaders(raw, names))).toEqual(kept);
  }
});

describe('endToEnd (RFC 9110, section 7.6.1)', () => {
  test('keeps end-to-end fields, their order, case and repetition', () => {
    for (const raw of randomLists(6, ENDINGS)) expect(endToEnd(raw)).toEqual(raw);
  });

  test('gives a part of the list, in order, and the same when done twice', () => {
    for (const raw of randomLists(7, [...ENDINGS, ...HOP_BY_HOP])) {
      const result = pairs(endToEnd(raw));
      const rest = pairs(raw);
      for (const field of result) {
        const at = rest.findIndex(([name, value]) => name === field[0] && value === field[1]);
        expect(at, `${field} is in order`).not.toBe(-1);
        rest.splice(0, at + 1);
      }
      expect(endToEnd(result.flat())).toEqual(result.flat());
    }
  });

  test('takes out what the RFC names and what Connection nominates, and nothing else', () => {
    for (const raw of randomLists(8, [...ENDINGS, ...HOP_BY_HOP])) {
      // 'Via, x-one' is the only value above that nominates fields of the list.
      const nominated = headerValues(raw, 'connection').includes('Via, x-one') ? ['via', 'x-one'] : [];
      const expected = pairs(raw).filter(([name, value]) =>
        same(name, 'te') ? value === 'trailers' : ![...HOP_BY_HOP, ...nominated].some((one) => same(one, name)),
      );
      expect(pairs(endToEnd(raw))).toEqual(expected);
    }
  });

  test.each([['Connection'], ['Keep-Alive'], ['Proxy-Connection'], ['Transfer-Encoding'], ['Upgrade']])(
    'takes out %s',
    (name) => {
      expect(endToEnd(['A', '1', name, 'x', 'B', '2'])).toEqual(['A', '1', 'B', '2']);
    },
  );

  test.each(['Proxy-Authenticate', 'proxy-authorization', 'Proxy-Authentication-Info'])(
    'leaves %s, which is a proxy’s only where the client knows of one',
    (name) => {
      const raw = ['A', '1', name, 'x', 'B', '2'];
      expect(endToEnd(raw)).toBe(raw);
      expect(withoutProxyFields(raw)).toEqual(['A', '1', 'B', '2']);
      expect(withoutProxyFields(['A', '1'])).toEqual(['A', '1']);
    },
  );

  test('takes out nominated fields wherever they stand, from several Connection fields, in any case', () => {
    const raw = [
      'X-HOP',
      '1',
      'Connection',
      ' x-hop ,, Close',
      'connection',
      'X-Two,keep-alive',
      'x-two',
      '2',
      'Y',
      '3',
    ];
    expect(endToEnd(raw)).toEqual(['Y', '3']);
  });

  test.each(['Host', 'Content-Length', 'Cache-Control'])('keeps %s though it is nominated', (name) => {
    expect(endToEnd(['Connection', name, name, '1'])).toEqual([name, '1']);
  });

  test('keeps TE where it asks for trailers only, and Trailer', () => {
    expect(endToEnd(['Connection', 'TE', 'TE', 'trailers', 'Trailer', 'X-Sum'])).toEqual([
      'TE',
      'trailers',
      'Trailer',
      'X-Sum',
    ]);
    expect(endToEnd(['TE', 'gzip;q=0.5'])).toEqual([]);
  });
});

test('endToEndWithUpgrade keeps what negotiates the upgrade (RFC 9110, section 7.8)', () => {
  const raw = ['Host', 'shop.test', 'Connection', 'keep-alive, Upgrade', 'Upgrade', 'websocket', 'Keep-Alive', '5'];
  expect(endToEndWithUpgrade([...raw, 'Proxy-Connection', 'x', 'Sec-WebSocket-Version', '13'])).toEqual([
    'Host',
    'shop.test',
    'Connection',
    'keep-alive, Upgrade',
    'Upgrade',
    'websocket',
    'Sec-WebSocket-Version',
    '13',
  ]);
});

test('withBodyLength tells the length, and no coding', () => {
  const raw = ['A', '1', 'content-length', '9', 'Content-Encoding', 'gzip', 'B', '2'];
  expect(withBodyLength(raw, 3)).toEqual(['A', '1', 'content-length', '3', 'B', '2']);
  expect(withBodyLength(['Transfer-Encoding', 'chunked', 'A', '1'], 0)).toEqual(['A', '1', 'Content-Length', '0']);
});
