import type { Socket } from 'node:net';
import { InternalError, UpstreamError, type WaylayError } from '../errors.js';
import { type Authority, formatAuthority } from '../net/authority.js';
import { certificateError } from './certificate-error.js';
import type { UpstreamConnection } from './connection.js';
import type { UpstreamContext } from './context.js';
import { type Dialled, dial } from './dial/dial.js';
import { OpenSockets } from './dial/open-sockets.js';
import { Http1Connection } from './http1.js';
import { Http2Connection } from './http2.js';
import { plainTransport, secureTransport, type TlsTarget, type Transport } from './transport.js';

/** The protocol spoken to an upstream, beneath HTTP. */
export type LinkKind =
  | {
      readonly secure: false;
      readonly http2: boolean;
      /** A proxy on the way is asked for a tunnel, as the client asked for one; default true. */
      readonly tunnelled?: boolean;
    }
  | ({ readonly secure: true } & TlsTarget);

/**
 * The upstream side of one client connection. It owns its connections: none is ever shared with
 * another client, so no state crosses between clients.
 *
 * What CONNECT dialled and what interception secured is kept here until a request needs it; when
 * that has been used up, or has gone away, the next request dials anew in the same way.
 */
export class Link {
  readonly authority: Authority;
  readonly #context: UpstreamContext;
  readonly #sockets = new OpenSockets();
  readonly #connections = new Set<UpstreamConnection>();
  #kind: LinkKind = { secure: false, http2: false };
  #dialled: Dialled | undefined;
  #ahead: Promise<Dialled> | undefined;
  #transport: Transport | undefined;
  #opening: Promise<UpstreamConnection> | undefined;
  #failure: WaylayError | undefined;
  #acceptsDefect: boolean;
  /** Called when the upstream has closed its last connection to this link by itself. */
  onIdle: (() => void) | undefined;

  constructor(context: UpstreamContext, authority: Authority) {
    this.#context = context;
    this.authority = authority;
    this.#acceptsDefect = context.options.ignoreHTTPSErrors;
  }

  /** The TCP connection that {@link connect} opened and nobody has used yet. */
  get dialled(): Dialled | undefined {
    return this.#dialled;
  }

  /** Dials, so that a CONNECT can be answered truthfully. Throws as {@link dial} does. */
  async connect(): Promise<void> {
    this.#dialled = await this.#dial();
  }

  /** Dials in the background; a failure is told when the connection is needed. */
  connectAhead(): Promise<Dialled> {
    this.#ahead = this.#dial();
    // A consumer that needs it, or looks at it, hears of its failure.
    this.#ahead.catch(() => {});
    return this.#ahead;
  }

  /** The connection that is being made, or was, and that nobody has used yet. */
  get unused(): Promise<Dialled> | undefined {
    return this.#dialled === undefined ? this.#ahead : Promise.resolve(this.#dialled);
  }

  /** Makes every request fail with this error from now on. */
  failWith(error: WaylayError): void {
    this.#failure = error;
  }

  /** Every request is going to fail. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Says how the upstream is spoken to; nothing is dialled. */
  use(kind: LinkKind): void {
    this.#kind = kind;
  }

  /**
   * Finishes the TLS handshake with the upstream and keeps the connection for the first request.
   * The certificate may have a defect; see {@link acceptDefect}.
   * @throws {UpstreamError} as {@link dial} and {@link secureTransport}
   */
  async secure(target: TlsTarget): Promise<Transport> {
    this.#kind = { secure: true, ...target };
    this.#transport = await this.#openTransport();
    return this.#transport;
  }

  /** Goes on despite the certificate's defect, which whoever sends a request has been shown. */
  acceptDefect(): void {
    this.#acceptsDefect = true;
  }

  /** An idle connection, claimed for one request. */
  claim(exclusive: boolean): UpstreamConnection | undefined {
    if (this.#failure !== undefined) return undefined;
    for (const connection of this.#connections) if (connection.claim(exclusive)) return connection;
    return undefined;
  }

  /** A connection claimed for one request: the kept one, an idle one, or a new one. */
  async acquire(exclusive: boolean): Promise<UpstreamConnection> {
    if (this.#failure !== undefined) throw this.#failure;
    for (;;) {
      const idle = this.claim(exclusive);
      if (idle !== undefined) return idle;
      if (this.#opening === undefined) break;
      // Streams of one HTTP/2 session that start together share the connection being opened.
      await this.#opening;
    }
    this.#opening = this.#open();
    try {
      const opened = await this.#opening;
      if (opened.claim(exclusive)) return opened;
    } finally {
      this.#opening = undefined;
    }
    throw new UpstreamError(
      'WAYLAY_UPSTREAM_RESET',
      `${formatAuthority(this.authority)} closed the connection at once.`,
      {
        authority: formatAuthority(this.authority),
      },
    );
  }

  /** The bare connection, for a tunnel: the kept one, or a new one. */
  async acquireSocket(): Promise<Socket> {
    if (this.#failure !== undefined) throw this.#failure;
    return (await this.#takeTransport()).socket;
  }

  /** Ends everything at once. */
  close(): void {
    this.onIdle = undefined;
    // Before their sockets: a connection that is not told why it ends makes an error of its own.
    for (const connection of this.#connections) connection.destroy();
    this.#transport?.socket.destroy();
    this.#sockets.close();
  }

  async #open(): Promise<UpstreamConnection> {
    const transport = await this.#takeTransport();
    const http2 = this.#kind.secure ? transport.info.tls?.alpn === 'h2' : this.#kind.http2;
    const connection = http2
      ? new Http2Connection(transport, this.authority)
      : new Http1Connection(transport, this.authority);
    this.#connections.add(connection);
    const closed = (): void => {
      this.#connections.delete(connection);
      if (this.#connections.size === 0 && this.#transport === undefined) this.onIdle?.();
    };
    connection.onClose = closed;
    if (this.#sockets.closed) connection.destroy();
    return connection;
  }

  async #takeTransport(): Promise<Transport> {
    const kept = this.#transport;
    this.#transport = undefined;
    if (kept !== undefined && isOpen(kept)) return kept;
    const transport = await this.#openTransport();
    const defect = transport.certificate?.defect;
    if (defect !== undefined && !this.#acceptsDefect) {
      transport.socket.destroy();
      throw certificateError(this.authority, transport.certificate);
    }
    return transport;
  }

  async #openTransport(): Promise<Transport> {
    const dialled = this.#takeDialled() ?? (await this.#takeAhead()) ?? (await this.#dial());
    return this.#kind.secure
      ? secureTransport(this.#context, this.authority, dialled, this.#kind)
      : plainTransport(dialled);
  }

  #takeDialled(): Dialled | undefined {
    const kept = this.#dialled;
    this.#dialled = undefined;
    return kept !== undefined && isOpen(kept) ? kept : undefined;
  }

  async #takeAhead(): Promise<Dialled | undefined> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const dialled = await ahead;
    return dialled !== undefined && isOpen(dialled) ? dialled : undefined;
  }

  async #dial(): Promise<Dialled> {
    if (this.#sockets.closed) throw new InternalError('WAYLAY_STOPPED', 'The connection was closed.');
    const tunnelled = this.#kind.secure || (this.#kind.tunnelled ?? true);
    return dial(this.#context, this.authority, this.#sockets, tunnelled);
  }
}

function isOpen({ socket }: Dialled | Transport): boolean {
  return !socket.destroyed && !socket.readableEnded;
}
