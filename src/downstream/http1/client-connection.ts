import type { Incoming } from '../../exchange/incoming.js';
import { Relay } from '../../exchange/relay.js';
import { Links } from '../../upstream/links.js';
import type { ProxyContext } from '../context.js';
import type { Layer } from '../layer.js';
import type { RetirableConnection } from '../retirement.js';
import { isBroken } from './break.js';

/**
 * A client's HTTP/1 connection: its links, and its exchanges one after the other, as pipelining
 * asks for (RFC 9112, section 9.3.2).
 */
export class ClientConnection implements RetirableConnection {
  readonly layer: Layer;
  readonly links: Links;
  readonly #context: ProxyContext;
  readonly #waiting: Incoming[] = [];
  #active: Relay | undefined;
  #busy = false;

  constructor(context: ProxyContext, layer: Layer) {
    this.#context = context;
    this.layer = layer;
    this.links = new Links(context);
    // Before the link, which ends the upstream connection on the same event: the failure is the client's.
    for (const socket of new Set([layer.raw, layer.socket])) {
      socket.prependOnceListener('close', () => this.#clientGone());
    }
    // The client's connection ends when the upstream ends an idle one: it sees what it would have seen.
    const endIdle = (): void => {
      if (!this.#busy && !isBroken(layer.socket)) layer.socket.destroySoon();
    };
    if (layer.link !== undefined) layer.link.onIdle = endIdle;
    context.retirement.addClient(layer.raw, this);
  }

  #clientGone(): void {
    this.#waiting.length = 0;
    this.#active?.abort();
    this.links.close();
  }

  relay(incoming: Incoming): void {
    if (this.#busy) this.#waiting.push(incoming);
    else this.#start(incoming);
  }

  /** Its exchanges go on; the connection ends after them. */
  retire(): boolean {
    if (!this.#busy) this.layer.socket.destroySoon();
    else if (this.#active?.hangs) this.layer.raw.destroy();
    else return false;
    return true;
  }

  #start(incoming: Incoming): void {
    this.#busy = true;
    // An exchange may be over before its constructor returns.
    let over = false;
    const relay = new Relay(this.#context, incoming, () => {
      over = true;
      this.#next();
    });
    if (over) return;
    this.#active = relay;
    // Aborts a request that was read before the connection ended, and may be told of after its end.
    if (this.layer.raw.destroyed) relay.abort();
  }

  #next(): void {
    this.#active = undefined;
    this.#busy = false;
    // A connection that was broken off has no place for further answers.
    const { raw, socket } = this.layer;
    if (raw.destroyed || !socket.writable || isBroken(socket)) this.#waiting.length = 0;
    const next = this.#waiting.shift();
    if (next !== undefined) this.#start(next);
    else if (this.#context.retirement.begun) this.layer.socket.destroySoon();
  }
}
