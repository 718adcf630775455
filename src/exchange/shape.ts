import { asWaylayError, type WaylayError } from '../errors.js';
import { type FaultKind, isInBody } from '../faults.js';
import { letGo } from '../http/pump.js';
import type { Failure } from '../http/sink.js';
import type { MessageFault, Shape } from '../interceptor.js';
import type { Clock } from '../runtime/clock.js';

// Milliseconds of a limited line that travel in one piece, and that may be caught up on when a timer was late.
const GRAIN = 20;

/** Thrown where a body has come to the place of its fault. */
class FaultReached extends Error implements Failure {
  readonly error: WaylayError;
  readonly ending: FaultKind;

  constructor({ error, kind }: MessageFault) {
    super(error.message);
    this.error = error;
    this.ending = kind;
  }
}

/** The failure that it is where a shaped body throws. */
export function shapeFailure(cause: unknown): Failure {
  return cause instanceof FaultReached ? cause : { error: asWaylayError(cause) };
}

/** The fault that takes the place of the message's head; undefined where there is none or it comes in the body. */
export function faultBeforeHead({ fault }: Shape): MessageFault | undefined {
  return fault === undefined || isInBody(fault) ? undefined : fault;
}

/** True if anything is to happen to the body. */
export function shapesBody({ bandwidth, slice, fault }: Shape): boolean {
  return bandwidth !== undefined || slice !== undefined || fault !== undefined;
}

/**
 * A body at the pace and in the pieces that its shape asks for. Its fault comes after `after` bytes. What it throws is read
 * by {@link shapeFailure}.
 * @param whenShort what happens where it ends before that
 */
export async function* shaped(
  chunks: AsyncIterable<Buffer>,
  { bandwidth, slice = Number.POSITIVE_INFINITY, fault }: Shape,
  clock: Clock,
  signal: AbortSignal,
  whenShort: 'fail' | 'end' = 'fail',
): AsyncGenerator<Buffer, void> {
  const iterator = chunks[Symbol.asyncIterator]();
  signal.addEventListener('abort', () => letGo(chunks, iterator), { once: true });
  const grain =
    bandwidth === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor((bandwidth * GRAIN) / 1000));
  const most = Math.min(slice, grain);
  let left = fault === undefined ? Number.POSITIVE_INFINITY : (fault.after ?? 0);
  let due = clock.now();
  while (left > 0) {
    const { done, value: chunk } = await iterator.next();
    if (signal.aborted) return;
    if (done) break;
    for (let at = 0; at < chunk.length && left > 0; ) {
      const piece = chunk.subarray(at, at + Math.min(most, left));
      if (bandwidth !== undefined) {
        due = Math.max(due, clock.now() - GRAIN) + (piece.length / bandwidth) * 1000;
        await waitFor(due - clock.now(), clock, signal);
        if (signal.aborted) return;
      }
      at += piece.length;
      left -= piece.length;
      yield piece;
    }
  }
  if (fault === undefined) return;
  // Its receiver has the whole of it: there is nothing left to be broken.
  if (left > 0 && whenShort === 'end') fault.missed?.();
  // The sender is not let go of: what becomes of it is the fault's to say.
  else throw new FaultReached(fault);
}

/** Resolves after so many milliseconds, or as soon as the signal is aborted. */
function waitFor(milliseconds: number, clock: Clock, signal: AbortSignal): Promise<void> {
  if (milliseconds <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const clear = clock.startTimer(milliseconds, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    const onAbort = (): void => {
      clear();
      resolve();
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
