import type { FailureReason } from './failure.js';
import type { BodyFraming } from './framing.js';

/** A reader's state, to those who use it. */
export type ReaderState = 'between' | 'head' | 'body' | 'tunnel' | 'failed' | 'ended';

export const BETWEEN = 0;
export const HEAD = 1;
export const LENGTH = 2;
export const CHUNKED = 3;
export const TRAILERS = 4;
export const CLOSE = 5;
export const FINISHED = 6;
export const TUNNEL = 7;
export const FAILED = 8;
export const ENDED = 9;

export const STATES: readonly ReaderState[] = [
  'between',
  'head',
  'body',
  'body',
  'body',
  'body',
  'body',
  'tunnel',
  'failed',
  'ended',
];

export const PHASES: Readonly<Record<BodyFraming, number>> = {
  none: FINISHED,
  length: LENGTH,
  chunked: CHUNKED,
  close: CLOSE,
  tunnel: TUNNEL,
};

/** Failures by the end of the connection, where that does not end it in order. */
export const TRUNCATED: Readonly<Record<number, FailureReason>> = {
  [HEAD]: 'truncated-head',
  [LENGTH]: 'truncated-body',
  [CHUNKED]: 'truncated-body',
  [TRAILERS]: 'truncated-body',
  [CLOSE]: 'truncated-body',
};
