/** Messages for tests of the readers: made of ordinary and odd parts, and then damaged at some places. */
import fc from 'fast-check';
import { latin1 } from './reading.js';

/** Inputs for each property: 100,000 were tried by hand, `WAYLAY_FUZZ_RUNS=100000`. */
export function runs(usual: number): number {
  return Number(process.env.WAYLAY_FUZZ_RUNS ?? usual);
}

/**
 * Inputs for a property that holds another's reader against ours: the same ones each time, unless more are asked for, since what
 * differs is not always a fault of ours.
 */
export function comparedRuns(usual: number): fc.Parameters<unknown> {
  return process.env.WAYLAY_FUZZ_RUNS === undefined ? { numRuns: usual, seed: 1 } : { numRuns: runs(usual) };
}

/** Mostly the usual, so that whole messages are too. */
function mostly(usual: readonly string[], ...odd: string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { arbitrary: fc.constantFrom(...usual), weight: 19 },
    { arbitrary: fc.constantFrom(...odd), weight: 1 },
  );
}

const END = mostly(['\r\n'], '\n', '\r', '\r\r\n', '');

const REQUEST_LINE = fc
  .tuple(
    mostly(['GET', 'POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH'], 'CONNECT', 'patch', 'FOO', 'G@T', ''),
    mostly([' '], '  ', '\t'),
    mostly(['/', '/a?b=c', 'http://a.test/', '*'], 'a.test:443', '/\xe9', '/a b', '/\x01', ''),
    mostly([' HTTP/1.1', ' HTTP/1.1', ' HTTP/1.1', ' HTTP/1.0'], ' HTTP/2.0', ' HTTP/1.2', ''),
  )
  .map((parts) => parts.join(''));

const STATUS_LINE = fc
  .tuple(
    mostly(['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0'], 'HTTP/2.0', 'http/1.1', 'HTTP', '\r\nHTTP/1.1'),
    mostly([' '], '  ', '\t', ''),
    mostly(['200', '404', '500', '103', '204', '304'], '100', '101', '205', '999', '099', '20', ''),
    mostly([' OK', ' Not Found', ' ', ''], ' \xe9', ' a\x01b', '\tX', ' a: b', '   b  '),
  )
  .map((parts) => parts.join(''));

const FIELD = fc
  .tuple(
    mostly(['A', 'X-Long-Name', 'Host', 'cookie', 'Connection'], 'A B', 'A(', '', '\xe9', 'Expect', 'Upgrade'),
    mostly([':', ': ', ':\t'], ' : ', ''),
    mostly(['', '1', 'a b', ' x ', 'keep-alive', 'x'.repeat(120)], '\xe9', 'a\x01', 'a\0', 'close', '100-continue'),
    mostly([''], '\r\n more', '\r\n\tmore', '\n more'),
  )
  .map((parts) => parts.join(''));

const LENGTH = fc
  .tuple(
    mostly(['Content-Length: ', 'content-length:', 'Content-Length:\t'], 'Content-Length : '),
    mostly(['5', '12', '0'], '05', '+5', '5, 5', '5,', '-5', 'a', '', '5 5', '99999999999999999999'),
  )
  .map((parts) => parts.join(''));

const CODING = fc
  .tuple(
    mostly(['Transfer-Encoding: ', 'transfer-encoding:'], 'Transfer-Encoding : '),
    mostly(
      ['chunked', 'Chunked', 'gzip, chunked'],
      ...['chunked, gzip', 'identity', 'chunked, chunked', ', chunked', 'chunked,'],
      ...['xchunked', 'chunkedx', 'chunked;a=b', '', 'gzip'],
    ),
  )
  .map((parts) => parts.join(''));

const CHUNK = fc
  .tuple(
    mostly(['5', '05', '5;a', '5;a=b', '5;a="b"'], '6', '4', '', 'x', '0x5', '5 ', ' 5', '5g', '5 ;a', '5;\xe9'),
    END,
    mostly(['hello', 'HELLO', 'he\r\no'], '0\r\n\r\n'),
    END,
  )
  .map((parts) => parts.join(''));

const LAST_CHUNK = fc
  .tuple(mostly(['0', '00', '0;a'], '', '0 '), END, fc.array(fc.tuple(FIELD, END), { maxLength: 2 }), END)
  .map((parts) => parts.flat(2).join(''));

const CHUNKS = fc.tuple(fc.array(CHUNK, { maxLength: 3 }), LAST_CHUNK).map(([chunks, last]) => chunks.join('') + last);

/** A framing, and a body that mostly fits. */
const FRAMED = fc.oneof(
  { arbitrary: fc.constant(['', '']), weight: 3 },
  { arbitrary: fc.constantFrom(['Content-Length: 5', 'hello'], ['content-length:12', 'hello, world']), weight: 2 },
  { arbitrary: fc.tuple(LENGTH, fc.constantFrom('hello', 'hello, world', '')), weight: 1 },
  {
    arbitrary: fc.tuple(fc.constantFrom('Transfer-Encoding: chunked', 'transfer-encoding:gzip, chunked'), CHUNKS),
    weight: 3,
  },
  { arbitrary: fc.tuple(CODING, CHUNKS), weight: 1 },
  {
    arbitrary: fc.tuple(
      fc.tuple(LENGTH, CODING).map((both) => both.join('\r\n')),
      CHUNKS,
    ),
    weight: 1,
  },
);

function message(startLine: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const fields = fc.array(fc.tuple(FIELD, END), { maxLength: 4 }).map((lines) => lines.flat().join(''));
  return fc
    .tuple(startLine, END, fields, FRAMED, END, END)
    .map(([start, end, lines, [framing, body], framingEnd, empty]) =>
      [start, end, lines, framing, framing === '' ? '' : framingEnd, empty, body].join(''),
    );
}

const ODD = fc.constantFrom(...'\r\n \t:;,\0\x01\x0b\x7f\x80\xff09afAGz"', '\r\n', '\r\n\r\n');

const DAMAGE = fc.array(fc.tuple(fc.nat(), fc.constantFrom('insert', 'replace', 'remove', 'double'), ODD), {
  maxLength: 3,
});

function damaged(wire: string, damage: readonly (readonly [number, string, string])[]): string {
  let result = wire;
  for (const [place, how, odd] of damage) {
    const at = place % (result.length + 1);
    if (how === 'double') result = result.slice(0, at) + result.slice(Math.max(0, at - 20));
    else result = result.slice(0, at) + (how === 'remove' ? '' : odd) + result.slice(how === 'insert' ? at : at + 1);
  }
  return result;
}

function stream(startLine: fc.Arbitrary<string>): fc.Arbitrary<Buffer> {
  return fc
    .tuple(fc.array(message(startLine), { minLength: 1, maxLength: 3 }), DAMAGE)
    .map(([messages, damage]) => latin1(damaged(messages.join(''), damage)));
}

/** The bytes that a client sends. */
export const REQUESTS = stream(REQUEST_LINE);
/** The bytes that a server sends. */
export const RESPONSES = stream(STATUS_LINE);

/** The bytes, cut at some places. */
export function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}
