import type { Socket } from 'node:net';
import { UpgradeSink } from '../../src/downstream/http1/upgrade-sink.js';
import type { Incoming } from '../../src/exchange/incoming.js';
import { Relay } from '../../src/exchange/relay.js';
import type { RawHeaders } from '../../src/http/headers.js';
import type { ResponseHead } from '../../src/http/response-head.js';
import { PassingSink, type ResponseSink } from '../../src/http/sink.js';
import { endSocket } from '../../src/net/reset.js';
import { isJoined } from '../../src/net/splice.js';
import { SocketDouble } from './socket-double.js';
import { Surrounded, type Surroundings } from './surrounded.js';
import { UpstreamDouble } from './upstream-double.js';

/** The setting of a relay whose request asks for an upgrade. */
export interface SwitchingSetting extends Surroundings {
  /** The protocol it asks for; `none` for none. Default: a protocol that is no WebSocket's. */
  readonly upgrade?: string;
  /** Bytes that the client sent right behind its head. */
  readonly firstBytes?: string;
  /** The 101 cannot be sent. */
  readonly unsendable?: boolean;
}

/** The record of an exchange that switched protocols, or was to. */
export interface KeptOfSwitching {
  error?: string | undefined;
  source?: string;
  status?: number | undefined;
  /** The status that the upstream sent, where it was recorded as the original. */
  original?: number | undefined;
  messages?: readonly string[];
  messagesError?: string | undefined;
  ended?: boolean;
  hangs?: boolean;
  mutated?: boolean;
}

/** Bytes that may be written though there is no room: a head, and what goes with it in one turn. */
const GRACE = 500;

class UnsendableSink extends UpgradeSink {
  override switchProtocols(): void {
    throw new RangeError('a head that cannot be written');
  }
}

/** A relay between two sockets, one of a client that has asked for an upgrade and one of an upstream. */
export class SwitchingStage extends Surrounded {
  readonly client: SocketDouble;
  readonly upstream: SocketDouble;
  readonly relay: Relay;
  readonly #connection: UpstreamDouble;
  #accepted = false;

  constructor(setting: SwitchingSetting) {
    super();
    const { upgrade = 'chat', firstBytes = '', unsendable = false } = setting;
    this.client = new SocketDouble('client', this.log);
    this.upstream = new SocketDouble('upstream', this.log);
    this.#connection = new UpstreamDouble(this.log);
    this.#connection.socket = this.upstream;
    const asks = upgrade !== 'none';
    const client = socketOf(this.client);
    const incoming: Incoming = {
      client: { address: '192.0.2.2', port: 40_000, tls: undefined },
      destination: { host: 'shop.test', port: 443, source: 'connect' },
      link: this.#connection.link,
      linkTo: () => this.#connection.link,
      method: 'GET',
      url: 'https://shop.test/',
      scheme: 'https',
      authority: 'shop.test',
      path: '/',
      httpVersion: '1.1',
      headers: asks ? ['Connection', 'Upgrade', 'Upgrade', upgrade] : [],
      body: null,
      trailers: () => [],
      upgrade: asks ? upgrade : undefined,
      sink: new (unsendable ? UnsendableSink : UpgradeSink)(client, client),
      ...(asks && { takeOver: () => ({ socket: client, firstBytes: Buffer.from(firstBytes, 'latin1') }) }),
    };
    let relay: Relay | undefined;
    // A client's connection does so: the failure is its own, then its connections to upstreams end.
    this.client.prependOnceListener('close', () => {
      relay?.abort();
      if (!isJoined(socketOf(this.upstream))) this.upstream.destroy(new Error('The connection was ended here.'));
    });
    // Whoever has made a connection hears of its errors.
    this.client.on('error', (error) => this.#failed(this.client, error));
    this.upstream.on('error', (error) => this.#failed(this.upstream, error));
    relay = new Relay(this.context(setting), incoming, () => {
      this.ends.connection += 1;
    });
    this.relay = relay;
  }

  /** Where the upstream's response goes. */
  get taker(): ResponseSink {
    const { sink } = this.#connection;
    if (sink === undefined) throw new Error('the upstream has got no request');
    return Object.assign(new PassingSink(sink), {
      fail: (...failure: Parameters<ResponseSink['fail']>) => {
        this.#connection.over = true;
        sink.fail(...failure);
      },
    });
  }

  /** The upstream has got the request, and can answer it. */
  get forwarded(): boolean {
    return this.#connection.sink !== undefined;
  }

  /** Nobody wants the upstream's response. */
  get aborted(): boolean {
    return this.#connection.aborted;
  }

  /** The upstream accepts, with what it sends in the same packet. */
  accept(headers: RawHeaders, firstBytes: string): void {
    this.#accepted = true;
    const head: ResponseHead = { status: 101, statusText: 'Switching Protocols', headers };
    this.taker.switchProtocols(head, socketOf(this.upstream), Buffer.from(firstBytes, 'latin1'));
  }

  /** The proxy stops. */
  stop(): void {
    this.stopping = true;
    void endSocket(socketOf(this.client)).then(() => {
      for (const end of this.onStop) end();
    });
  }

  look(): void {
    this.client.look();
    this.upstream.look();
  }

  kept(): KeptOfSwitching {
    const { error, source, response, ended, mutated, messages, messagesError, intervention } = this.relay.exchange;
    return {
      error: error?.code,
      source,
      status: response?.status,
      original: intervention?.original?.status,
      messages: messages.map(({ from, type, data }) => `${from} ${type} ${data}`),
      messagesError: messagesError?.code,
      ended,
      hangs: this.hung,
      mutated,
    };
  }

  /** Breaches of the rules that hold for every exchange, at any time. */
  wrongs(): string[] {
    const { exchange, hangs } = this.relay;
    this.hung ||= hangs;
    const { client, upstream } = this;
    const wrongs = [...client.wrongs, ...upstream.wrongs, ...this.wronglyAsked];
    const ends = exchange.ended ? 1 : 0;
    if (this.ends.connection !== ends) wrongs.push(`ended ${this.ends.connection} times for its connection`);
    if (this.ends.journal !== ends) wrongs.push(`ended ${this.ends.journal} times in the journal`);
    for (const { name, writableLength } of exchange.response?.status === 101 ? [client, upstream] : []) {
      if (writableLength > GRACE) wrongs.push(`${writableLength} bytes wait for the ${name}`);
    }
    if (!exchange.ended) return wrongs;
    if (this.clock.running > 0) wrongs.push(`${this.clock.running} timers run after its end`);
    if (this.onStop.size > 0) wrongs.push('a stop would still end it');
    if (this.#accepted && !upstream.destroyed) wrongs.push('the upstream is open after the end');
    return wrongs;
  }

  #failed(socket: SocketDouble, error: NodeJS.ErrnoException): void {
    if (error.code?.startsWith('ERR_')) socket.wrongs.push(`${socket.name}: ${error.code}`);
  }
}

// Stands for a socket, as far as it is asked for.
function socketOf(double: SocketDouble): Socket {
  return double as unknown as Socket;
}
