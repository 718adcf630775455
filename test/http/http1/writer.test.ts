import { describe, expect, test } from 'vitest';
import type { FieldSection } from '../../../src/http/http1/field-section.js';
import { RequestReader } from '../../../src/http/http1/request-reader.js';
import { ResponseReader } from '../../../src/http/http1/response-reader.js';
import {
  CHUNK_END,
  chunkHead,
  formatRequestHead,
  formatResponseHead,
  lastChunk,
  passRequestHead,
  passResponseHead,
} from '../../../src/http/http1/writer.js';
import { latin1, readRequests, readResponses } from './reading.js';

function sectionOf(fields: string): FieldSection {
  let found: FieldSection | undefined;
  const reader = new ResponseReader(
    {
      informational: () => {},
      head: (_, section) => void (found = section),
      data: () => {},
      end: () => {},
      fail: () => {},
    },
    () => 'GET',
  );
  reader.push(latin1(`HTTP/1.1 200 OK\r\n${fields}\r\n`));
  return found as FieldSection;
}

describe('a head that is passed on', () => {
  test.each<[string, string, string]>([
    ['loses no byte', 'A:1\r\nB :\t 2 \r\nabc\r\n: d\r\n', 'A:1\r\nB :\t 2 \r\nabc\r\n: d\r\n'],
    ['loses the fields of the connection', 'Connection: close\r\nA: 1\r\nKeep-Alive: timeout=5\r\n', 'A: 1\r\n'],
    ['loses those that Connection names', 'A: 1\r\nConnection: a, B\r\nb: 2\r\nC: 3\r\n', 'C: 3\r\n'],
    ['loses the coding of the transfer', 'Transfer-Encoding: chunked\r\nA: 1\r\n', 'A: 1\r\n'],
    ['loses a field with its folds', 'Connection: x,\r\n y\r\nA: 1\r\n 2\r\n', 'A: 1\r\n 2\r\n'],
    ['keeps what is no field', 'Connection: close\r\nabc\r\n x\r\nA: 1\r\n', 'abc\r\n x\r\nA: 1\r\n'],
    ['keeps its line ends', 'A: 1\nConnection: close\nB: 2\r\n', 'A: 1\nB: 2\r\n'],
    ['knows a CR by itself', 'A: 1\rConnection: close\rB: 2\r\n', 'A: 1\rB: 2\r\n'],
    ['knows a fold behind a CR by itself', 'Connection: x\r\r y\r\nA: 1\r\n', '\rA: 1\r\n'],
    ['keeps TE of trailers', 'TE: trailers\r\nTE: gzip\r\n', 'TE: trailers\r\n'],
    ['loses one of two alike', 'A: 1\r\nConnection: a\r\nA: 1\r\nB: 1\r\n', 'B: 1\r\n'],
  ])('%s', (_, fields, passed) => {
    const section = sectionOf(fields);
    expect(passResponseHead('HTTP/1.1 200 OK\r\n', section, false)).toBe(`HTTP/1.1 200 OK\r\n${passed}\r\n`);
    expect(passRequestHead('GET', '/a', section, false)).toBe(`GET /a HTTP/1.1\r\n${passed}\r\n`);
  });

  test('keeps the coding where the body is passed on in it', () => {
    const section = sectionOf('Connection: close\r\nTransfer-Encoding:  gzip, chunked\r\n');
    expect(section.endToEndCoded).toBe('Transfer-Encoding:  gzip, chunked\r\n\r\n');
  });

  test('takes lines before its empty line, whatever ends it', () => {
    expect(passRequestHead('GET', '/', sectionOf('A: 1\r\n'), false, 'B: 2\r\n')).toBe(
      'GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\n\r\n',
    );
    let text = '';
    const reader = new ResponseReader(
      {
        informational: () => {},
        head: (line, section) => void (text = passResponseHead(line.text, section, false, 'B: 2\r\n')),
        data: () => {},
        end: () => {},
        fail: () => {},
      },
      () => 'GET',
    );
    reader.push(latin1('HTTP/1.1 200 OK\nA: 1\n\n'));
    expect(text).toBe('HTTP/1.1 200 OK\nA: 1\nB: 2\r\n\n');
  });

  test('is the same text for all messages that have the same fields', () => {
    const sections: FieldSection[] = [];
    const read = () =>
      new RequestReader({
        head: (_method, _target, _minor, section) => void sections.push(section),
        data: () => {},
        end: () => {},
        fail: () => {},
      });
    for (const reader of [read(), read()])
      reader.push(latin1('GET /1 HTTP/1.1\r\nHost: a.test\r\nA: 1\r\n\r\n'.repeat(2)));
    expect(new Set(sections).size).toBe(1);
  });
});

test('a message that is written is read as it was meant', () => {
  const request = formatRequestHead('POST', '/\xe9', ['Host', 'a.test', 'Transfer-Encoding', 'chunked']);
  const chunks = `${chunkHead(26)}${'a'.repeat(26)}${CHUNK_END}${lastChunk(['A', '1', 'B', '\xe9'])}`;
  expect(readRequests([latin1(request + chunks)])).toEqual([
    'POST "/\\xe9" {Host: a.test, Transfer-Encoding: chunked} chunked',
    `"${'a'.repeat(26)}"`,
    'end {A: 1, B: \\xe9}',
  ]);
  const response = formatResponseHead(99, 'P\xe1gina', ['Content-Length', '0']);
  expect(response).toBe('HTTP/1.1 099 P\xe1gina\r\nContent-Length: 0\r\n\r\n');
  expect(readResponses([latin1(response)])).toEqual(['99 "P\\xe1gina" {Content-Length: 0} none', 'end']);
  expect(lastChunk([])).toBe('0\r\n\r\n');
});
