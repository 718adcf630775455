import type { Interceptor } from '../interceptor.js';
import type { Journal } from '../journal/journal.js';
import type { Clock } from '../runtime/clock.js';
import type { Log } from '../runtime/log.js';

/** The facts about its proxy that an exchange needs. */
export interface ExchangeContext {
  readonly options: {
    /** Bytes of a body that are kept whole. */
    readonly captureLimit: number;
    /** The result of a failing upstream that a client sees. */
    readonly upstreamErrors: 'mirror' | 'respond';
  };
  readonly interceptor: Interceptor;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  /** The client, as far as it is known, by the port that its connection comes from. */
  readonly clientAt: (port: number) => { readonly name?: string } | undefined;
  /** Knows whether the proxy takes nothing new. */
  readonly retirement: { readonly begun: boolean };
  /** The proxy is being stopped. */
  readonly stopping: boolean;
  /** Ends, at a stop, what does not end in the same turn as its client's connection; forgotten when that has ended. */
  readonly onStop: Set<() => void>;
}

/** The facts that a stage of a change needs. */
export type StageContext = Pick<ExchangeContext, 'options' | 'clock'>;
