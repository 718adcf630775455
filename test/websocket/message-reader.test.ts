import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFLATE_TAIL } from '../../src/websocket/inflate.js';
import type { Sender } from '../../src/websocket/message.js';
import { COMPRESSED_LIMIT } from '../../src/websocket/message-reader.js';
import { deflate, type FrameInit, frame, reader } from './frames.js';

/** A sender's messages in the properties below. */
interface Said {
  text: boolean;
  payload: Buffer;
  compressed: boolean;
  /** Where its frames end. */
  cuts: number[];
  /** A ping between its frames. */
  ping: Buffer | undefined;
}

const said: fc.Arbitrary<Said> = fc.record({
  text: fc.boolean(),
  payload: fc
    .oneof(
      { weight: 9, arbitrary: fc.string({ unit: 'grapheme' }) },
      { weight: 1, arbitrary: fc.constant('é'.repeat(33_000)) },
    )
    .map((text) => Buffer.from(text)),
  compressed: fc.boolean(),
  cuts: fc.array(fc.nat(200), { maxLength: 3 }),
  ping: fc.option(
    fc.uint8Array({ maxLength: 125 }).map((bytes) => Buffer.from(bytes)),
    { nil: undefined },
  ),
});

function write(sender: Sender, all: readonly Said[]): Buffer {
  let before = Buffer.alloc(0);
  const frames = all.flatMap(({ text, payload, compressed, cuts, ping }) => {
    const bytes = compressed ? deflate(payload, before) : payload;
    if (compressed) before = Buffer.concat([before, payload]);
    const ends = [...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
    return ends.flatMap((end, at) => {
      const first = at === 0;
      const part: FrameInit = {
        opcode: first ? (text ? 1 : 2) : 0,
        compressed: first && compressed,
        final: at === ends.length - 1,
        payload: bytes.subarray(ends[at - 1] ?? 0, end),
      };
      const pinged = ping === undefined ? [] : [frame(sender, { opcode: 9, payload: ping })];
      return first ? [frame(sender, part)] : [...pinged, frame(sender, part)];
    });
  });
  return Buffer.concat(frames);
}

/** Cuts the bytes at these places, taken around. */
function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...places, bytes.length].map((end, at) => bytes.subarray(places[at - 1] ?? 0, end));
}

describe('messages', () => {
  test('are the same however they are framed and the bytes are cut, and the bytes stay as they are', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('client', 'server'),
        fc.array(said, { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat(), { maxLength: 20 }),
        (sender: Sender, all, cuts) => {
          const bytes = write(sender, all);
          const original = Buffer.from(bytes);
          const { read, messages, errors } = reader({ sender, compression: 'context takeover' });
          for (const piece of pieces(bytes, cuts)) read.push(piece);
          read.end();
          expect(errors).toEqual([]);
          expect(bytes.equals(original)).toBe(true);
          // Texts of one character a byte: comparing long buffers element by element takes its time.
          const told = messages.filter(({ type }) => type !== 'ping');
          expect(
            told.map(({ from, type, data }) => [from, type, Buffer.from(data as string).toString('latin1')]),
          ).toEqual(all.map(({ text, payload }) => [sender, text ? 'text' : 'binary', payload.toString('latin1')]));
        },
      ),
      { numRuns: 100 },
    );
  });

  test('are the same byte by byte', () => {
    const bytes = write('client', [
      { text: true, payload: Buffer.from('häuser'), compressed: false, cuts: [2], ping: Buffer.from('!') },
      { text: false, payload: Buffer.alloc(300, 'ab'), compressed: true, cuts: [1, 3], ping: undefined },
    ]);
    const whole = reader({ compression: 'context takeover' });
    whole.read.push(bytes);
    const single = reader({ compression: 'context takeover' });
    for (const byte of bytes) single.read.push(Buffer.from([byte]));
    expect(whole.messages.map(({ type }) => type)).toEqual(['ping', 'text', 'binary']);
    expect(single.messages).toEqual(whole.messages);
  });

  test('have their sender, size and time', () => {
    const { read, messages } = reader({ sender: 'server', now: () => 42.5 });
    read.push(frame('server', { payload: 'é' }));
    read.push(frame('server', { opcode: 10 }));
    expect(messages).toEqual([
      { from: 'server', type: 'text', data: 'é', size: 2, truncated: false, time: 42.5 },
      { from: 'server', type: 'pong', data: Buffer.alloc(0), size: 0, truncated: false, time: 42.5 },
    ]);
  });

  test('do not share memory with each other or with the bytes', () => {
    const { read, messages } = reader({ sender: 'server' });
    const bytes = frame('server', { opcode: 2, payload: 'one' });
    read.push(bytes);
    bytes.fill(0);
    read.push(frame('server', { opcode: 2, payload: 'two' }));
    expect(messages.map(({ data }) => data.toString())).toEqual(['one', 'two']);
  });

  test.each([
    ['', undefined, ''],
    ['0fa0', 4000, ''],
    ['03e862796520c3a9', 1000, 'bye é'],
  ])('have of a close of %j its code and reason', (hex, code, reason) => {
    const { read, messages } = reader();
    const payload = Buffer.from(hex, 'hex');
    read.push(frame('client', { opcode: 8, payload }));
    expect(messages).toMatchObject([{ type: 'close', data: payload, code, reason }]);
  });

  test('are read without context takeover', () => {
    const { read, messages } = reader({ compression: 'no context takeover' });
    for (const word of ['one', 'one']) {
      read.push(frame('client', { compressed: true, payload: deflate(Buffer.from(word), Buffer.alloc(0)) }));
    }
    expect(messages.map(({ data }) => data)).toEqual(['one', 'one']);
  });

  test('are shown as far as they are UTF-8', () => {
    const { read, messages } = reader();
    read.push(frame('client', { payload: Buffer.from([0x61, 0xff, 0x62]) }));
    expect(messages).toMatchObject([{ data: 'a\ufffdb', size: 3 }]);
  });
});

describe('the limit', () => {
  test.each([false, true])('keeps the beginning, and reads on (compressed: %s)', (compressed) => {
    const { read, messages } = reader({ limit: 4, compression: 'context takeover' });
    let before = Buffer.alloc(0);
    for (const text of ['abcd', 'abcdefgh', 'abcé', 'abcde', 'ab']) {
      const payload = Buffer.from(text);
      read.push(frame('client', { compressed, payload: compressed ? deflate(payload, before) : payload }));
      before = Buffer.concat([before, payload]);
    }
    expect(messages.map(({ data, size, truncated }) => [data, size, truncated])).toEqual([
      ['abcd', 4, false],
      ['abcd', 8, true],
      // Not half of a character.
      ['abc', 5, true],
      ['abcd', 5, true],
      ['ab', 2, false],
    ]);
  });

  test('counts a message over all its frames', () => {
    const { read, messages } = reader({ limit: 5 });
    for (const at of [0, 1, 2]) {
      read.push(frame('client', { opcode: at === 0 ? 2 : 0, final: at === 2, payload: 'abc' }));
    }
    expect(messages).toMatchObject([{ data: Buffer.from('abcab'), size: 9, truncated: true }]);
  });

  test('ends the reading before a compressed message that is too long is held', () => {
    const { read, errors } = reader({ sender: 'server', compression: 'context takeover' });
    const chunk = Buffer.alloc(1024 * 1024);
    for (let sent = 0; sent <= COMPRESSED_LIMIT; sent += chunk.length) {
      expect(errors).toEqual([]);
      read.push(frame('server', { opcode: sent === 0 ? 2 : 0, compressed: sent === 0, final: false, payload: chunk }));
    }
    expect(errors).toEqual([expect.stringContaining('WAYLAY_BODY_UNREADABLE The server sent a compressed')]);
  });
});

describe('a stream that is no WebSocket', () => {
  const hi: FrameInit = { payload: 'hi' };
  test.each<[string, FrameInit[], string]>([
    ['an unmasked frame', [hi, { masked: false }], 'without a mask'],
    ['a continuation of nothing', [hi, { opcode: 0 }], 'a continuation frame of no message'],
    ['a message inside another', [hi, { final: false }, { opcode: 2 }], 'a binary frame inside another message'],
    ['compression that was not agreed on', [hi, { compressed: true }], 'not agreed on'],
    ['a close of one byte', [hi, { opcode: 8, payload: 'x' }], 'half a code'],
  ])('is told of once, and what came before stays: %s', (_, frames, problem) => {
    const { read, messages, errors } = reader();
    read.push(Buffer.concat([...frames, hi].map((init) => frame('client', init))));
    read.push(frame('client', hi));
    read.end();
    expect(messages.map(({ data }) => data)).toEqual(['hi']);
    expect(errors).toEqual([expect.stringMatching(`WAYLAY_CLIENT_PROTOCOL The client sent .*${problem}`)]);
  });

  test('may have a compressed message that is not DEFLATE', () => {
    const { read, errors } = reader({ compression: 'context takeover' });
    read.push(frame('client', { compressed: true, payload: Buffer.alloc(9, 0xff) }));
    expect(errors).toEqual([expect.stringContaining('not valid DEFLATE')]);
  });

  test.each<[string, Buffer]>([
    ['a head', frame('client', hi).subarray(0, 1)],
    ['a payload', frame('client', hi).subarray(0, -1)],
    ['a message', frame('client', { ...hi, final: false })],
  ])('may end within %s', (_, bytes) => {
    const { read, errors } = reader();
    read.push(bytes);
    read.end();
    expect(errors).toEqual([expect.stringContaining('and then the connection ended')]);
  });

  test('is not one that ends between messages', () => {
    const { read, errors } = reader();
    read.push(frame('client', hi));
    read.end();
    expect(errors).toEqual([]);
  });

  test('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }),
        fc.constantFrom('client', 'server'),
        fc.constantFrom(undefined, 'context takeover' as const),
        (chunks, sender: Sender, compression) => {
          const { read } = reader({ sender, compression });
          // Frames to begin with, so that more than the first two bytes are looked at.
          read.push(frame(sender, { compressed: compression !== undefined, payload: DEFLATE_TAIL, final: false }));
          for (const chunk of chunks) read.push(Buffer.from(chunk));
          read.end();
        },
      ),
      { numRuns: 2000 },
    );
  });
});
