import { Readable } from 'node:stream';
import { Forwarding } from '../../src/exchange/forwarding.js';
import type { Incoming } from '../../src/exchange/incoming.js';
import { RequestBody } from '../../src/exchange/request-body.js';
import type { RawHeaders } from '../../src/http/headers.js';
import type { OutgoingRequest } from '../../src/http/sending.js';
import type { RequestChange } from '../../src/interceptor.js';
import { Exchange } from '../../src/journal/exchange.js';
import { Request } from '../../src/journal/message.js';
import { ClientDouble } from './client-double.js';
import type { Taker } from './said.js';
import { Surrounded } from './surrounded.js';
import { UpstreamDouble } from './upstream-double.js';

/** The setting of a request on its way to an upstream. */
export interface ForwardingSetting {
  readonly change?: RequestChange;
  /** Default: POST, whose body the test sends, or GET where there is none. */
  readonly method?: string;
  readonly headers?: RawHeaders;
  /** The request has a body; default: true. */
  readonly body?: boolean;
  /** There is a connection to the upstream; default: true. */
  readonly dialled?: boolean;
}

/** A request that went out, and what is kept of it. */
export interface Went {
  readonly method?: string;
  readonly authority?: string;
  readonly path?: string;
  readonly headers?: RawHeaders;
  readonly exclusive?: boolean;
  /** The origin whose link carried it, where it is another one. */
  readonly elsewhere?: string | undefined;
  /** The request that is recorded as the forwarded one, where it is another one. */
  readonly recorded?: string | undefined;
  readonly error?: string | undefined;
}

/** A request between a client and an upstream that do as a test says. */
export class ForwardingStage extends Surrounded {
  readonly client = new ClientDouble(this.log);
  readonly upstream: UpstreamDouble;
  readonly clientBody = new Readable({ read: () => {} });
  readonly #body: RequestBody;
  readonly #exchange: Exchange;
  readonly #forwarding: Forwarding;
  #elsewhere: string | undefined;

  constructor(setting: ForwardingSetting) {
    super();
    const { change, body = true, dialled = true, headers = [] } = setting;
    const method = setting.method ?? (body ? 'POST' : 'GET');
    this.upstream = new UpstreamDouble(this.log, dialled);
    const incoming: Incoming = {
      client: { address: '192.0.2.2', port: 40_000, tls: undefined },
      destination: { host: 'shop.test', port: 443, source: 'connect' },
      link: this.upstream.link,
      linkTo: (scheme, { host, port }) => {
        this.#elsewhere = `${scheme} ${host} ${port}`;
        return this.upstream.link;
      },
      method,
      url: 'https://shop.test/a',
      scheme: 'https',
      authority: 'shop.test',
      path: '/a',
      httpVersion: '1.1',
      headers,
      body: body ? this.clientBody : null,
      trailers: () => [],
      upgrade: undefined,
      sink: this.client,
    };
    this.#exchange = new Exchange({
      id: 1,
      request: new Request(method, incoming.url, headers, '1.1', 1024),
      client: incoming.client,
      destination: incoming.destination,
      websocket: false,
      start: 0,
    });
    this.#body = new RequestBody(incoming.body, this.#exchange.request.captured, () => {});
    this.#forwarding = new Forwarding(this.context({}), this.#exchange, incoming, this.#body, change, this.client);
    this.client.source = this.#forwarding;
    this.#forwarding.start();
  }

  get taker(): Taker {
    const { sink } = this.upstream;
    if (sink === undefined) throw new Error('the upstream has got no request');
    return sink;
  }

  room(has: boolean): void {
    this.client.room = has;
  }

  abort(): void {
    this.#forwarding.abort();
  }

  /** The client goes away, with its request; then nobody wants it any more. */
  leave(): void {
    this.#body.fail(new Error('gone'));
    this.#forwarding.abort();
    this.clientBody.destroy();
  }

  went(): Went {
    const { method, authority, path, headers, exclusive } = this.upstream.request ?? ({} as OutgoingRequest);
    const { error, intervention } = this.#exchange;
    const forwarded = intervention?.forwarded;
    return {
      method,
      authority,
      path,
      headers,
      exclusive,
      elsewhere: this.#elsewhere,
      recorded: forwarded && `${forwarded.method} ${forwarded.url} ${forwarded.captured.bytes}`.trim(),
      error: error?.code,
    };
  }

  /** Breaches of the rules that hold for every request, at any time. */
  wrongs(): string[] {
    return [...this.client.wrongs];
  }
}
