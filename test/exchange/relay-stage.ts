import { Readable } from 'node:stream';
import type { Incoming } from '../../src/exchange/incoming.js';
import { Relay } from '../../src/exchange/relay.js';
import type { RawHeaders } from '../../src/http/headers.js';
import { ClientDouble } from './client-double.js';
import type { Kept } from './play.js';
import type { Taker } from './said.js';
import { Surrounded, type Surroundings } from './surrounded.js';
import { UpstreamDouble } from './upstream-double.js';

/** The setting of a relay. */
export interface Setting extends Surroundings {
  readonly method?: string;
  readonly headers?: RawHeaders;
  /** The request has a body, which the test sends; default: none. */
  readonly body?: boolean;
  /** There is a connection to the upstream; default: true. */
  readonly dialled?: boolean;
}

/** A relay with a client, an upstream, an interceptor and a clock that do as a test says. */
export class RelayStage extends Surrounded {
  readonly client: ClientDouble;
  readonly upstream: UpstreamDouble;
  /** The client's bytes. */
  readonly clientBody: Readable;
  readonly relay: Relay;
  left = false;

  constructor(setting: Setting) {
    super();
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
    this.relay = new Relay(this.context(setting), incoming, () => {
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

  leave(): void {
    this.left = true;
    this.relay.abort();
    this.clientBody.destroy();
  }

  dial(error?: Error): void {
    this.upstream.dial(error);
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
      hangs: this.hung,
      mutated,
    };
  }

  /** Breaches of the rules that hold for every exchange, at any time. */
  wrongs(): string[] {
    this.hung ||= this.relay.hangs;
    const { exchange } = this.relay;
    const wrongs = [...this.client.wrongs, ...this.wronglyAsked];
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
}
