/** Server-sent events as text (WHATWG HTML, section 9.2). */
import { describe, expect, test } from 'vitest';
import type { Answer } from '../../../src/interceptor.js';
import { Wire } from '../wire.js';

async function textOf(sse: unknown): Promise<string> {
  const wire = new Wire();
  wire.rules.stubResponse('**', { sse } as never);
  const { body } = (await wire.send().answer()) as Answer;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('an event', () => {
  test.each<[unknown, string]>([
    ['hello', 'data: hello\n\n'],
    ['', 'data: \n\n'],
    [' a', 'data:  a\n\n'],
    ['a\nb\r\nc\rd\n', 'data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n'],
    [{ data: 'hällo' }, 'data: hällo\n\n'],
    [{ data: { a: 'b\n' } }, 'data: {"a":"b\\n"}\n\n'],
    [{ data: 5 }, 'data: 5\n\n'],
    [{ data: null }, 'data: null\n\n'],
    [{ event: 'price', data: '' }, 'event: price\ndata: \n\n'],
    [{ id: 7, data: 'a' }, 'id: 7\ndata: a\n\n'],
    [{ id: '' }, 'id: \n\n'],
    [{ retry: 0 }, 'retry: 0\n\n'],
    [{ comment: 'a\nb' }, ': a\n: b\n\n'],
    [
      { data: 'a\nb', id: 'x', event: 'y', retry: 10, comment: 'z' },
      ': z\nevent: y\nid: x\nretry: 10\ndata: a\ndata: b\n\n',
    ],
    [{ data: 'a', id: undefined, event: undefined }, 'data: a\n\n'],
  ])('is written as its fields say: %j', async (event, text) => {
    expect(await textOf([event])).toBe(text);
    expect(await textOf(() => new Set([event]))).toBe(text);
  });
});

describe('a value that is no event', () => {
  test.each<[unknown, string]>([
    ['hello', `sse is a string, and no stream, list or function that returns one. Write { sse: ['hello'] }.`],
    [
      { data: 'a' },
      `sse is an object, and no stream, list or function that returns one. Write { sse: [{ data: 'a' }] }.`,
    ],
    [[5], 'the event 5 is no text and no object. Write { data: 5 }.'],
    [[{}], 'in the event {}, nothing is said. Write '],
    [[{ dta: 'a' }], `in the event { dta: 'a' }, there is no key 'dta'; the nearest is 'data'. Write { data: 'a' }.`],
    [[{ json: {} }], `there is no key 'json'; the keys are event, data, id, retry, comment, delay. Write `],
    [[{ event: 'a\nb', data: '' }], `event is no text on one line. Write { event: 'price', data: { eur: 42 } }.`],
    [[{ event: 'done' }], `event has no data, and a client drops it. Write { event: 'done', data: '' }.`],
    [[{ id: 'a\0', data: '' }], `id is no text on one line without NULL. Write { id: '7', data: 'hello' }.`],
    [[{ id: 'a\r', data: '' }], 'id is no text on one line without NULL.'],
    [[{ retry: 1.5 }], 'retry is no whole number of milliseconds. Write { retry: 1000 }.'],
    [[{ retry: -1 }], 'retry is no whole number of milliseconds.'],
    [[{ comment: 5 }], `comment is a number and no text. Write { comment: 'still there' }.`],
    [[{ data: 'a', delay: -1 }], `delay is no number of milliseconds. Write { data: 'hello', delay: 100 }.`],
    [[{ data: () => 1 }], 'data is a function, which JSON does not have.'],
  ])('is refused where it is written: %j, row %#', (sse, message) => {
    expect(() => new Wire().rules.stubResponse('**', { sse } as never)).toThrow(
      expect.objectContaining({ code: 'WAYLAY_INVALID_REPLY', message: expect.stringContaining(message) }),
    );
  });
});

test('a pause delays what comes after it', async () => {
  const wire = new Wire();
  wire.rules.stubResponse('**', { sse: ['a', { delay: 50 }, 'b'] });
  const { body } = (await wire.send().answer()) as Answer;
  const events = (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  expect(String((await events.next()).value)).toBe('data: a\n\n');
  const next = events.next();
  await Promise.resolve().then(() => {});
  await new Promise((resolve) => setImmediate(resolve));
  expect([...wire.timer.pending].map(({ milliseconds }) => milliseconds)).toEqual([50]);
  wire.timer.fire();
  expect(String((await next).value)).toBe('data: b\n\n');
});
