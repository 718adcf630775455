/** Exchanges that switch protocols in every order of their events: what takes part, and what holds for all of them. */
import fc from 'fast-check';
import { TestError } from '../../src/errors.js';
import type { MessageFault, RequestDecision, ResponseChange, Shape } from '../../src/interceptor.js';
import { settle } from './play.js';
import { fail } from './said.js';
import { LATER } from './surrounded.js';
import { type SwitchingSetting, SwitchingStage } from './switching-stage.js';
import { framed } from './web-socket-frames.js';

type Side = 'client' | 'upstream';

interface Event {
  readonly name: string;
  readonly can: (stage: SwitchingStage) => boolean;
  readonly act: (stage: SwitchingStage) => void;
}

/** One side's stream, and how that ends. */
interface Stream {
  /** Chunks that come in one packet with its head. */
  readonly first: number;
  readonly chunks: number;
  readonly end: 'FIN' | 'RST' | 'none';
  /** It resets its connection after it has said that it is done. */
  readonly resetsAfter: boolean;
}

interface Choice<Value> {
  readonly name: string;
  readonly value: Value;
  /** It comes later than it is asked for. */
  readonly later: boolean;
}

/** One exchange, and the order of what happens. */
export interface SwitchingOrder {
  readonly websocket: boolean;
  readonly decision: Choice<RequestDecision | Error | undefined>;
  readonly change: Choice<ResponseChange | Error | undefined>;
  readonly accepts: boolean;
  readonly client: Stream;
  readonly upstream: Stream;
  /** The room of each comes and goes so many times. */
  readonly pace: Readonly<Record<Side, number>>;
  readonly retires: boolean;
  readonly stops: boolean;
  readonly picks: readonly (readonly [lane: number, pause: 'none' | 'tick' | 'turn' | 'settle'])[];
}

const { constantFrom: of } = fc;

/** Longer than the window of a socket: two of them do not go at once. */
const PAYLOAD = 'x'.repeat(100);

const fault = (kind: MessageFault['kind'], after?: number): MessageFault => ({
  kind,
  after,
  error: new TestError('WAYLAY_FAULT', 'The test asked for it.'),
});

const SHAPES: Record<string, Shape> = {
  slices: { slice: 70 },
  slowly: { bandwidth: 4000 },
  'later, slowly': { delay: 20, bandwidth: 4000 },
  'reset within': { fault: fault('reset', 150) },
  'truncated within': { fault: fault('truncate', 150) },
  'hangs within': { fault: fault('hang', 150) },
  'reset beyond': { fault: fault('reset', 10_000) },
  'reset in its place': { fault: fault('reset') },
  'hangs in its place': { fault: fault('hang') },
};

const DECISIONS: Record<string, RequestDecision | Error | undefined> = {
  ...Object.fromEntries(
    Object.entries(SHAPES).map(([name, shape]) => [name, { action: 'forward', change: { shape } } as const]),
  ),
  'its fields': { action: 'forward', change: { headers: ['Upgrade', 'chat'] } },
  throws: new Error('no'),
};

const CHANGES: Record<string, ResponseChange | Error | undefined> = {
  ...Object.fromEntries(Object.entries(SHAPES).map(([name, shape]) => [name, { shape }])),
  'its fields': { headers: ['Upgrade', 'chat', 'X-Own', '1'] },
  refused: { status: 403 },
  'refused later': { status: 403, shape: { delay: 20 }, body: { kind: 'replace', bytes: Buffer.from('no') } },
  throws: new Error('no'),
};

function choice<Value>(table: Record<string, Value>): fc.Arbitrary<Choice<Value | undefined>> {
  const named = fc.record({ name: of(...Object.keys(table)), later: fc.boolean() }).map(({ name, later }) => ({
    name,
    later,
    value: table[name],
    [fc.toStringMethod]: () => `${name}${later ? ', later' : ''}`,
  }));
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant({ name: 'none', later: false, value: undefined }) },
    { weight: 1, arbitrary: named },
  );
}

const stream: fc.Arbitrary<Stream> = fc.record({
  first: fc.nat({ max: 2 }),
  chunks: fc.nat({ max: 6 }),
  end: of('FIN', 'FIN', 'RST', 'none'),
  resetsAfter: fc.boolean(),
});

export const switchingOrder: fc.Arbitrary<SwitchingOrder> = fc.record({
  websocket: fc.boolean(),
  decision: choice(DECISIONS),
  change: choice(CHANGES),
  accepts: of(true, true, true, false),
  client: stream,
  upstream: stream,
  pace: fc.record({ client: fc.nat({ max: 2 }), upstream: fc.nat({ max: 2 }) }),
  retires: fc.boolean(),
  stops: of(false, false, true),
  picks: fc.array(fc.tuple(fc.nat({ max: 7 }), of('none', 'tick', 'turn', 'settle')), { minLength: 4, maxLength: 30 }),
});

const bytes = (order: SwitchingOrder, side: Side, count: number): string => {
  const chunk = order.websocket ? framed(side === 'client' ? 'client' : 'server', PAYLOAD) : PAYLOAD;
  return chunk.repeat(count);
};

function lanesOf(order: SwitchingOrder): Event[][] {
  const { decision, change, upstream, accepts } = order;
  const accept: Event = {
    name: accepts ? 'accepts' : 'fails',
    can: (stage) => stage.forwarded && !stage.aborted,
    act: (stage) =>
      accepts
        ? stage.accept(['Upgrade', 'chat'], bytes(order, 'upstream', upstream.first))
        : void fail().into(stage.taker),
  };
  const sends = (side: Side): Event[] => {
    const { chunks, end, resetsAfter } = order[side];
    const event = (name: string, act: (stage: SwitchingStage) => void): Event => ({
      name: `${side} ${name}`,
      can: (stage) => !stage[side].destroyed,
      act,
    });
    const resets = event('resets', (stage) => stage[side].resets());
    return [
      ...Array.from({ length: chunks }, () => event('sends', (stage) => stage[side].sends(bytes(order, side, 1)))),
      ...(end === 'FIN' ? [event('finishes', (stage) => stage[side].finishes())] : []),
      ...(end === 'RST' || (end === 'FIN' && resetsAfter) ? [resets] : []),
    ];
  };
  const pace = (side: Side): Event[] =>
    Array.from({ length: order.pace[side] }, () =>
      [false, true].map((room) => ({
        name: `${side} ${room ? 'has room' : 'is full'}`,
        can: () => true,
        act: (stage: SwitchingStage) => void (stage[side].room = room),
      })),
    ).flat();
  const asked: Event = {
    name: `decided: ${decision.name}`,
    can: (stage) => stage.askedOfRequest,
    act: (stage) => stage.decideRequest(decision.value),
  };
  const changes: Event = {
    name: `changed: ${change.name}`,
    can: (stage) => stage.askedOfResponse,
    act: (stage) => stage.decideResponse(change.value),
  };
  const passes: Event = {
    name: '20 ms pass',
    can: ({ clock }) => clock.running > 0,
    act: (stage) => stage.advance(20),
  };
  const always = (name: string, act: Event['act']): Event => ({ name, can: () => true, act });
  return [
    accepts ? [accept, ...sends('upstream')] : [accept],
    sends('client'),
    pace('client'),
    pace('upstream'),
    [...(decision.later ? [asked] : []), ...(change.later ? [changes] : [])],
    [passes, passes, passes],
    order.retires ? [always('retires', (stage) => stage.retire())] : [],
    order.stops ? [always('stops', (stage) => stage.stop())] : [],
  ];
}

/** Events: everything that went in and came out, and what was wrong with it. */
export interface Happened {
  readonly log: readonly string[];
  readonly wrongs: readonly string[];
}

/** Has an exchange happen in this order, then all that is still to come, then a stop. */
export async function happenSwitching(order: SwitchingOrder): Promise<Happened> {
  const { websocket, decision, change } = order;
  const stage = new SwitchingStage({
    upgrade: websocket ? 'websocket' : 'chat',
    firstBytes: bytes(order, 'client', order.client.first),
    decision: decision.later ? LATER : decision.value,
    change: change.later ? LATER : change.value,
  } as SwitchingSetting);
  const { log, client, upstream, relay } = stage;
  const wrongs: string[] = [];
  const lanes = lanesOf(order);
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
  const look = async (): Promise<void> => {
    await settle(log);
    stage.look();
    wrongs.push(...stage.wrongs(), ...prefixes(order, stage));
  };
  for (const [lane, pause] of order.picks) {
    act(lane);
    if (pause === 'tick') await Promise.resolve();
    else if (pause === 'turn') await new Promise((resolve) => setImmediate(resolve));
    else if (pause === 'settle') await look();
  }
  // All that is still to come, with two sides that take everything.
  do {
    do await look();
    while (act(0));
    client.room = true;
    upstream.room = true;
    while (stage.clock.running > 0) {
      stage.advance(1000);
      await look();
    }
    await look();
  } while (act(0));
  const { exchange } = relay;
  if (exchange.ended && !client.destroyed) wrongs.push('the client is open after the end');
  if (!exchange.ended && client.destroyed && upstream.destroyed) wrongs.push('did not end with both sides');
  wrongs.push(...completeness(order, stage));
  // A stop ends whatever has not ended.
  stage.stop();
  await look();
  if (!exchange.ended) wrongs.push('did not end when it was stopped');
  return { log, wrongs: [...new Set(wrongs)] };
}

/** Bytes for each side from the other after a 101; undefined before. */
function streams({ client, upstream }: SwitchingStage): Record<Side, string> | undefined {
  const down = Buffer.concat(client.got).toString('latin1');
  const up = Buffer.concat(upstream.got).toString('latin1');
  const end = down.indexOf('\r\n\r\n');
  return down.startsWith('HTTP/1.1 101') ? { client: down.slice(end + 4), upstream: up } : undefined;
}

const sentBy = (order: SwitchingOrder, side: Side): string =>
  bytes(order, side, order[side].first + order[side].chunks);

/** Bytes at either side are a beginning of what the other one sends. */
function prefixes(order: SwitchingOrder, stage: SwitchingStage): string[] {
  const got = streams(stage);
  if (got === undefined) {
    const early = stage.upstream.got.length > 0 && stage.relay.exchange.response?.status !== 101;
    return early ? ['bytes to the upstream before the 101'] : [];
  }
  const wrongs: string[] = [];
  if (!sentBy(order, 'upstream').startsWith(got.client)) wrongs.push(`the client got ${got.client.length} other bytes`);
  if (!sentBy(order, 'client').startsWith(got.upstream)) {
    wrongs.push(`the upstream got ${got.upstream.length} other bytes`);
  }
  return wrongs;
}

/** Where nothing is wrong in the record, nothing was lost; where a side broke, the record says so. */
function completeness(order: SwitchingOrder, stage: SwitchingStage): string[] {
  const { client, upstream, relay } = stage;
  const { exchange } = relay;
  const got = streams(stage);
  if (got === undefined || !exchange.ended || order.stops) return [];
  const wrongs: string[] = [];
  for (const [from, to] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    const side = from.name as Side;
    const other = to.name as Side;
    if (from.wasReset && from.errored && !from.readableEnded && exchange.error === undefined) {
      wrongs.push(`the reset of the ${side} is not recorded`);
    }
    const whole = got[other] === sentBy(order, side) && to.saidAll;
    if (exchange.error === undefined && order[side].end === 'FIN' && !to.wasReset && !whole) {
      wrongs.push(`the ${other} got ${got[other].length} bytes and ${to.ending} of what the ${side} sent`);
    }
  }
  return wrongs;
}
