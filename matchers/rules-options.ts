import type { Journal } from '../src/journal/journal.js';
import type { MaskRule } from '../src/journal/mask/mask.js';
import type { StartTimer } from '../src/runtime/clock.js';
import type { Log } from '../src/runtime/log.js';
import type { Pattern } from './pattern/pattern.js';
import type { UnusedPolicy } from './report/verify.js';
import type { Runner } from './rule/traffic.js';

/** The options that the rules of one test start from. */
export interface RulesOptions {
  journal: Journal;
  /** Milliseconds that an awaited expectation waits. Default 5000. */
  timeout?: number | undefined;
  /** The treatment of a request that no stub answers. Default `'forward'`. */
  unmatched?: 'forward' | 'refuse' | undefined;
  /** Patterns that are exempt from refusal. */
  allow?: readonly Pattern[] | undefined;
  /** Relative URLs in patterns are resolved against it. */
  baseURL?: string | undefined;
  /** The values that are not shown in messages. Default: `DEFAULT_MASK`. */
  mask?: readonly MaskRule[] | undefined;
  /** The treatment of stubs and mutations that no request met. Default `'warn'`. */
  unusedStubs?: UnusedPolicy | undefined;
  /** The runner that shows more than failures. Default: none. */
  runner?: Runner | undefined;
  /** The connections of this process are routed to the proxy. Default false. */
  processRouted?: boolean | undefined;
  /** Colours differences in messages. Default false. */
  colors?: boolean | undefined;
  /** Takes debug output. Default: standard error, where `DEBUG=waylay:rules` asks for it. */
  log?: Log;
  /** Default: real time. */
  startTimer?: StartTimer;
}
