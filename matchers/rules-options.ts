import type { Journal } from '../src/journal/journal.js';
import type { MaskRule } from '../src/journal/mask/mask.js';
import type { StartTimer } from '../src/runtime/clock.js';
import type { Log } from '../src/runtime/log.js';
import type { Pattern } from './pattern/pattern.js';
import type { UnusedPolicy } from './report/verify.js';
import type { Runner } from './rule/traffic.js';

/** What the rules of one test start from. */
export interface RulesOptions {
  journal: Journal;
  /** Milliseconds that an awaited expectation waits. Default 5000. */
  timeout?: number | undefined;
  /** What becomes of a request that no stub answers. Default `'forward'`. */
  unmatched?: 'forward' | 'refuse' | undefined;
  /** Patterns that are exempt from refusal. */
  allow?: readonly Pattern[] | undefined;
  /** Relative URLs in patterns are resolved against it. */
  baseURL?: string | undefined;
  /** What is not shown in messages. Default: `DEFAULT_MASK`. */
  mask?: readonly MaskRule[] | undefined;
  /** What becomes of stubs and mutations that no request met. Default `'warn'`. */
  unusedStubs?: UnusedPolicy | undefined;
  /** What shows more than failures. Default: nothing. */
  runner?: Runner | undefined;
  /** The connections of this process are routed to the proxy. Default false. */
  processLed?: boolean | undefined;
  /** What differs is coloured in messages. Default false. */
  colors?: boolean | undefined;
  /** Takes debug output. Default: standard error, where `DEBUG=waylay:rules` asks for it. */
  log?: Log;
  /** Default: real time. */
  startTimer?: StartTimer;
}
