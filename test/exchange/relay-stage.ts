import { Readable } from 'node:stream';
import type { ExchangeContext } from '../../src/exchange/context.js';
import type { Incoming } from '../../src/exchange/incoming.js';
import { Relay } from '../../src/exchange/relay.js';
import type { RawHeaders } from '../../src/http/headers.js';
import type { RequestDecision, ResponseChange } from '../../src/interceptor.js';
import { Journal } from '../../src/journal/journal.js';
import { ManualClock } from '../manual-clock.js';
import { ClientDouble } from './client-double.js';
import type { Kept } from './play.js';
import type { Taker } from './said.js';
import { UpstreamDouble } from './upstream-double.js';

/** What is to come later, when the test says. */
export const LATER = Symbol('later');

/** What surrounds a relay. */
export interface Setting {
  readonly method?: string;
  readonly headers?: RawHeaders;
  /** The request has a body, which the test sends; default: none. */
  readonly body?: boolean;
  /** Default: it is forwarded as it is; an error is thrown. */
  readonly decision?: RequestDecision | Error | typeof LATER;
  /** Default: it stays as it is; an error is thrown. */
  readonly change?: ResponseChange | Error | typeof LATER;
  /** The interceptor waits for the request's body before it decides. */
  readonly needsBody?: boolean;
  /** There is a connection to the upstream; default: true. */
  readonly dialled?: boolean;
  readonly upstreamErrors?: 'mirror' | 'respond';
  readonly captureLimit?: number;
}

/** A relay with a client, an upstream, an interceptor and a clock that do as a test says. */
export class RelayStage {
  readonly log: string[] = [];
  readonly clock = new ManualClock();
  readonly client: ClientDouble;
  readonly upstream: UpstreamDouble;
  /** What the client sends. */
  readonly clientBody: Readable;
  readonly relay: Relay;
  /** How often the exchange has ended: as the connection is told, and as the journal is. */
  ends = { connection: 0, journal: 0 };
  left = false;
  /** The interceptor waits for the request's body. */
  awaitsBody = false;
  readonly #retirement = { begun: false };
  #request: ((decision: RequestDecision | Error | undefined) => void) | undefined;
  #response: ((change: ResponseChange | Error | undefined) => void) | undefined;

  constructor(setting: Setting) {
    const { method = 'GET', headers = [], body = false, dialled = true } = setting;
    this.client = new ClientDouble(this.log);
    this.upstream = new UpstreamDouble(this.log, dialled);
    this.clientBody = new Readable({ read: () => {} });
    const incoming: Incoming = {
      client: { address: '192.0.2.2', port: 40_000, tls: undefined },
      destination: { host: 'shop.test', port: 443, source: 'connect' },
      link: this.upstream.link,
      linkTo: () => this.upstream.link,
      method,
      url: 'https://shop.test/',
      scheme: 'https',
      authority: 'shop.test',
      path: '/',
      httpVersion: '1.1',
      headers,
      body: body ? this.clientBody : null,
      trailers: () => [],
      upgrade: undefined,
      sink: this.client,
    };
    this.relay = new Relay(this.#context(setting), incoming, () => {
      this.ends.connection += 1;
    });
  }

  /** Where the upstream's response goes. */
  get taker(): Taker {
    const { sink } = this.upstream;
    if (sink === undefined) throw new Error('the upstream has got no request');
    return {
      informational: (head) => sink.informational(head),
      head: (...head) => sink.head(...head),
      data: (chunk) => {
        const room = sink.data(chunk);
        this.upstream.held = !room && !this.upstream.aborted;
        return room;
      },
      end: (trailers) => {
        this.upstream.over = true;
        sink.end(trailers);
      },
      fail: (error) => {
        this.upstream.over = true;
        sink.fail(error);
      },
    };
  }

  /** The decision on the request is waited for. */
  get askedOfRequest(): boolean {
    return this.#request !== undefined;
  }

  get askedOfResponse(): boolean {
    return this.#response !== undefined;
  }

  decideRequest(decision: RequestDecision | Error | undefined): void {
    this.#request?.(decision);
    this.#request = undefined;
  }

  decideResponse(change: ResponseChange | Error | undefined): void {
    this.#response?.(change);
    this.#response = undefined;
  }

  leave(): void {
    this.left = true;
    this.relay.abort();
    this.clientBody.destroy();
  }

  dial(error?: Error): void {
    this.upstream.dial(error);
  }

  retire(): void {
    this.#retirement.begun = true;
  }

  advance(milliseconds: number): void {
    this.clock.advance(milliseconds);
  }

  room(has: boolean): void {
    this.client.room = has;
  }

  kept(): Kept {
    const { error, source, response, request, ended, mutated } = this.relay.exchange;
    return {
      error: error?.code,
      source,
      status: response?.status,
      body: response?.captured.bytes.toString(),
      requestBody: request.captured.bytes.toString(),
      ended,
      hangs: this.relay.hangs,
      mutated,
    };
  }

  /** What is against the rules that hold for every exchange, at any time. */
  wrongs(): string[] {
    const { exchange } = this.relay;
    const wrongs = [...this.client.wrongs];
    const ends = exchange.ended ? 1 : 0;
    if (this.ends.connection !== ends) wrongs.push(`ended ${this.ends.connection} times for its connection`);
    if (this.ends.journal !== ends) wrongs.push(`ended ${this.ends.journal} times in the journal`);
    const { response } = exchange;
    const record = response?.captured;
    if (record !== undefined && !record.truncated && !record.bytes.equals(Buffer.concat(this.client.body))) {
      wrongs.push(`recorded ${record.bytes}, sent ${Buffer.concat(this.client.body)}`);
    }
    if (response?.status !== this.client.status) {
      wrongs.push(`recorded status ${response?.status}, sent ${this.client.status}`);
    }
    if (!exchange.ended) return wrongs;
    if (exchange.error === undefined && (this.client.ending !== 'end' || !record?.complete)) {
      wrongs.push('ended without an error and without the end of its response');
    }
    const { upstream } = this;
    if (this.awaitsBody) wrongs.push('a body is waited for after its end');
    // One that the client still sends goes on to an upstream that has answered it.
    if (upstream.reads && exchange.request.captured.complete)
      wrongs.push('the body of the request is open after its end');
    if (this.clock.running > 0) wrongs.push(`${this.clock.running} timers run after its end`);
    if (upstream.claimed && upstream.sink === undefined) wrongs.push('a connection is claimed after its end');
    if (upstream.sink !== undefined && !upstream.over && !upstream.aborted) wrongs.push('its upstream still sends');
    return wrongs;
  }

  #context({ decision, change, needsBody, upstreamErrors = 'respond', captureLimit = 1024 }: Setting): ExchangeContext {
    const journal = new Journal({ exchanges: 10, bytes: 1024 * 1024 });
    journal.subscribe((_, phase) => {
      if (phase === 'end') this.ends.journal += 1;
    });
    return {
      options: { captureLimit, upstreamErrors },
      interceptor: {
        mayAnswer: () => true,
        onHandshake: () => undefined,
        onTunnel: () => undefined,
        onRequest: (_, incoming) => {
          const decided = (): RequestDecision | undefined | Promise<RequestDecision | undefined> =>
            decision === LATER ? this.#later((tell) => (this.#request = tell)) : given(decision);
          if (!needsBody) return decided();
          this.awaitsBody = true;
          return incoming.body().then(() => {
            this.awaitsBody = false;
            return decided();
          });
        },
        onResponse: (exchange) => {
          if (exchange.ended) this.client.wrongs.push('a response is asked about after the end');
          return change === LATER ? this.#later((tell) => (this.#response = tell)) : given(change);
        },
      },
      journal,
      clock: this.clock,
      log: () => {},
      clientAt: () => undefined,
      retirement: this.#retirement,
      stopping: false,
      onStop: new Set(),
    };
  }

  #later<Value>(asked: (tell: (value: Value | Error | undefined) => void) => void): Promise<Value | undefined> {
    return new Promise((resolve, reject) => {
      asked((value) => (value instanceof Error ? reject(value) : resolve(value)));
    });
  }
}

function given<Value>(value: Value | Error): Value {
  if (value instanceof Error) throw value;
  return value;
}
