/** Exchanges in every order of their events: what takes part, and what holds for all of them. */
import fc from 'fast-check';
import { UpstreamError } from '../../src/errors.js';
import type { RequestDecision, ResponseChange } from '../../src/interceptor.js';
import { CHANGES, CHUNKS, type Choice, DECISIONS, StubStream } from './choices.js';
import { settle } from './play.js';
import { RelayStage, type Setting } from './relay-stage.js';
import { data, end, fail, head, informational, type Part } from './said.js';
import { LATER } from './surrounded.js';

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

function named<Value>(table: Record<string, Choice<Value>>): fc.Arbitrary<Named<Value>> {
  return fc.record({ name: of(...Object.keys(table)), later: fc.boolean() }).map(({ name, later }) => ({
    name,
    later,
    value: (table[name] as Choice<Value>).value(),
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

/** All events: everything that went in and came out, and the stage as it is left when all is over. */
export interface Happened {
  readonly stage: RelayStage;
  readonly log: readonly string[];
  readonly wrongs: readonly string[];
}

/** Has an exchange happen in this order, then all that is still to come, then the client's leaving. */
export async function happen(order: Order): Promise<Happened> {
  const { body, decision, change, needsBody, dialled, mirror } = order;
  const stub = decision.value;
  const given = stub !== undefined && 'action' in stub && stub.action === 'answer' ? stub.answer.body : undefined;
  const stream = given instanceof StubStream ? given : undefined;
  stream?.reset();
  const stage = new RelayStage({
    method: body === undefined ? 'GET' : 'POST',
    body: body !== undefined,
    decision: decision.later ? LATER : decision.value,
    change: change.later ? LATER : change.value,
    needsBody,
    dialled,
    upstreamErrors: mirror ? 'mirror' : 'respond',
  } as Setting);
  const { log, relay } = stage;
  const wrongs: string[] = [];
  const decided = (): boolean => (decision.later ? log.includes(`>> decided: ${decision.name}`) : !stage.awaitsBody);
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
  // Things held at the end may be gone later: they are looked at whenever nothing more comes.
  const look = async (): Promise<void> => {
    await settle(log);
    wrongs.push(...stage.wrongs());
    if (stream !== undefined && relay.exchange.ended && decided() && !stream.done)
      wrongs.push('a stub’s stream is open');
  };
  for (const [lane, pause] of order.picks) {
    act(lane);
    if (pause === 'tick') await Promise.resolve();
    else if (pause === 'turn') await new Promise((resolve) => setImmediate(resolve));
    else if (pause === 'settle') await look();
  }
  // All that is still to come, with a client that takes everything.
  do {
    do await look();
    while (act(0));
    stage.room(true);
    while (stage.clock.running > 0) {
      stage.advance(1000);
      await look();
    }
    await look();
  } while (act(0));
  if (!relay.exchange.ended && !relay.hangs) wrongs.push('did not end');
  if (!stage.left) stage.leave();
  await look();
  // A second time, as connections that end twice do.
  stage.leave();
  await look();
  if (!relay.exchange.ended) wrongs.push('did not end when the client had left');
  const all = new Set([...wrongs, ...wrongBodies(order, stage)]);
  // The fault of a request may come to its byte after the whole response has come: it still resets the client's side.
  if (decision.name === 'forward it, and reset it') all.delete('break off: reset after the end');
  // The rest, where a function ends early, is dropped as it comes, so that the connection can be used again.
  if (change.name === 'a function that ends early') all.delete('its upstream still sends');
  return { stage, log, wrongs: [...all] };
}

/** Breaches of the rules that hold for bodies. */
function wrongBodies({ body = [], decision, change }: Order, { relay, client, upstream, log }: RelayStage): string[] {
  const { exchange } = relay;
  const wrongs: string[] = [];
  const sent = Buffer.concat(client.body).toString();
  const stubbed = decision.name.startsWith('answer');
  const inOne = stubbed && !decision.name.includes('stream');
  const came = log.filter((line) => /^>> data (?!WAYLAY)/.test(line)).map((line) => line.slice('>> data '.length));
  const chunks = !stubbed ? came : inOne ? [CHUNKS.join('')] : CHUNKS;
  const expected = CHANGES[change.name]?.becomes?.(chunks);
  const endsEarly = change.name === 'a function that ends early';
  if (exchange.error === undefined) {
    if (sent !== expected) wrongs.push(`sent ${sent} in the place of ${expected}`);
    const ended = log.some((line) => line.startsWith('>> end'));
    if (!stubbed && !ended && !endsEarly) wrongs.push('a response looks complete that is not');
  } else if (expected !== undefined && !sent.startsWith('WAYLAY_') && !expected.startsWith(sent)) {
    wrongs.push(`sent ${sent}, which is not how ${expected} begins`);
  }
  const forwarded = Buffer.concat(upstream.body).toString();
  if (!DECISIONS[decision.name]?.becomes?.(body).startsWith(forwarded)) {
    if (upstream.sink !== undefined) wrongs.push(`forwarded ${forwarded} of ${body.join('')}`);
  }
  return wrongs;
}
