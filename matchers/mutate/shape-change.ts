/** The part of a change that says how a message travels: slowed down, cut into pieces, broken off. */

import { TestError } from '../../src/errors.js';
import { type FaultKind, rowOf } from '../../src/faults.js';
import type { MessageFault, Shape } from '../../src/interceptor.js';
import { type Authority, formatAuthority } from '../../src/net/authority.js';

/** The shape in which a message travels. */
export type ShapeChanges<Fault extends FaultKind = FaultKind> = Pace & Latency & Breakage<Fault>;

/** The pace at which a body travels, and its pieces. */
export interface Pace {
  /** Bytes of the body a second; of a WebSocket, of what this side sends. */
  bandwidth?: number | undefined;
  /** Bytes of the body, or of what this side of a WebSocket sends, in one piece at most. */
  slice?: number | undefined;
}

// The member of each union that most changes are comes last: where nothing fits, TypeScript explains that one.

/** The time by which a message is passed on later. */
export type Latency =
  | {
      /** Milliseconds before the message is passed on. */
      delay: number;
      /** Milliseconds that the delay may be longer or shorter, never below none. */
      jitter: number;
    }
  | {
      /** Milliseconds before the message is passed on. */
      delay?: number | undefined;
      jitter?: undefined;
    };

/** The way in which a message ends other than it should. */
export type Breakage<Fault extends FaultKind> =
  | {
      fault: Exclude<Fault, 'empty'>;
      /**
       * Bytes of the body, or of what this side of a WebSocket sends, that are passed on before. Default: not even the
       * head is. Where a body ends before, the fault comes at its end; a WebSocket that does is whole, and a warning, and
       * so is a request without a body that was to be truncated.
       */
      after: number;
    }
  | {
      /**
       * The end of the message: `truncate` (the connection is closed within the body), `reset`, `hang` (nothing more
       * comes); responses also `empty` (closed before the first byte) and `malformed-chunk`.
       */
      fault?: Fault | undefined;
      after?: undefined;
    };

/** The keys of {@link ShapeChanges}. */
export type ShapeKey = keyof ShapeChanges;
export const SHAPE_KEYS = Object.keys({
  delay: true,
  jitter: true,
  bandwidth: true,
  slice: true,
  fault: true,
  after: true,
} satisfies Record<ShapeKey, true>) as ShapeKey[];

/** The values of one change, where it was written, and its drawn jitter (0 to 1). */
export interface WrittenShape {
  readonly shape: Readonly<Partial<Record<ShapeKey, unknown>>>;
  readonly site: { toString(): string };
  readonly draw: number;
  /** Told where its fault did not come, since what was sent on a WebSocket ended before. */
  missed?(why: string): void;
}

/**
 * All of them together; undefined where they say nothing: delays add up, the smallest bandwidth and
 * slice win, the first fault does.
 *
 * @param what names the message
 */
export function shapeOf(written: readonly WrittenShape[], what: () => string, authority: Authority): Shape | undefined {
  let delay: number | undefined;
  let bandwidth: number | undefined;
  let slice: number | undefined;
  let fault: MessageFault | undefined;
  for (const { shape, site, draw, ...told } of written) {
    const one = shape as Partial<ShapeChanges> & { after?: number };
    if (one.delay !== undefined) delay = (delay ?? 0) + delayed(one.delay, one.jitter, draw);
    if (one.bandwidth !== undefined) bandwidth = Math.min(bandwidth ?? one.bandwidth, one.bandwidth);
    if (one.slice !== undefined) slice = Math.min(slice ?? one.slice, one.slice);
    if (one.fault !== undefined)
      fault ??= messageFault(one.fault, one.after, what(), site, formatAuthority(authority), told);
  }
  if (delay === undefined && bandwidth === undefined && slice === undefined && fault === undefined) return undefined;
  return {
    ...(delay !== undefined && { delay }),
    ...(bandwidth !== undefined && { bandwidth }),
    ...(slice !== undefined && { slice }),
    ...(fault && { fault }),
  };
}

function delayed(delay: number, jitter = 0, draw: number): number {
  return Math.max(0, Math.round(delay + (2 * draw - 1) * jitter));
}

function messageFault(
  kind: FaultKind,
  after: number | undefined,
  what: string,
  site: { toString(): string },
  authority: string,
  { missed }: Pick<WrittenShape, 'missed'>,
): MessageFault {
  const bytes = `${after} ${after === 1 ? 'byte' : 'bytes'}`;
  const where = after === undefined ? '' : ` after ${bytes} of its body`;
  const error = new TestError(
    'WAYLAY_FAULT',
    `${what.replace(/^the/, 'The')} ${rowOf(kind).says}${where}, as the mutation written at ${site} says.`,
    { authority },
  );
  return {
    kind,
    ...(after !== undefined && { after }),
    ...(missed && { missed: () => missed(`what its sender sent ended before ${bytes} of it`) }),
    error,
  };
}
