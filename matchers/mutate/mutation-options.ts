import { TestError } from '../../src/errors.js';
import { isCount } from '../rule/times.js';
import { formatValue, isPlainObject } from '../values/format.js';
import { nearestWord } from '../values/text-distance.js';

/** Limits of how often a mutation applies. */
export interface MutationOptions {
  /** The number of exchanges in which it takes part; what comes after these it leaves alone. Default: all. */
  times?: number | undefined;
  /** The probability, from 0 to 1, that it applies to an exchange that it matches. Default 1. */
  probability?: number | undefined;
  /**
   * The seed that `probability` and `jitter` are drawn with, a whole number: the n-th match always gets the same of both.
   * Default 1, so that a test repeats; two mutations with one seed draw alike.
   */
  seed?: number | undefined;
}

/** The options with their defaults. */
export type ReadyOptions = Readonly<Record<keyof MutationOptions, number>>;

const DEFAULTS: ReadyOptions = { times: Number.POSITIVE_INFINITY, probability: 1, seed: 1 };
const NAMES = Object.keys(DEFAULTS) as (keyof ReadyOptions)[];
const EXAMPLE = 'Write mutate(pattern, change, { times: 1, probability: 0.5, seed: 7 })';

const CHECKS: Readonly<Record<keyof ReadyOptions, { valid: (value: unknown) => boolean; is: string }>> = {
  times: {
    valid: (value) => value === Number.POSITIVE_INFINITY || (isCount(value) && value !== 0),
    is: 'a whole number from 1 on',
  },
  probability: {
    valid: (value) => typeof value === 'number' && value >= 0 && value <= 1,
    is: 'a number from 0 to 1',
  },
  seed: { valid: Number.isSafeInteger, is: 'a whole number' },
};

/** @throws {TestError} `WAYLAY_INVALID_OPTION` */
export function readMutationOptions(options: unknown): ReadyOptions {
  if (options === undefined) return DEFAULTS;
  if (!isPlainObject(options)) {
    throw new TestError('WAYLAY_INVALID_OPTION', `A mutation's options cannot be ${formatValue(options)}. ${EXAMPLE}.`);
  }
  const ready: Record<keyof ReadyOptions, number> = { ...DEFAULTS };
  for (const [name, value] of Object.entries(options)) {
    const known = NAMES.find((one) => one === name);
    if (known === undefined) {
      const nearest = nearestWord(name, NAMES);
      const hint = nearest === undefined ? `its options are ${NAMES.join(', ')}` : `the nearest is '${nearest}'`;
      throw new TestError('WAYLAY_INVALID_OPTION', `A mutation has no option '${name}'; ${hint}. ${EXAMPLE}.`);
    }
    if (value === undefined) continue;
    const { valid, is } = CHECKS[known];
    if (!valid(value)) {
      throw new TestError(
        'WAYLAY_INVALID_OPTION',
        `A mutation's '${known}' cannot be ${formatValue(value)}: it is ${is}. ${EXAMPLE}.`,
      );
    }
    ready[known] = value as number;
  }
  return ready;
}
