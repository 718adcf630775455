/** WebSocket messages as they are shown. */

import type { HarWebSocketMessage } from '../src/journal/har/har-format.js';
import { cutText } from './cut.js';
import { scriptBytes } from './escape.js';
import type { ViewFrame, ViewMessages } from './view.js';

const MOST_MESSAGES = 2000;
const MOST_CHARACTERS = 16_384;
const BYTES_SHOWN = 48;

/** Messages that can be cut to fit into the page. */
export interface FittableMessages {
  readonly size: number;
  fit(limit: number): ViewMessages;
}

/** Times are counted from `origin`, in milliseconds since the Unix epoch. */
export function fittableMessages(messages: readonly HarWebSocketMessage[], origin: number): FittableMessages {
  const frames = messages.slice(0, MOST_MESSAGES).map((message) => frame(message, origin));
  const sizes = frames.map((each) => scriptBytes(each) + 1);
  return {
    size: sizes.reduce((sum, size) => sum + size, 0),
    fit: (limit) => {
      let left = limit;
      const fitting = sizes.findIndex((size) => (left -= size) < 0);
      return { list: fitting === -1 ? frames : frames.slice(0, fitting), count: messages.length };
    },
  };
}

/** Bytes that both sides sent. */
export function messageBytes(messages: readonly HarWebSocketMessage[]): { sent: number; received: number } {
  const bytes = { sent: 0, received: 0 };
  for (const message of messages) bytes[message.type === 'send' ? 'sent' : 'received'] += sizeOf(message);
  return bytes;
}

// RFC 6455, section 5.2.
const KINDS: Readonly<Record<number, string>> = { 1: 'text', 2: 'binary', 8: 'close', 9: 'ping', 10: 'pong' };

function frame(message: HarWebSocketMessage, origin: number): ViewFrame {
  const { type, time, opcode, data, _size } = message;
  const head = {
    sent: type === 'send',
    at: Math.round((time * 1000 - origin) * 1000) / 1000,
    kind: KINDS[opcode] ?? `opcode ${opcode}`,
    size: sizeOf(message),
  };
  if (isText(message)) {
    const text = cutText(data, MOST_CHARACTERS);
    return { ...head, text, cut: _size !== undefined || undefined };
  }
  if (opcode === 8) return { ...head, text: closing(Buffer.from(data, 'base64')) };
  return { ...head, bytes: data.slice(0, (BYTES_SHOWN * 4) / 3) };
}

function sizeOf(message: HarWebSocketMessage): number {
  const { data, _size } = message;
  if (_size !== undefined) return _size;
  return isText(message) ? Buffer.byteLength(data) : Math.floor((data.replace(/=+$/, '').length * 3) / 4);
}

// Chrome writes an error as a message of the opcode -1, with its text.
function isText({ opcode, data }: HarWebSocketMessage): boolean {
  return opcode === 1 || !/^[A-Za-z\d+/]*={0,2}$/.test(data);
}

/** The code and the reason (RFC 6455, section 5.5.1). */
function closing(payload: Buffer): string {
  return payload.length < 2 ? '' : `${payload.readUInt16BE(0)} ${payload.subarray(2).toString()}`.trim();
}
