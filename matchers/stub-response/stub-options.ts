import { TestError } from '../../src/errors.js';
import { isCount } from '../rule/times.js';
import { formatValue, isPlainObject } from '../values/format.js';
import { nearestWord } from '../values/text-distance.js';

/** Limits of a stub, and what it adds. */
export interface StubOptions {
  /** The number of requests that it answers before they fall through to older stubs or the upstream. Default: all. */
  times?: number | undefined;
  /**
   * Lets pages of any origin use what is stubbed: preflights for it are answered (they are no hits), and answers get
   * `access-control-allow-origin` and the like, but for what the reply says itself. Default: nothing is added.
   */
  cors?: true | undefined;
}

const EXAMPLE = 'Write stubResponse(pattern, reply, { times: 1 })';

/** @throws {TestError} `WAYLAY_INVALID_OPTION` */
export function readStubOptions(options: unknown): { times: number; cors: boolean } {
  const wrong = (what: string, example = EXAMPLE) => new TestError('WAYLAY_INVALID_OPTION', `${what} ${example}.`);
  if (options === undefined) return { times: Number.POSITIVE_INFINITY, cors: false };
  if (!isPlainObject(options)) throw wrong(`A stub's options cannot be ${formatValue(options)}.`);
  const { times = Number.POSITIVE_INFINITY, cors, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw wrong(`A stub has no option '${unknown}', only 'times' and 'cors'.`, exampleFor(unknown));
  if (times !== Number.POSITIVE_INFINITY && (!isCount(times) || times === 0)) {
    throw wrong(`A stub's 'times' cannot be ${formatValue(times)}.`);
  }
  if (cors !== undefined && cors !== true)
    throw wrong(`A stub's 'cors' cannot be ${formatValue(cors)}.`, exampleFor('cors'));
  return { times, cors: cors === true };
}

function exampleFor(option: string): string {
  return nearestWord(option, ['times', 'cors']) === 'cors'
    ? 'Write stubResponse(pattern, reply, { cors: true })'
    : EXAMPLE;
}
