/** Bodies of requests in every order of their events: what takes part, and what holds for all of them. */
import fc from 'fast-check';
import { WINDOW } from '../../src/http/window.js';
import { settle } from './play.js';
import { RequestBodyStage } from './request-body-stage.js';

type Act = (stage: RequestBodyStage) => void;

/** Uses of it by somebody here, each thing after the one before. */
const USES: Record<string, readonly Act[]> = {
  'forwards it': [(stage) => stage.forward()],
  'discards it': [(stage) => stage.body.discard()],
  'has it as a whole': [(stage) => stage.askForWhole()],
  'looks at it, and forwards it': [(stage) => stage.askForBeginning(), (stage) => stage.forward()],
  'looks at it, and discards it': [(stage) => stage.askForBeginning(), (stage) => stage.body.discard()],
  'looks at it, and has it as a whole': [(stage) => stage.askForBeginning(), (stage) => stage.askForWhole()],
};

/** One body, and the order of what happens to it. */
export interface BodyOrder {
  readonly use: string;
  /** The sizes of what the client sends. */
  readonly chunks: readonly number[];
  readonly end: 'end' | 'leave' | 'none';
  /** The upstream's acts on what is forwarded. */
  readonly reading: readonly ('read' | 'hold' | 'letGo')[];
  readonly limit: number;
  readonly picks: readonly (readonly [lane: number, pause: 'none' | 'tick' | 'turn' | 'settle'])[];
}

const { constantFrom: of } = fc;

export const bodyOrder: fc.Arbitrary<BodyOrder> = fc.record({
  use: of(...Object.keys(USES)),
  chunks: fc.array(of(1, 100, WINDOW / 2, WINDOW), { maxLength: 5 }),
  end: of('end', 'end', 'leave', 'none'),
  reading: fc.array(of('read', 'read', 'hold', 'letGo'), { maxLength: 4 }),
  limit: of(0, 150, 10 * WINDOW),
  picks: fc.array(fc.tuple(fc.nat({ max: 2 }), of('none', 'tick', 'turn', 'settle')), { minLength: 4, maxLength: 16 }),
});

/** Events, and what was wrong with it. */
export interface Happened {
  readonly log: readonly string[];
  readonly wrongs: readonly string[];
}

/** Has all of it happen in this order, then what is still to come, with an upstream that reads. */
export async function happenToBody(order: BodyOrder): Promise<Happened> {
  const stage = new RequestBodyStage({ limit: order.limit });
  const { log } = stage;
  const wrongs: string[] = [];
  // Each chunk is of another letter, so that their order shows.
  const sent = Buffer.concat(order.chunks.map((size, at) => Buffer.alloc(size, 97 + at)));
  let came = 0;
  const lanes: (readonly [name: string, act: Act])[][] = [
    [
      ...order.chunks.map((size, at) => {
        const send: Act = ({ source }) => {
          if (source.destroyed) return;
          came += size;
          source.push(Buffer.alloc(size, 97 + at));
        };
        return [`the client sends ${size}`, send] as const;
      }),
      ...(order.end === 'none'
        ? []
        : [[`the client: ${order.end}`, (s: RequestBodyStage) => s[order.end as 'end']()] as const]),
    ],
    (USES[order.use] ?? []).map((act) => [order.use, act] as const),
    order.reading.map((how) => [`the upstream: ${how}`, (s: RequestBodyStage) => s[how]()] as const),
  ];
  const act = (from: number): boolean => {
    for (let offset = 0; offset < lanes.length; offset++) {
      const next = lanes[(from + offset) % lanes.length]?.shift();
      if (next === undefined) continue;
      log.push(`>> ${next[0]}`);
      next[1](stage);
      return true;
    }
    return false;
  };
  const look = async (): Promise<void> => {
    await settle(log);
    stage.look();
    wrongs.push(...wrongsOf(stage, sent));
  };
  for (const [lane, pause] of order.picks) {
    act(lane);
    if (pause === 'tick') await Promise.resolve();
    else if (pause === 'turn') await new Promise((resolve) => setImmediate(resolve));
    else if (pause === 'settle') await look();
  }
  do await look();
  while (act(0));
  stage.read();
  await look();
  wrongs.push(...atTheEnd(order, stage, sent.subarray(0, came)));
  return { log, wrongs: [...new Set(wrongs)] };
}

/** Faults at any time. */
function wrongsOf({ completed, captured, got, out, source }: RequestBodyStage, sent: Buffer): string[] {
  const wrongs: string[] = [];
  if (completed > 1) wrongs.push('complete more than once');
  if ((completed === 1) !== captured.complete) wrongs.push('complete for one, and not for the other');
  if (!sent.subarray(0, captured.kept).equals(captured.bytes)) wrongs.push('other bytes are captured than came');
  const forwarded = Buffer.concat(got);
  if (!sent.subarray(0, forwarded.length).equals(forwarded)) wrongs.push('other bytes are forwarded than came');
  if (
    out !== undefined &&
    !out.destroyed &&
    !source.readableEnded &&
    out.readableLength >= WINDOW &&
    !source.isPaused()
  ) {
    wrongs.push('the client is not held though nothing of it is read');
  }
  return wrongs;
}

/** Faults once nothing more comes, and the upstream has read all that it gets. */
function atTheEnd(order: BodyOrder, stage: RequestBodyStage, came: Buffer): string[] {
  const { use, end } = order;
  const { captured, log, got, out } = stage;
  const wrongs: string[] = [];
  if (end === 'end' && stage.completed !== 1) wrongs.push('not complete though all has come');
  if (end === 'end' && captured.size !== came.length) wrongs.push(`captured ${captured.size} of ${came.length}`);
  if (end !== 'end' && stage.completed !== 0) wrongs.push('complete though not all has come');
  if (end !== 'leave' && stage.holds) wrongs.push('the client is held for ever');
  if (use.includes('looks') && end !== 'none' && !log.includes('has the beginning'))
    wrongs.push('a look waits for ever');
  if (use.includes('whole') && end !== 'none' && !log.some((line) => /^has (the|no) whole/.test(line))) {
    wrongs.push('the whole is waited for for ever');
  }
  if (use.includes('whole') && end === 'end' && !log.some((line) => line.startsWith('has the whole'))) {
    wrongs.push('there is no whole though all has come');
  }
  const wanted = use.includes('forwards') && !order.reading.includes('letGo');
  const forwarded = Buffer.concat(got).length;
  if (wanted && end === 'end' && forwarded !== came.length) wrongs.push(`forwarded ${forwarded} of ${came.length}`);
  if (wanted && end === 'end' && out !== undefined && !log.includes('out ends'))
    wrongs.push('what is forwarded has no end');
  if (wanted && end === 'leave' && out !== undefined && !log.includes('out fails: gone')) {
    wrongs.push('what is forwarded looks complete, or is waited for for ever');
  }
  return wrongs;
}
