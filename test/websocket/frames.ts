/** Writes frames, whatever they are good for. */
import { randomBytes } from 'node:crypto';
import { constants, deflateRawSync } from 'node:zlib';
import type { Sender, WebSocketMessage } from '../../src/websocket/message.js';
import { MessageReader, type MessageReaderInit } from '../../src/websocket/message-reader.js';

export interface FrameInit {
  /** Default 1, text. */
  opcode?: number;
  /** Default true. */
  final?: boolean;
  compressed?: boolean;
  payload?: string | Buffer;
  /** Default the sender's duty. */
  masked?: boolean;
}

export function frame(
  sender: Sender,
  { opcode = 1, final = true, compressed = false, payload = '', masked = sender === 'client' }: FrameInit = {},
): Buffer {
  const bytes = Buffer.from(payload as string);
  const first = (final ? 0x80 : 0) | (compressed ? 0x40 : 0) | opcode;
  const head =
    bytes.length < 126
      ? [first, bytes.length]
      : bytes.length < 65_536
        ? [first, 126, bytes.length >> 8, bytes.length & 0xff]
        : [first, 127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (bytes.length >> shift) & 0xff)];
  if (!masked) return Buffer.concat([Buffer.from(head), bytes]);
  head[1] = (head[1] ?? 0) | 0x80;
  const mask = randomBytes(4);
  return Buffer.concat([Buffer.from(head), mask, bytes.map((byte, at) => byte ^ (mask[at % 4] ?? 0))]);
}

/** Compresses as a sender does whose messages may refer to what it sent before. */
export function deflate(payload: Buffer, before: Buffer): Buffer {
  return deflateRawSync(payload, {
    finishFlush: constants.Z_SYNC_FLUSH,
    ...(before.length > 0 && { dictionary: before.subarray(-32_768) }),
  }).subarray(0, -4);
}

/** A reader with all that it told. */
export function reader(init: Partial<MessageReaderInit> = {}) {
  const messages: WebSocketMessage[] = [];
  const errors: string[] = [];
  const read = new MessageReader({
    sender: 'client',
    compression: undefined,
    limit: 1_000_000,
    now: () => 1,
    message: (message) => messages.push(message),
    failed: ({ code, message }) => errors.push(`${code} ${message}`),
    ...init,
  });
  return { read, messages, errors };
}
