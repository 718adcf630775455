/** WebSocket messages as the page gets them. */
import { expect, test } from 'vitest';
import type { HarWebSocketMessage } from '../../src/journal/har/har-format.js';
import { fitInto } from '../../traffic-view/fit.js';
import { fittableMessages } from '../../traffic-view/frames.js';
import { archive, entry } from './archives.js';

const message = (of: Partial<HarWebSocketMessage>): HarWebSocketMessage => ({
  type: 'receive',
  time: 1000,
  opcode: 1,
  data: '',
  ...of,
});
const base64 = (...bytes: number[]) => Buffer.from(bytes).toString('base64');
const one = (of: Partial<HarWebSocketMessage>) => fittableMessages([message(of)], 1_000_000).fit(100_000).list[0];

test.each<[string, Partial<HarWebSocketMessage>, object]>([
  ['text has its bytes, not its characters', { data: 'Übung ✓' }, { kind: 'text', text: 'Übung ✓', size: 10 }],
  ['binary is shown as bytes', { opcode: 2, data: base64(1, 2, 3, 4) }, { kind: 'binary', bytes: 'AQIDBA==', size: 4 }],
  ['a ping is not text', { opcode: 9, data: base64(1, 2) }, { kind: 'ping', bytes: 'AQI=', size: 2 }],
  ['nor is a pong', { opcode: 10, data: base64(255) }, { kind: 'pong', bytes: '/w==', size: 1 }],
  ['an empty ping', { opcode: 9 }, { kind: 'ping', bytes: '', size: 0 }],
  [
    'a close says its code and reason',
    { opcode: 8, data: base64(3, 232, ...Buffer.from('bye')) },
    { kind: 'close', text: '1000 bye', size: 5 },
  ],
  ['a close with a code alone', { opcode: 8, data: base64(3, 233) }, { kind: 'close', text: '1001', size: 2 }],
  ['a close with nothing', { opcode: 8 }, { kind: 'close', text: '', size: 0 }],
  ['the beginning of a long text', { data: 'abc', _size: 9000 }, { text: 'abc', size: 9000, cut: true }],
  ['the beginning of long bytes', { opcode: 2, data: base64(1), _size: 9000 }, { bytes: 'AQ==', size: 9000 }],
  ['an opcode that does not exist', { opcode: 5, data: base64(1) }, { kind: 'opcode 5', bytes: 'AQ==' }],
  ['what is no base64, as of other programs', { opcode: -1, data: 'It broke!' }, { text: 'It broke!', size: 9 }],
])('a message is shown by its kind: %s', (_, given, wanted) => {
  expect(one(given)).toMatchObject(wanted);
});

test('a row has the bytes of both directions, also of messages that are not in the page', () => {
  const messages = [
    ...Array.from({ length: 3000 }, () => message({ data: 'ä' })),
    message({ type: 'send', opcode: 2, data: base64(1, 2, 3) }),
  ];
  const har = archive([entry({ status: 101, response: { _transferSize: 0 }, more: { _webSocketMessages: messages } })]);
  expect(fitInto(har, 1_000_000).entries[0]).toMatchObject({ size: 6000, sent: 3 });
});
