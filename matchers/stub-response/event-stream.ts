/** Server-sent events as text (WHATWG HTML, section 9.2.6). */
import { jsonText, kindOf } from '../message/content.js';
import { isMilliseconds } from '../message/milliseconds.js';
import { isPlainObject } from '../values/format.js';
import { nearestWord } from '../values/text-distance.js';
import { formatWritten } from '../values/written.js';
import type { BodyForm } from './body-form.js';
import type { Refuse } from './invalid-reply.js';
import { streamedBody } from './stream-body.js';
import type { Piece } from './streamed-body.js';

/**
 * One server-sent event. Each key may stand alone, but for `event`, which is nothing without `data`; a `delay`
 * alone is a pause.
 */
export interface ServerSentEvent {
  /** Its type, on one line. Default (the client's): `message`. */
  event?: string | undefined;
  /** A text as it is, anything else as JSON. */
  data?: unknown;
  /** The value that the client sends as `last-event-id` when it connects again; on one line. */
  id?: string | number | undefined;
  /** Milliseconds that the client is to wait before it connects again. */
  retry?: number | undefined;
  /** Is not shown to the page; keeps connections alive. */
  comment?: string | undefined;
  /** Milliseconds before it is sent. Default 0. */
  delay?: number | undefined;
}

const EXAMPLE = `{ sse: ['hello', { event: 'price', data: { eur: 42 }, delay: 100 }] }`;
const KEYS = ['event', 'data', 'id', 'retry', 'comment', 'delay'];

/** `sse`: server-sent events. */
export const eventStreamBody: BodyForm = (value, refuse) => ({
  field: ['content-type', 'text/event-stream'],
  ...streamedBody(
    value,
    {
      key: 'sse',
      example: EXAMPLE,
      functionExample: `{ sse: async function* () { yield 'hello'; } }`,
      otherKey: (value) => {
        if (typeof value === 'string') return `{ sse: [${formatWritten(value, 60)}] }`;
        return isPlainObject(value) ? `{ sse: [${formatWritten(value, 120)}] }` : undefined;
      },
      piece: eventPiece,
    },
    refuse,
  ),
});

function eventPiece(item: unknown, refuse: Refuse): Piece {
  if (typeof item === 'string') return { bytes: Buffer.from(eventText({ data: item })) };
  if (!isPlainObject(item)) {
    throw refuse(
      `the event ${formatWritten(item, 60)} is no text and no object`,
      `{ data: ${formatWritten(item, 60)} }`,
    );
  }
  const wrong = (why: string, write: string, cause?: unknown) =>
    refuse(`in the event ${formatWritten(item, 120)}, ${why}`, write, cause);
  for (const key of Object.keys(item)) if (!KEYS.includes(key)) throw wrong(...unknownKey(key, item[key]));
  const { event, data, id, retry, comment, delay } = item;
  if (Object.values(item).every((value) => value === undefined)) throw wrong('nothing is said', EXAMPLE);
  if (event !== undefined && (typeof event !== 'string' || /[\r\n]/.test(event))) {
    throw wrong('event is no text on one line', `{ event: 'price', data: { eur: 42 } }`);
  }
  if (event !== undefined && data === undefined) {
    throw wrong('event has no data, and a client drops it', `{ event: ${formatWritten(event, 60)}, data: '' }`);
  }
  if (id !== undefined && ((typeof id !== 'string' && typeof id !== 'number') || /[\r\n\0]/.test(String(id)))) {
    throw wrong('id is no text on one line without NULL', `{ id: '7', data: 'hello' }`);
  }
  if (retry !== undefined && (!Number.isSafeInteger(retry) || (retry as number) < 0)) {
    throw wrong('retry is no whole number of milliseconds', `{ retry: 1000 }`);
  }
  if (comment !== undefined && typeof comment !== 'string') {
    throw wrong(`comment is ${kindOf(comment)} and no text`, `{ comment: 'still there' }`);
  }
  if (delay !== undefined && !isMilliseconds(delay)) {
    throw wrong('delay is no number of milliseconds', `{ data: 'hello', delay: 100 }`);
  }
  const text =
    data === undefined || typeof data === 'string'
      ? data
      : jsonText(data, (why, cause) => wrong(why.replace(/^json/, 'data'), EXAMPLE, cause));
  const bytes = Buffer.from(eventText({ ...item, data: text }));
  return delay === undefined ? { bytes } : { bytes, delay };
}

function eventText({ comment, event, id, retry, data }: Record<string, unknown>): string {
  const lines: string[] = [];
  if (comment !== undefined) for (const line of linesOf(comment)) lines.push(`: ${line}`);
  if (event !== undefined) lines.push(`event: ${event}`);
  if (id !== undefined) lines.push(`id: ${id}`);
  if (retry !== undefined) lines.push(`retry: ${retry}`);
  if (data !== undefined) for (const line of linesOf(data)) lines.push(`data: ${line}`);
  // An event that only waits says nothing.
  return lines.length === 0 ? '' : `${lines.join('\n')}\n\n`;
}

function linesOf(text: unknown): string[] {
  return String(text).split(/\r\n|\r|\n/);
}

function unknownKey(key: string, value: unknown): [why: string, write: string] {
  const nearest = nearestWord(key, KEYS);
  return nearest === undefined
    ? [`there is no key '${key}'; the keys are ${KEYS.join(', ')}`, EXAMPLE]
    : [`there is no key '${key}'; the nearest is '${nearest}'`, `{ ${nearest}: ${formatWritten(value, 60)} }`];
}
