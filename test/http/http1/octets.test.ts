import { expect, test } from 'vitest';
import type { FieldSection } from '../../../src/http/http1/field-section.js';
import { RequestReader } from '../../../src/http/http1/request-reader.js';
import { ResponseReader } from '../../../src/http/http1/response-reader.js';
import type { StatusLine } from '../../../src/http/http1/start-line.js';
import { passRequestHead, passResponseHead } from '../../../src/http/http1/writer.js';
import { latin1, pieces } from './reading.js';

/** Every value of an octet, as a character. */
const OCTETS = Array.from({ length: 256 }, (_, octet) => String.fromCharCode(octet));

interface Head<Line> {
  readonly line: Line;
  readonly section: FieldSection;
}

function responseHead(bytes: Buffer, size: number): Head<StatusLine> {
  const heads: Head<StatusLine>[] = [];
  const reader = new ResponseReader(
    {
      informational: () => {},
      head: (line, section) => void heads.push({ line, section }),
      data: () => {},
      end: () => {},
      fail: () => {},
    },
    () => 'GET',
  );
  for (const piece of pieces(bytes, size)) reader.push(piece);
  expect(heads).toHaveLength(1);
  return heads[0] as Head<StatusLine>;
}

function requestHead(bytes: Buffer, size: number): Head<{ method: string; target: string }> | undefined {
  const heads: Head<{ method: string; target: string }>[] = [];
  const reader = new RequestReader({
    head: (method, target, _minor, section) => void heads.push({ line: { method, target }, section }),
    data: () => {},
    end: () => {},
    fail: () => {},
  });
  for (const piece of pieces(bytes, size)) reader.push(piece);
  return heads[0];
}

test.each([1, 7, 1000])('each of 256 octets in a response leaves as it came, in pieces of %i', (size) => {
  for (const octet of OCTETS) {
    const isLineEnd = octet === '\r' || octet === '\n';
    const inValue = `HTTP/1.1 200 OK\r\nA: a${octet}b\r\nContent-Length: 0\r\n\r\n`;
    const value = responseHead(latin1(inValue), size);
    expect(passResponseHead(value.line.text, value.section, false)).toBe(inValue);
    expect(value.line.text + value.section.text).toBe(inValue);
    if (!isLineEnd) expect(value.section.fields).toEqual(['A', `a${octet}b`, 'Content-Length', '0']);

    const inReason = `HTTP/1.1 200 a${octet}b\r\nContent-Length: 0\r\n\r\n`;
    const reason = responseHead(latin1(inReason), size);
    expect(passResponseHead(reason.line.text, reason.section, false)).toBe(inReason);
    if (!isLineEnd) expect(reason.line.reason).toBe(`a${octet}b`);

    const inName = `HTTP/1.1 200 OK\r\na${octet}b: 1\r\nContent-Length: 0\r\n\r\n`;
    const name = responseHead(latin1(inName), size);
    expect(passResponseHead(name.line.text, name.section, false)).toBe(inName);
    if (!isLineEnd && octet !== ':') expect(name.section.fields[0]).toBe(`a${octet}b`);
  }
});

test.each([1, 7, 1000])('each octet that a request may have leaves as it came, in pieces of %i', (size) => {
  const refused: Record<'target' | 'value', string[]> = { target: [], value: [] };
  for (const octet of OCTETS) {
    const inTarget = `GET /a${octet}b HTTP/1.1\r\nHost: a.test\r\n\r\n`;
    const target = requestHead(latin1(inTarget), size);
    if (target === undefined) refused.target.push(octet);
    else {
      expect(target.line.target).toBe(`/a${octet}b`);
      expect(passRequestHead('GET', target.line.target, target.section, false)).toBe(inTarget);
    }
    const inValue = `GET / HTTP/1.1\r\nA: a${octet}b\r\n\r\n`;
    const value = requestHead(latin1(inValue), size);
    if (value === undefined) refused.value.push(octet);
    else {
      expect(value.section.fields).toEqual(['A', `a${octet}b`]);
      expect(passRequestHead('GET', '/', value.section, false)).toBe(inValue);
    }
  }
  // A line that has no end is not refused before its end.
  expect(refused).toEqual({ target: ['\n', '\r', ' '], value: ['\0', '\n', '\r'] });
});

test('each octet of a body comes as it is, with its length and in chunks', () => {
  const body = Buffer.from(Array.from({ length: 256 }, (_, octet) => octet));
  const wires = [
    Buffer.concat([latin1('HTTP/1.1 200 OK\r\nContent-Length: 256\r\n\r\n'), body]),
    Buffer.concat([
      latin1('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100\r\n'),
      body,
      latin1('\r\n0\r\n\r\n'),
    ]),
  ];
  for (const wire of wires) {
    for (const size of [1, 7, wire.length]) {
      const got: Buffer[] = [];
      const reader = new ResponseReader(
        { informational: () => {}, head: () => {}, data: (part) => void got.push(part), end: () => {}, fail: () => {} },
        () => 'GET',
      );
      for (const piece of pieces(wire, size)) reader.push(piece);
      expect(Buffer.concat(got).equals(body)).toBe(true);
    }
  }
});
