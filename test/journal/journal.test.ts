import { describe, expect, test } from 'vitest';
import { UpstreamError } from '../../src/errors.js';
import type { Exchange } from '../../src/journal/exchange.js';
import { Journal, type JournalLimit } from '../../src/journal/journal.js';
import { MESSAGE_OVERHEAD } from '../../src/websocket/message-log.js';
import { makeExchange, START } from './exchanges.js';
import { seeded } from './seeded.js';

const PLENTY: JournalLimit = { exchanges: 1000, bytes: 1_000_000 };

function journalOf(limit: Partial<JournalLimit> = {}) {
  const journal = new Journal({ ...PLENTY, ...limit });
  const add = (body = '') => {
    const exchange = makeExchange({ id: journal.nextId(), response: { body } });
    journal.add(exchange);
    return exchange;
  };
  const end = (exchange: Exchange) => journal.end(exchange, START + 1);
  const ids = () => journal.exchanges.map(({ id }) => id);
  const bodies = () => journal.exchanges.map(({ response }) => response?.body.toString());
  return { journal, add, end, ids, bodies };
}

describe('order', () => {
  test('is that of arrival, whatever ends first, with numbers from 1', () => {
    const { add, end, ids } = journalOf();
    const exchanges = [add(), add(), add()];
    for (const exchange of exchanges.reverse()) end(exchange);
    expect(ids()).toEqual([1, 2, 3]);
  });
});

describe('notifications', () => {
  test('go to every listener, in order, until it has unsubscribed', () => {
    const { journal, add, end } = journalOf();
    const heard: string[] = [];
    const unsubscribe = journal.subscribe((exchange, phase) => heard.push(`one ${exchange.id} ${phase}`));
    journal.subscribe((exchange, phase) => heard.push(`two ${exchange.id} ${phase}`));
    const exchange = add();
    journal.notify(exchange, 'request-complete');
    unsubscribe();
    journal.notify(exchange, 'response');
    end(exchange);
    expect(heard).toEqual([
      'one 1 request',
      'two 1 request',
      'one 1 request-complete',
      'two 1 request-complete',
      'two 1 response',
      'two 1 end',
    ]);
  });

  test('of a request come when it is in the journal', () => {
    const { journal, add } = journalOf();
    let there = false;
    journal.subscribe((exchange) => (there = journal.exchanges.includes(exchange)));
    add();
    expect(there).toBe(true);
  });

  test('of an end come once, when the exchange has ended and before its body is dropped', () => {
    const { journal, add, end } = journalOf({ bytes: 2 });
    const heard: unknown[] = [];
    const exchange = add('abc');
    journal.subscribe(({ ended, timing, response }, phase) => heard.push([phase, ended, timing.end, response?.text()]));
    end(exchange);
    journal.end(exchange, START + 99);
    expect(heard).toEqual([['end', true, START + 1, 'abc']]);
    expect(exchange.response?.captured.kept).toBe(0);
  });

  test('may unsubscribe and subscribe others', () => {
    const { journal, add } = journalOf();
    const heard: string[] = [];
    const unsubscribe = journal.subscribe(() => {
      heard.push('first');
      unsubscribe();
      journal.subscribe(() => heard.push('later'));
    });
    journal.subscribe(() => heard.push('second'));
    add();
    add();
    expect(heard.filter((one) => one === 'first')).toHaveLength(1);
    expect(heard.filter((one) => one === 'second')).toHaveLength(2);
  });
});

describe('ends', () => {
  test('settle those that wait and those that come later', async () => {
    const { add, end } = journalOf();
    const exchange = add();
    const waiting = exchange.finished();
    end(exchange);
    expect(await waiting).toBe(exchange);
    expect(await exchange.finished()).toBe(exchange);
  });

  test('reject with the error where the exchange failed', async () => {
    const { add, end } = journalOf();
    const exchange = add();
    const waiting = exchange.finished();
    exchange.error = new UpstreamError('WAYLAY_UPSTREAM_RESET', 'It ended.');
    end(exchange);
    await expect(waiting).rejects.toBe(exchange.error);
  });
});

describe('the limit of bytes', () => {
  test('drops the oldest bodies first, and no more than it has to', () => {
    const { add, end, bodies, journal } = journalOf({ bytes: 7 });
    for (const body of ['aaa', 'bbb', 'c']) end(add(body));
    expect(bodies()).toEqual(['aaa', 'bbb', 'c']);
    end(add('d'));
    expect(bodies()).toEqual(['', 'bbb', 'c', 'd']);
    end(add('eeeeee'));
    expect(bodies()).toEqual(['', '', '', 'd', 'eeeeee']);
    expect(journal.exchanges.map(({ response }) => response?.captured.size)).toEqual([3, 3, 1, 1, 6]);
    expect(journal.forgotten).toBe(0);
  });

  test('counts requests too, and drops both bodies of an exchange', () => {
    const { journal, end } = journalOf({ bytes: 5 });
    const both = makeExchange({ request: { body: 'aaa' }, response: { body: 'bbb' } });
    journal.add(both);
    end(both);
    expect([both.request.captured.kept, both.response?.captured.kept]).toEqual([0, 0]);
    expect(() => both.response?.text()).toThrow(
      'has 3 bytes, of which 0 were kept. Raise captureLimit or journalLimit',
    );
  });

  test('goes by the end: a body that has just come in full is not the oldest', () => {
    const { add, end, bodies } = journalOf({ bytes: 4 });
    const slow = add('sss');
    end(add('aa'));
    end(add('b'));
    end(slow);
    expect(bodies()).toEqual(['sss', '', 'b']);
  });

  test('leaves pending exchanges alone, and they keep nothing else alive', () => {
    const { add, end, bodies } = journalOf({ bytes: 4 });
    add('pending');
    for (const body of ['aaa', 'bbb', 'ccc']) end(add(body));
    expect(bodies()).toEqual(['pending', '', '', 'ccc']);
  });

  test('lets nothing of a dropped body come back', () => {
    const { add, end } = journalOf({ bytes: 2 });
    const exchange = add('abc');
    end(exchange);
    exchange.response?.captured.append(Buffer.from('def'));
    expect(exchange.response?.captured).toMatchObject({ kept: 0, size: 6, truncated: true });
    expect(exchange.response?.body).toHaveLength(0);
  });
});

describe('the limit of exchanges', () => {
  test('forgets the oldest, and counts them', () => {
    const { add, end, ids, journal } = journalOf({ exchanges: 3 });
    for (let count = 0; count < 5; count++) end(add());
    expect(ids()).toEqual([3, 4, 5]);
    expect(journal.forgotten).toBe(2);
  });

  test('never forgets a pending one, and passes it over', () => {
    const { add, end, ids } = journalOf({ exchanges: 3 });
    const pending = add();
    for (let count = 0; count < 5; count++) end(add());
    expect(ids()).toEqual([1, 5, 6]);
    expect(pending.ended).toBe(false);
  });

  test('is exceeded by pending ones only, and reached again once they have ended', () => {
    const { add, end, ids, journal } = journalOf({ exchanges: 2 });
    const pending = [add(), add(), add(), add()];
    expect(ids()).toEqual([1, 2, 3, 4]);
    for (const exchange of pending) end(exchange);
    add();
    expect(ids()).toEqual([4, 5]);
    expect(journal.forgotten).toBe(3);
  });

  test('gives back the bytes of what is forgotten', () => {
    const { add, end, bodies } = journalOf({ exchanges: 2, bytes: 6 });
    for (const body of ['aaa', 'bbb', 'ccc', 'ddd']) end(add(body));
    expect(bodies()).toEqual(['ccc', 'ddd']);
  });
});

describe('messages of WebSockets', () => {
  function socketsOf(limit: Partial<JournalLimit>) {
    const { journal, end, ...rest } = journalOf(limit);
    const open = () => {
      const exchange = makeExchange({ id: journal.nextId(), websocket: true });
      journal.add(exchange);
      return exchange;
    };
    const say = (exchange: Exchange, text: string) =>
      journal.addMessage(exchange, {
        from: 'client',
        type: 'text',
        data: text,
        size: text.length,
        truncated: false,
        time: START,
      });
    const texts = (exchange: Exchange) => exchange.messages.map(({ data }) => data).join('');
    return { journal, end, open, say, texts, ...rest };
  }
  const taken = (...texts: string[]) => texts.reduce((sum, { length }) => sum + MESSAGE_OVERHEAD + length, 0);

  test('of an open one, the oldest are forgotten beyond the number, and counted', () => {
    const { open, say, texts, journal } = socketsOf({ exchanges: 3 });
    const socket = open();
    for (const text of 'abcde') say(socket, text);
    expect([texts(socket), socket.forgottenMessages, journal.forgotten]).toEqual(['cde', 2, 0]);
  });

  test('take the place of ended bodies first, then of what the fullest socket has', () => {
    const { open, say, texts, add, end, bodies } = socketsOf({ bytes: taken('a', 'b', 'c', 'd') });
    end(add('an old body'));
    const loud = open();
    const quiet = open();
    say(quiet, 'a');
    for (const text of 'bcde') say(loud, text);
    expect(bodies()).toEqual(['', undefined, undefined]);
    expect([texts(quiet), texts(loud)]).toEqual(['a', 'cde']);
    for (const text of 'fg') say(quiet, text);
    expect([texts(quiet), texts(loud)]).toEqual(['fg', 'de']);
  });

  test('go with the bodies when the exchange has ended, and their bytes become free', () => {
    const { open, say, texts, add, end, bodies } = socketsOf({ bytes: taken('abc') + 3 });
    const socket = open();
    say(socket, 'abc');
    end(socket);
    end(add('def'));
    expect([texts(socket), bodies().at(-1)]).toEqual(['abc', 'def']);
    end(add('g'));
    expect([texts(socket), socket.forgottenMessages]).toEqual(['', 1]);
    end(add('x'.repeat(taken('abc') - 1)));
    expect(bodies().slice(1)).toEqual(['def', 'g', 'x'.repeat(taken('abc') - 1)]);
  });

  test('are none of an exchange that is no WebSocket', () => {
    const { say, add } = socketsOf({});
    const exchange = add('body');
    say(exchange, 'abc');
    expect([exchange.messages, exchange.forgottenMessages]).toEqual([[], 0]);
  });
});

test('the journal keeps to both limits in any course of events', () => {
  const random = seeded(1);
  const { journal, add, end } = journalOf({ exchanges: 8, bytes: 30 });
  const pending: Exchange[] = [];
  for (let step = 0; step < 3000; step++) {
    if (pending.length === 0 || random() < 0.5) {
      pending.push(add('x'.repeat(Math.floor(random() * 12))));
    } else {
      const [exchange] = pending.splice(Math.floor(random() * pending.length), 1);
      if (exchange !== undefined) end(exchange);
    }
    const ended = journal.exchanges.filter((exchange) => exchange.ended);
    const kept = ended.reduce((sum, { response }) => sum + (response?.captured.kept ?? 0), 0);
    expect(kept).toBeLessThanOrEqual(30);
    expect(pending.every((exchange) => journal.exchanges.includes(exchange))).toBe(true);
    const ids = journal.exchanges.map(({ id }) => id);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
  }
  for (const exchange of pending) end(exchange);
  add();
  expect(journal.exchanges).toHaveLength(8);
  expect(journal.forgotten + 8).toBe(journal.nextId() - 1);
});
