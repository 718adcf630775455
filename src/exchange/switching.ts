import { asWaylayError } from '../errors.js';
import { headerValue, type RawHeaders, withoutHeaders } from '../http/headers.js';
import type { ResponseHead } from '../http/response-head.js';
import type { ResponseSink } from '../http/sink.js';
import type { ResponseChange, Shape } from '../interceptor.js';
import type { Exchange } from '../journal/exchange.js';
import type { ExchangeContext } from './context.js';
import { recordOriginal } from './record.js';
import { handlerFailure } from './relay-errors.js';
import type { ClientStream } from './response-source.js';
import { faultBeforeHead, shapesBody } from './shape.js';
import { joinShaped } from './shaped-switch.js';
import { joinSwitched, observed, recordEnd, type SwitchedSides } from './switched.js';

/** The exchange that switches protocols. */
export interface SwitchingTarget extends Pick<ResponseSink, 'fail'> {
  /** The head goes out, with what the upstream sent behind it; false where it cannot be sent. */
  switched(...head: Parameters<ResponseSink['switchProtocols']>): boolean;
  /** The client gets an ordinary response instead, made of this head by the change. */
  refused(head: ResponseHead, change: ResponseChange): void;
  /** Both sides are closed. */
  ended(): void;
}

/**
 * An upgrade that the upstream has accepted (RFC 9110, section 15.2.2), and what rules make of it: of its head, and of what
 * both sides send from then on.
 */
export class Switching {
  readonly #context: ExchangeContext;
  readonly #exchange: Exchange;
  readonly #sides: SwitchedSides;
  readonly #clientStream: ClientStream | undefined;
  readonly #target: SwitchingTarget;
  #clearTimer = () => {};
  #joined: { readonly hangs: boolean; abort(): void } | undefined;
  #over = false;

  constructor(
    context: ExchangeContext,
    exchange: Exchange,
    sides: SwitchedSides,
    clientStream: ClientStream | undefined,
    target: SwitchingTarget,
  ) {
    this.#context = context;
    this.#exchange = exchange;
    this.#sides = sides;
    this.#clientStream = clientStream;
    this.#target = target;
  }

  start(change: ResponseChange | undefined | Promise<ResponseChange | undefined>): void {
    if (!(change instanceof Promise)) {
      this.#decided(change);
      return;
    }
    change
      .then(
        (decided) => this.#decided(decided),
        (cause) => this.#over || this.#target.fail(handlerFailure(this.#exchange, cause).error),
      )
      .catch((cause) => this.#over || this.#target.fail(asWaylayError(cause)));
  }

  /** A rule has one of its sides hang. */
  get hangs(): boolean {
    return this.#joined?.hangs ?? false;
  }

  /** The exchange is over. */
  abort(): void {
    this.#over = true;
    this.#clearTimer();
    this.#joined?.abort();
  }

  #decided(change: ResponseChange | undefined): void {
    if (this.#over) return;
    const { head } = this.#sides;
    if (change?.status !== undefined && change.status !== head.status) {
      this.#target.refused(head, { ...change, headers: withoutAcceptance(change.headers ?? head.headers) });
      return;
    }
    if (change === undefined) {
      this.#join(head, NO_SHAPE);
      return;
    }
    recordOriginal(this.#context, this.#exchange, head, true);
    const { statusText = head.statusText, headers = head.headers, shape = NO_SHAPE } = change;
    const go = (): void => {
      const fault = faultBeforeHead(shape);
      if (fault !== undefined) this.#target.fail(fault.error, fault.kind);
      else this.#join({ status: head.status, statusText, headers }, shape);
    };
    if (shape.delay) this.#clearTimer = this.#context.clock.startTimer(shape.delay, go);
    else go();
  }

  #join(head: ResponseHead, shape: Shape): void {
    const { client, upstream } = this.#sides;
    const ownStream = this.#clientStream;
    const target = this.#target;
    if (ownStream === undefined && !shapesBody(shape)) {
      if (target.switched(head, upstream.socket, upstream.firstBytes)) {
        joinSwitched(this.#context, this.#exchange, this.#sides, () => target.ended());
      }
      return;
    }
    if (!target.switched(head, upstream.socket, NOTHING)) return;
    const see = observed(this.#context, this.#exchange, this.#sides.head);
    const joined = joinShaped(
      {
        ...client,
        shape: ownStream?.shape ?? NO_SHAPE,
        // Captured as the client sent it: what becomes of it is the fault's to say.
        see: see?.client,
        fail: (error, ending) => ownStream?.fail(error, ending),
      },
      { ...upstream, shape, see: see?.server, fail: (error, ending) => target.fail(error, ending) },
      this.#context.clock,
      (ending) => {
        recordEnd(this.#context, this.#exchange, ending, see);
        target.ended();
      },
    );
    this.#context.onStop.add(joined.endNow);
    this.#joined = {
      get hangs() {
        return joined.hangs;
      },
      abort: () => {
        this.#context.onStop.delete(joined.endNow);
        joined.abort();
        see?.end();
      },
    };
  }
}

const NO_SHAPE: Shape = {};
const NOTHING = Buffer.alloc(0);

const OF_THE_ACCEPTANCE = new Set(['sec-websocket-accept', 'sec-websocket-extensions', 'sec-websocket-protocol']);

/** The fields for a refusal in the place of a 101. */
function withoutAcceptance(raw: RawHeaders): RawHeaders {
  const fields = withoutHeaders(raw, OF_THE_ACCEPTANCE);
  return headerValue(fields, 'content-length') === undefined ? [...fields, 'Content-Length', '0'] : fields;
}
