/** Asks the interceptor; whatever it throws is told as the failure of a function of the test. */

import { asWaylayError, type WaylayError } from '../errors.js';
import type { ResponseHead } from '../http/response-head.js';
import type { IncomingBody, Interceptor, RequestDecision } from '../interceptor.js';
import type { Exchange } from '../journal/exchange.js';
import { handlerFailure } from './relay-errors.js';

/** The client that is asked for. */
export interface Asker extends IncomingBody {
  readonly exchange: Exchange;
  decided(decision: RequestDecision | undefined): void;
  fail(error: WaylayError): void;
}

/** Returned where asking failed, which the asker has been told. */
export const UNDECIDED = Symbol('a function of the test threw');

/** Asks what becomes of the request. Where the decision is there, it is told in this turn. */
export function askOfRequest(interceptor: Interceptor, asker: Asker): void {
  let decision: ReturnType<Interceptor['onRequest']>;
  try {
    decision = interceptor.onRequest(asker.exchange, asker);
  } catch (cause) {
    tell(asker, cause);
    return;
  }
  if (decision instanceof Promise) {
    decision.then(
      (decided) => decide(asker, decided),
      (cause) => tell(asker, cause),
    );
  } else decide(asker, decision);
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
    tell(asker, cause);
    return UNDECIDED;
  }
}

/** Nothing of the decision's consequences may reach whoever read the request. */
function decide(asker: Asker, decision: RequestDecision | undefined): void {
  try {
    asker.decided(decision);
  } catch (cause) {
    asker.fail(asWaylayError(cause));
  }
}

function tell(asker: Asker, cause: unknown): void {
  asker.fail(handlerFailure(asker.exchange, cause).error);
}
