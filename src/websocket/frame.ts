import { INCOMPLETE, type ParseResult } from '../net/parse-result.js';
import { broken } from './broken.js';
import type { MessageType, Sender } from './message.js';

/** The head of a frame (RFC 6455, section 5.2). */
export interface FrameHead {
  /** The last frame of its message. */
  readonly final: boolean;
  /** RSV1, on the first frame of a message: it is compressed (RFC 7692, section 6). */
  readonly compressed: boolean;
  readonly type: MessageType | 'continuation';
  /** Bytes of the payload. */
  readonly length: number;
  /** Four bytes, a copy; undefined where the payload is not masked. */
  readonly mask: Buffer | undefined;
}

/** Bytes of the longest head. */
export const LONGEST_HEAD = 14;

const TYPES: ReadonlyMap<number, FrameHead['type']> = new Map([
  [0, 'continuation'],
  [1, 'text'],
  [2, 'binary'],
  [8, 'close'],
  [9, 'ping'],
  [10, 'pong'],
]);

/** Pings, pongs and closes may come between the frames of a message (RFC 6455, section 5.5). */
export function isControl(type: FrameHead['type']): type is 'close' | 'ping' | 'pong' {
  return type === 'close' || type === 'ping' || type === 'pong';
}

/** Reads the head of the frame that the bytes begin with, and says by its first two whether they are one at all. */
export function readFrameHead(bytes: Buffer, sender: Sender): ParseResult<FrameHead> {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return INCOMPLETE;
  const failed = (sent: string): ParseResult<never> => ({ kind: 'failed', error: broken(sender, sent) });

  const type = TYPES.get(first & 0x0f);
  const final = (first & 0x80) !== 0;
  const compressed = (first & 0x40) !== 0;
  const masked = (second & 0x80) !== 0;
  const shortLength = second & 0x7f;
  if (type === undefined) return failed(`a WebSocket frame of the unknown kind ${first & 0x0f}, or no frame at all`);
  if ((first & 0x30) !== 0) return failed('a WebSocket frame of an extension that was not agreed on (RSV2, RSV3)');
  if (isControl(type) && (!final || shortLength > 125)) return failed(`a ${type} in fragments or of over 125 bytes`);
  // RFC 6455, section 5.1.
  if (masked !== (sender === 'client')) return failed(`a WebSocket frame ${masked ? 'with' : 'without'} a mask`);

  const lengthBytes = shortLength === 126 ? 2 : shortLength === 127 ? 8 : 0;
  const size = 2 + lengthBytes + (masked ? 4 : 0);
  if (bytes.length < size) return INCOMPLETE;
  let length = shortLength;
  if (lengthBytes === 2) length = bytes.readUInt16BE(2);
  else if (lengthBytes === 8) {
    const long = bytes.readBigUInt64BE(2);
    if (long > Number.MAX_SAFE_INTEGER) return failed(`a WebSocket frame that claims to have ${long} bytes`);
    length = Number(long);
  }
  const mask = masked ? Buffer.from(bytes.subarray(size - 4, size)) : undefined;
  return { kind: 'done', value: { final, compressed, type, length, mask }, length: size };
}
