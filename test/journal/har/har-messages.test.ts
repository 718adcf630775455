import { expect, test } from 'vitest';
import { UpstreamError } from '../../../src/errors.js';
import { harMessages, messagesComment } from '../../../src/journal/har/har-messages.js';
import type { WebSocketMessage } from '../../../src/websocket/message.js';
import { makeExchange } from '../exchanges.js';

function socketWith(...messages: Partial<WebSocketMessage>[]) {
  const exchange = makeExchange({ websocket: true });
  for (const message of messages) {
    const whole = { from: 'client', type: 'text', data: '', size: 0, truncated: false, time: 1500, ...message };
    exchange.messageLog?.add(whole as WebSocketMessage);
  }
  return exchange;
}

test('text is text, all else is base64, with the opcode and the direction', () => {
  const bytes = Buffer.from([255, 0]);
  const messages = harMessages(
    socketWith(
      { data: 'é' },
      { from: 'server', type: 'binary', data: bytes },
      { type: 'ping', data: bytes },
      { type: 'pong', data: bytes },
      { type: 'close', data: Buffer.from([3, 232]) },
    ),
  );
  expect(messages?.map(({ type, time, opcode, data }) => [type, time, opcode, data])).toEqual([
    ['send', 1.5, 1, 'é'],
    ['receive', 1.5, 2, '/wA='],
    ['send', 1.5, 9, '/wA='],
    ['send', 1.5, 10, '/wA='],
    ['send', 1.5, 8, 'A+g='],
  ]);
});

test('secrets are masked in binary messages as in text', () => {
  const json = '{"user":"zoë","password":"s3cr3t"}';
  const messages = harMessages(socketWith({ data: json }, { type: 'binary', data: Buffer.from(json) }));
  const [text, binary] = messages ?? [];
  expect(text?.data).toBe('{"user":"zoë","password":"[masked]"}');
  expect(Buffer.from(binary?.data ?? '', 'base64').toString()).toBe(text?.data);
});

test('the size is there where the data is not all', () => {
  const messages = harMessages(socketWith({ data: 'ab', size: 2 }, { data: 'ab', size: 9, truncated: true }));
  expect(messages?.map(({ _size }) => _size)).toEqual([undefined, 9]);
});

test('an exchange that is no WebSocket has none, a silent one has an empty list', () => {
  expect(harMessages(makeExchange())).toBeUndefined();
  expect(harMessages(makeExchange({ websocket: true }))).toEqual([]);
});

test('the comment says what is missing', () => {
  const exchange = socketWith({}, {});
  expect(messagesComment(exchange)).toBeUndefined();
  exchange.messageLog?.dropOldest();
  expect(messagesComment(exchange)).toBe('Of its WebSocket messages the oldest were not kept: 1.');
  exchange.messagesError = new UpstreamError('WAYLAY_UPSTREAM_PROTOCOL', 'It was none.');
  expect(messagesComment(exchange)).toBe('Of its WebSocket messages the oldest were not kept: 1. It was none.');
});
