import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readFrameHead } from '../../src/websocket/frame.js';
import { frame } from './frames.js';

describe('the head of a frame', () => {
  test.each([0, 1, 125, 126, 65_535, 65_536])('is read with %d bytes of payload', (length) => {
    for (const sender of ['client', 'server'] as const) {
      const bytes = frame(sender, { opcode: 2, payload: Buffer.alloc(length) });
      expect(readFrameHead(bytes, sender)).toEqual({
        kind: 'done',
        length: bytes.length - length,
        value: {
          final: true,
          compressed: false,
          type: 'binary',
          length,
          mask: sender === 'client' ? bytes.subarray(bytes.length - length - 4, bytes.length - length) : undefined,
        },
      });
    }
  });

  test('asks for more until it is there in full', () => {
    const bytes = frame('client', { payload: Buffer.alloc(65_536) });
    for (let length = 0; length < 14; length++) {
      expect(readFrameHead(bytes.subarray(0, length), 'client')).toEqual({ kind: 'incomplete' });
    }
    expect(readFrameHead(bytes.subarray(0, 14), 'client').kind).toBe('done');
  });

  test.each([
    ['an unknown opcode', 'server', [0x83, 0], 'unknown kind 3'],
    ['a reserved bit', 'server', [0xa1, 0], 'RSV2, RSV3'],
    ['a ping in fragments', 'server', [0x09, 0], 'a ping in fragments'],
    ['a long close', 'server', [0x88, 126], 'of over 125 bytes'],
    ['a client without mask', 'client', [0x81, 0], 'without a mask'],
    ['a server with mask', 'server', [0x81, 0x80], 'with a mask'],
    ['an absurd length', 'server', [0x82, 127, 0xff, 0, 0, 0, 0, 0, 0, 0], 'claims to have'],
    ['HTTP', 'server', [...Buffer.from('HT')], 'a close in fragments'],
  ] as const)('fails for %s, as its sender’s fault', (_, sender, bytes, problem) => {
    const reading = readFrameHead(Buffer.from(bytes), sender);
    expect(reading).toMatchObject({
      kind: 'failed',
      error: {
        code: sender === 'client' ? 'WAYLAY_CLIENT_PROTOCOL' : 'WAYLAY_UPSTREAM_PROTOCOL',
        message: expect.stringContaining(problem),
      },
    });
  });

  test('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 16 }), fc.constantFrom('client', 'server'), (bytes, sender) => {
        readFrameHead(Buffer.from(bytes), sender);
      }),
      { numRuns: 2000 },
    );
  });
});
