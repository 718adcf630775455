/** Asks the interceptor; whatever it throws is told as the failure of a function of the test. */

import type { ResponseHead } from '../http/response-head.js';
import type { IncomingBody, Interceptor, RequestDecision } from '../interceptor.js';
import type { Exchange } from '../journal/exchange.js';

/** The client that is asked for. */
export interface Asker extends IncomingBody {
  readonly exchange: Exchange;
  decided(decision: RequestDecision | undefined): void;
  handlerFailed(cause: unknown): void;
}

/** Returned where asking failed, which the asker has been told. */
export const UNDECIDED = Symbol('a function of the test threw');

/** Asks what becomes of the request. Where the decision is there, it is told in this turn. */
export function askOfRequest(interceptor: Interceptor, asker: Asker): void {
  let decision: ReturnType<Interceptor['onRequest']>;
  try {
    decision = interceptor.onRequest(asker.exchange, asker);
  } catch (cause) {
    asker.handlerFailed(cause);
    return;
  }
  if (decision instanceof Promise) {
    decision.then(
      (decided) => asker.decided(decided),
      (cause) => asker.handlerFailed(cause),
    );
  } else asker.decided(decision);
}

/** Asks what becomes of the response. */
export function askOfResponse(
  interceptor: Interceptor,
  asker: Asker,
  head: ResponseHead,
): ReturnType<Interceptor['onResponse']> | typeof UNDECIDED {
  try {
    return interceptor.onResponse(asker.exchange, head);
  } catch (cause) {
    asker.handlerFailed(cause);
    return UNDECIDED;
  }
}
