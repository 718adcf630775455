/** Exchanges in every order of their events: what takes part, and what holds for all of them. */
import fc from 'fast-check';
import { TestError, UpstreamError } from '../../src/errors.js';
import type { Answer, MessageFault, RequestDecision, ResponseChange } from '../../src/interceptor.js';
import { settle } from './play.js';
import { LATER, RelayStage, type Setting } from './relay-stage.js';
import { data, end, fail, head, informational, type Part } from './said.js';

/** A row of events, each of which comes after the one before; what cannot come yet lets the others go first. */
interface Lane {
  readonly name: string;
  readonly events: readonly Event[];
}

interface Event {
  readonly name: string;
  readonly can: (stage: RelayStage) => boolean;
  readonly act: (stage: RelayStage) => void;
}

/** A choice with its name, so that a counterexample can be read. */
export interface Named<Value> {
  readonly name: string;
  readonly value: Value;
  /** It comes later than it is asked for. */
  readonly later: boolean;
}

/** One exchange, and the order of what happens. */
export interface Order {
  readonly body: readonly string[] | undefined;
  readonly decision: Named<RequestDecision | Error | undefined>;
  readonly change: Named<ResponseChange | Error | undefined>;
  readonly needsBody: boolean;
  readonly dialled: boolean;
  readonly dialFails: boolean;
  readonly mirror: boolean;
  readonly response: readonly Part[];
  /** The client's room comes and goes so many times. */
  readonly pace: number;
  readonly leaves: boolean;
  readonly retires: boolean;
  /** The upstream goes on after it has been told that nobody wants its response. */
  readonly deaf: boolean;
  /** Which lane comes next, and how far everything else comes before that. */
  readonly picks: readonly (readonly [lane: number, pause: 'none' | 'tick' | 'turn' | 'settle'])[];
}

const { constantFrom: of } = fc;

const FAULT = new TestError('WAYLAY_FAULT', 'The test asked for it.');

const fault = (kind: MessageFault['kind'], after?: number): MessageFault => ({ kind, after, error: FAULT });

const answer = (body: Answer['body'], more: Partial<Answer> = {}): Answer => ({
  status: 200,
  statusText: '',
  headers: [],
  body,
  ...more,
});

const CHUNKS = ['ab', 'c', 'def'];

const iterable = (): AsyncIterable<Uint8Array> => ({
  [Symbol.asyncIterator]: async function* () {
    for (const chunk of CHUNKS) yield Buffer.from(chunk);
  },
});

const upperCase = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield Buffer.from(chunk.toString().toUpperCase());
};

const first = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    yield chunk;
    return;
  }
};

const breaks = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    yield chunk;
    throw new Error('no');
  }
};

const DECISIONS: Record<string, () => RequestDecision | Error | undefined> = {
  'forward it': () => undefined,
  'forward it later': () => ({ action: 'forward', change: { shape: { delay: 20 } } }),
  'forward it as a whole': () => ({
    action: 'forward',
    change: { body: { kind: 'whole', change: (body) => Buffer.concat([body, Buffer.from('!')]) } },
  }),
  'forward it through a function': () => ({
    action: 'forward',
    change: { body: { kind: 'stream', change: upperCase } },
  }),
  'forward it through a function that throws': () => ({
    action: 'forward',
    change: { body: { kind: 'stream', change: breaks } },
  }),
  'forward it slowly': () => ({ action: 'forward', change: { shape: { bandwidth: 50 } } }),
  'forward it, and reset it': () => ({ action: 'forward', change: { shape: { fault: fault('reset', 1) } } }),
  'forward it, and truncate it': () => ({ action: 'forward', change: { shape: { fault: fault('truncate', 1) } } }),
  'answer it': () => ({ action: 'answer', answer: answer(Buffer.from('abcdef')) }),
  'answer it later': () => ({ action: 'answer', answer: answer(Buffer.from('abcdef'), { delay: 20 }), delay: 20 }),
  'answer it with a stream': () => ({ action: 'answer', answer: answer(iterable()) }),
  'answer it with a stream, later': () => ({ action: 'answer', answer: answer(iterable()), delay: 20 }),
  'answer it with a stream that is longer than it says': () => ({
    action: 'answer',
    answer: answer(iterable(), { headers: ['Content-Length', '4'] }),
  }),
  'answer it when it has come': () => ({
    action: 'answer',
    answer: answer(Buffer.from('abcdef')),
    shape: { bandwidth: 50 },
  }),
  'refuse it': () => ({ action: 'refuse', error: new TestError('WAYLAY_REFUSED', 'No rule.') }),
  'reset it': () => ({ action: 'fail', fault: fault('reset') }),
  'reset it later': () => ({ action: 'fail', fault: fault('reset'), delay: 20 }),
  'have it hang': () => ({ action: 'fail', fault: fault('hang') }),
  throw: () => new Error('no'),
};

const CHANGES: Record<string, () => ResponseChange | Error | undefined> = {
  none: () => undefined,
  status: () => ({ status: 201 }),
  'no body': () => ({ status: 204 }),
  replaced: () => ({ body: { kind: 'replace', bytes: Buffer.from('new') } }),
  whole: () => ({ body: { kind: 'whole', change: async (body) => Buffer.from(`<${body}>`) } }),
  'whole, and throws': () => ({ body: { kind: 'whole', change: () => Promise.reject(new Error('no')) } }),
  'a function': () => ({ body: { kind: 'stream', change: upperCase } }),
  'a function that ends early': () => ({ body: { kind: 'stream', change: first } }),
  'a function that throws': () => ({ body: { kind: 'stream', change: breaks } }),
  trailers: () => ({ trailers: (trailers) => [...trailers, 'x-more', '1'] }),
  'trailers, and throws': () => ({ trailers: () => Promise.reject(new Error('no')) }),
  delay: () => ({ shape: { delay: 20 } }),
  slices: () => ({ shape: { slice: 1 } }),
  slowly: () => ({ shape: { bandwidth: 50 } }),
  'a function, in slices': () => ({ body: { kind: 'stream', change: upperCase }, shape: { slice: 1, delay: 20 } }),
  'truncated within': () => ({ shape: { fault: fault('truncate', 2) } }),
  'truncated, replaced': () => ({
    body: { kind: 'replace', bytes: Buffer.from('new') },
    shape: { fault: fault('truncate', 2) },
  }),
  'reset in its place': () => ({ shape: { fault: fault('reset') } }),
  'hangs within': () => ({ shape: { fault: fault('hang', 2) } }),
  throws: () => new Error('no'),
};

function named<Value>(table: Record<string, () => Value>): fc.Arbitrary<Named<Value>> {
  return fc.record({ name: of(...Object.keys(table)), later: fc.boolean() }).map(({ name, later }) => ({
    name,
    later,
    value: (table[name] as () => Value)(),
    [fc.toStringMethod]: () => `${name}${later ? ', later' : ''}`,
  }));
}

const response: fc.Arbitrary<Part[]> = fc
  .record({
    before: fc.array(fc.constant(informational(103)), { maxLength: 1 }),
    head: of(head(200), head(200), head(200, ['Content-Length', '6']), head(1000)),
    chunks: fc.nat({ max: 3 }),
    trailers: of([], [], ['x-sum', '1']),
    // Where it fails, of all that would come.
    fails: fc.option(fc.nat({ max: 5 }), { freq: 2 }),
  })
  .map(({ before, head: first, chunks, trailers, fails }) => {
    const parts = [...before, first, ...CHUNKS.slice(0, chunks).map(data), end(trailers)];
    const all = fails === null || fails >= parts.length ? parts : [...parts.slice(0, fails), fail()];
    return Object.assign(all, { [fc.toStringMethod]: () => all.map(({ said }) => said).join(', ') });
  });

export const order: fc.Arbitrary<Order> = fc.record({
  body: fc.option(fc.array(of('x', 'yz'), { maxLength: 2 }), { nil: undefined }),
  decision: fc.oneof(
    { weight: 2, arbitrary: fc.constant({ name: 'forward it', later: false, value: undefined }) },
    { weight: 3, arbitrary: named(DECISIONS) },
  ),
  change: fc.oneof(
    { weight: 1, arbitrary: fc.constant({ name: 'none', later: false, value: undefined }) },
    { weight: 3, arbitrary: named(CHANGES) },
  ),
  needsBody: fc.boolean(),
  dialled: fc.boolean(),
  dialFails: fc.boolean(),
  mirror: fc.boolean(),
  response,
  pace: fc.nat({ max: 3 }),
  leaves: fc.boolean(),
  retires: fc.boolean(),
  deaf: fc.boolean(),
  picks: fc.array(fc.tuple(fc.nat({ max: 6 }), of('none', 'tick', 'turn', 'settle')), { minLength: 4, maxLength: 24 }),
});

const DIALLED = new UpstreamError('WAYLAY_UPSTREAM_REFUSED', 'Nobody listens.', { authority: 'shop.test' });

function lanesOf(order: Order): Lane[] {
  const { body = [], decision, change, deaf } = order;
  const always = (): boolean => true;
  const lane = (name: string, events: readonly Event[]): Lane => ({ name, events });
  const takes = ({ upstream, left }: RelayStage, part: Part): boolean =>
    upstream.sink !== undefined &&
    (!upstream.aborted || deaf) &&
    // An end may come while more is held back: no byte comes with it.
    (!upstream.held || left || part.said.startsWith('end') || part.said.startsWith('fail'));
  return [
    lane(
      'upstream',
      order.response.map((part) => ({
        name: part.said,
        can: (stage) => takes(stage, part) && !stage.upstream.over,
        act: ({ taker }) => void part.into(taker),
      })),
    ),
    lane('request', [
      ...body.map((text) => ({
        name: `request data ${text}`,
        can: always,
        act: ({ clientBody, left }: RelayStage) => void (left || clientBody.push(Buffer.from(text))),
      })),
      { name: 'request end', can: always, act: ({ clientBody, left }) => void (left || clientBody.push(null)) },
    ]),
    lane('leaving', order.leaves ? [{ name: 'the client leaves', can: always, act: (stage) => stage.leave() }] : []),
    lane(
      'pace',
      Array.from({ length: order.pace }, () => [
        { name: 'the client is full', can: always, act: (stage: RelayStage) => stage.room(false) },
        { name: 'the client has room', can: always, act: (stage: RelayStage) => stage.room(true) },
      ]).flat(),
    ),
    lane('deciding', [
      ...(decision.later
        ? [
            {
              name: `decided: ${decision.name}`,
              can: (stage: RelayStage) => stage.askedOfRequest,
              act: (stage: RelayStage) => stage.decideRequest(decision.value),
            },
          ]
        : []),
      ...(change.later
        ? [
            {
              name: `changed: ${change.name}`,
              can: (stage: RelayStage) => stage.askedOfResponse,
              act: (stage: RelayStage) => stage.decideResponse(change.value),
            },
          ]
        : []),
    ]),
    lane(
      'clock',
      Array.from({ length: 3 }, () => ({
        name: '20 ms pass',
        can: ({ clock }: RelayStage) => clock.running > 0,
        act: (stage: RelayStage) => stage.advance(20),
      })),
    ),
    lane('surroundings', [
      ...(order.dialled
        ? []
        : [
            {
              name: 'dialled',
              can: ({ upstream }: RelayStage) => upstream.awaited,
              act: (stage: RelayStage) => stage.dial(order.dialFails ? DIALLED : undefined),
            },
          ]),
      ...(order.retires ? [{ name: 'retired', can: always, act: (stage: RelayStage) => stage.retire() }] : []),
    ]),
  ];
}

/** What happened: everything that went in and came out, and the stage as it is left when all is over. */
export interface Happened {
  readonly stage: RelayStage;
  readonly log: readonly string[];
  readonly wrongs: readonly string[];
}

/** Has an exchange happen in this order, then all that is still to come, then the client's leaving. */
export async function happen(order: Order): Promise<Happened> {
  const { body, decision, change, needsBody, dialled, mirror } = order;
  const stage = new RelayStage({
    method: body === undefined ? 'GET' : 'POST',
    body: body !== undefined,
    decision: decision.later ? LATER : decision.value,
    change: change.later ? LATER : change.value,
    needsBody,
    dialled,
    upstreamErrors: mirror ? 'mirror' : 'respond',
  } as Setting);
  const { log } = stage;
  const wrongs: string[] = [];
  const lanes = lanesOf(order).map(({ events }) => [...events]);
  const act = (from: number): boolean => {
    for (let offset = 0; offset < lanes.length; offset++) {
      const lane = lanes[(from + offset) % lanes.length] as Event[];
      if (!lane[0]?.can(stage)) continue;
      const event = lane.shift() as Event;
      log.push(`>> ${event.name}`);
      event.act(stage);
      return true;
    }
    return false;
  };
  for (const [lane, pause] of order.picks) {
    act(lane);
    if (pause === 'tick') await Promise.resolve();
    else if (pause === 'turn') await new Promise((resolve) => setImmediate(resolve));
    else if (pause === 'settle') await settle(log);
  }
  // All that is still to come, with a client that takes everything.
  do {
    do await settle(log);
    while (act(0));
    stage.room(true);
    while (stage.clock.running > 0) {
      stage.advance(1000);
      await settle(log);
    }
    await settle(log);
  } while (act(0));
  const { relay } = stage;
  wrongs.push(...stage.wrongs());
  if (!relay.exchange.ended && !relay.hangs) wrongs.push('did not end');
  if (!stage.left) stage.leave();
  await settle(log);
  // A second time, as connections that end twice do.
  stage.leave();
  await settle(log);
  if (!relay.exchange.ended) wrongs.push('did not end when the client had left');
  const all = new Set([...wrongs, ...stage.wrongs()]);
  // The fault of a request may come to its byte after the whole response has come: it still resets the client's side.
  if (decision.name === 'forward it, and reset it') all.delete('break off: reset after the end');
  return { stage, log, wrongs: [...all] };
}
