import { describe, expect, test } from 'vitest';
import type { ReadFailure } from '../../../src/http/http1/failure.js';
import { type RequestEvents, RequestReader } from '../../../src/http/http1/request-reader.js';
import { type ResponseEvents, ResponseReader } from '../../../src/http/http1/response-reader.js';
import { latin1, pieces, readRequests, readResponses } from './reading.js';

/** A sink that notes what it is told, and does as it is told to do at each event. */
class Noting implements RequestEvents, ResponseEvents {
  readonly told: string[] = [];
  at: ((event: string) => void) | undefined;

  informational(): void {
    this.note('1xx');
  }

  head(...parts: unknown[]): void {
    this.note(typeof parts[0] === 'string' ? `head ${parts[1]}` : 'head');
  }

  data(bytes: Buffer): void {
    this.note(bytes.toString('latin1'));
  }

  end(): void {
    this.note('end');
  }

  fail({ reason }: ReadFailure): void {
    this.note(reason);
  }

  note(event: string): void {
    this.told.push(event);
    this.at?.(event);
  }
}

describe('a reader that is paused', () => {
  test('tells nothing until it is resumed, and loses nothing', () => {
    const sink = new Noting();
    const reader = new RequestReader(sink);
    sink.at = () => reader.pause();
    for (const piece of pieces(latin1('GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi'), 5)) {
      reader.push(piece);
    }
    reader.end();
    const seen: string[][] = [];
    while (reader.paused) {
      seen.push([...sink.told]);
      reader.resume();
    }
    expect(seen.map(({ length }) => length)).toEqual([1, 2, 3, 4, 5]);
    expect(sink.told).toEqual(['head /1', 'end', 'head /2', 'hi', 'end']);
    expect(reader.state).toBe('ended');
  });

  test('may be paused and resumed within an event, and pushed to', () => {
    const sink = new Noting();
    const reader = new RequestReader(sink);
    sink.at = (event) => {
      if (event === 'head /1') reader.push(latin1('GET /2 HTTP/1.1\r\n\r\n'));
      reader.pause();
      reader.resume();
    };
    reader.push(latin1('GET /1 HTTP/1.1\r\n\r\n'));
    expect(sink.told).toEqual(['head /1', 'end', 'head /2', 'end']);
  });
});

describe('the state', () => {
  test('of a reader is where it is', () => {
    const sink = new Noting();
    const reader = new ResponseReader(sink, () => 'GET');
    const states = pieces(latin1('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'), 1).map((piece) => {
      reader.push(piece);
      return reader.state;
    });
    const length = (state: string) => states.filter((one) => one === state).length;
    expect([length('head'), length('body'), length('between')]).toEqual([37, 2, 1]);
    reader.end();
    // Another response was waited for.
    expect(reader.state).toBe('failed');
    expect(sink.told.at(-1)).toBe('no-response');
  });
});

describe('the bytes that were not read', () => {
  test('are there behind CONNECT, once, and also from within the event', () => {
    for (const size of [1, 4, 1000]) {
      const sink = new Noting();
      const reader = new RequestReader(sink);
      const taken: Buffer[] = [];
      sink.at = () => void taken.push(reader.takeUnread());
      for (const piece of pieces(latin1('CONNECT a:1 HTTP/1.1\r\n\r\n\x16\x03\x01'), size)) reader.push(piece);
      taken.push(reader.takeUnread());
      expect(Buffer.concat(taken).toString('latin1')).toBe('\x16\x03\x01');
      expect(reader.state).toBe('tunnel');
    }
  });

  test('are there behind an upgrade that is accepted; one that is declined goes on', () => {
    const bytes = latin1('GET /1 HTTP/1.1\r\nUpgrade: x\r\n\r\nGET /2 HTTP/1.1\r\n\r\n');
    const accepted = new RequestReader(new Noting());
    accepted.push(bytes);
    expect(accepted.held).toBe(true);
    expect(accepted.takeUnread().toString()).toBe('GET /2 HTTP/1.1\r\n\r\n');
    const sink = new Noting();
    const declined = new RequestReader(sink);
    declined.push(bytes);
    declined.resume();
    expect(sink.told).toEqual(['head /1', 'end']);
    declined.declineUpgrade();
    expect(sink.told).toEqual(['head /1', 'end', 'head /2', 'end']);
  });

  test('are read at once where an upgrade is declined from within its end', () => {
    const sink = new Noting();
    const reader = new RequestReader(sink);
    sink.at = (event) => {
      if (event === 'end') reader.declineUpgrade();
    };
    reader.push(latin1('GET /1 HTTP/1.1\r\nUpgrade: x\r\n\r\nGET /2 HTTP/1.1\r\n\r\n'));
    expect(sink.told).toEqual(['head /1', 'end', 'head /2', 'end']);
  });

  test('are there behind a 101, and a tunnel that is granted', () => {
    expect(readResponses([latin1('HTTP/1.1 101 S\r\n\r\nabc')])).toEqual([
      '101 "S" {} tunnel',
      'unread "abc"',
      '(tunnel)',
    ]);
    expect(readResponses([latin1('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc')], ['CONNECT'])).toEqual([
      '200 "OK" {Content-Length: 9} tunnel',
      'unread "abc"',
      '(tunnel)',
    ]);
  });

  test('are all that came of a head, however it came, and what comes later', () => {
    for (const size of [1, 3, 1000]) {
      const reader = new ResponseReader(new Noting(), () => 'GET');
      const wire = 'SSH-2.0-OpenSSH\r\nand more';
      for (const piece of pieces(latin1(wire), size)) reader.push(piece);
      expect(reader.takeUnread().toString()).toBe(wire);
      reader.push(latin1('later'));
      expect(reader.takeUnread().toString()).toBe('later');
    }
  });

  test('are with what was coded all of a body whose chunks cannot be read', () => {
    const coded = '5\r\nhello\r\n5;a\r\nHELLO\r\nxyz\r\n';
    for (const size of [1, 3, 7, 1000]) {
      const passed: Buffer[] = [];
      const sink = Object.assign(new Noting(), { coded: (bytes: Buffer) => void passed.push(bytes) });
      const reader = new ResponseReader(sink, () => 'GET');
      for (const piece of pieces(latin1(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${coded}`), size))
        reader.push(piece);
      expect(Buffer.concat([...passed, reader.takeUnread()]).toString()).toBe(coded);
      expect(sink.told.at(-1)).toBe('invalid-chunk');
    }
  });
});

test('the fields are those of the head, also behind trailers', () => {
  const reader = new RequestReader(new Noting());
  reader.push(latin1('POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: 1\r\n\r\n'));
  expect(reader.fields).toEqual(['Transfer-Encoding', 'chunked']);
});

describe('a refused request', () => {
  test('tells what was read of it', () => {
    const reader = new RequestReader(new Noting());
    reader.push(latin1('patch /a HTTP/1.1\r\nHost: a.test\r\nA: 1\r\nB : 2\r\n\r\n'));
    expect([reader.state, reader.method, reader.target, reader.fields]).toEqual([
      'failed',
      'patch',
      '/a',
      ['Host', 'a.test', 'A', '1'],
    ]);
  });
});

describe('where a connection ends', () => {
  const CLOSE = 'HTTP/1.1 200 OK\r\n\r\nhello';

  test.each<[string, string, 'fin' | 'rst', string[]]>([
    ['FIN ends a body that has no other end', CLOSE, 'fin', ['200 "OK" {} close', '"hello"', 'end', '(ended)']],
    ['RST truncates it', CLOSE, 'rst', ['200 "OK" {} close', '"hello"', 'truncated-body at 24']],
    ['RST before the response is none', '', 'rst', ['no-response at 0']],
    ['RST within the head truncates it', 'HTTP/1.1 2', 'rst', ['truncated-head at 10', 'unread "HTTP/1.1 2"']],
  ])('%s', (_, wire, ending, events) => {
    expect(readResponses([latin1(wire)], ['GET'], { ending })).toEqual(events);
  });

  test('a connection on which nothing is waited for ends without a word', () => {
    expect(readResponses([], [], { ending: 'fin' })).toEqual(['(ended)']);
    expect(readRequests([latin1('GET / HTTP/1.1\r\n\r\n')], { ending: 'rst' })).toEqual([
      'GET "/" {} none',
      'end',
      '(ended)',
    ]);
  });
});

describe('limits', () => {
  const head = latin1('GET / HTTP/1.1\r\nA: 1\r\n\r\n');

  test('are kept to the byte and to the field', () => {
    expect(readRequests([head], { limits: { maxHeadSize: head.length, maxFields: 1 } })).toHaveLength(2);
    expect(readRequests([head], { limits: { maxHeadSize: head.length - 1 } })[0]).toBe('head-too-large at 23');
    expect(readRequests([head], { limits: { maxFields: 0 } })[0]).toBe('too-many-fields at 24');
  });

  test('hold for a head that has come before', () => {
    const reader = [head, head].map((bytes) =>
      readRequests([Buffer.concat([bytes, bytes])], { limits: { maxHeadSize: 24 } }),
    );
    expect(reader[0]).toEqual(reader[1]);
    expect(reader[0]).toHaveLength(4);
  });
});

describe('keep-alive (RFC 9112, section 9.3)', () => {
  test.each<[string, boolean]>([
    ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', true],
    ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n', false],
    ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: a, Close ,b\r\n\r\n', false],
    ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: closed\r\n\r\n', true],
    ['HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', false],
    ['HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: Keep-Alive\r\n\r\n', true],
    ['HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive, close\r\n\r\n', false],
    ['HTTP/1.1 200 OK\r\n\r\n', false],
    ['HTTP/1.1 101 OK\r\n\r\n', false],
    ['HTTP/1.1 304 OK\r\n\r\n', true],
  ])('%j', (wire, kept) => {
    const reader = new ResponseReader(new Noting(), () => 'GET');
    reader.push(latin1(wire));
    expect(reader.keepsAlive).toBe(kept);
  });
});
