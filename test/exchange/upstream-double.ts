import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { OutgoingRequest, Sending } from '../../src/http/sending.js';
import type { ResponseSink } from '../../src/http/sink.js';
import { resetAfterReading } from '../../src/net/reset.js';
import type { UpstreamConnection } from '../../src/upstream/connection.js';
import type { Link } from '../../src/upstream/link.js';
import type { Transport } from '../../src/upstream/transport.js';
import type { SocketDouble } from './socket-double.js';

/** An upstream without a connection: writes down what is asked of it, and hands over what a test has it send. */
export class UpstreamDouble implements UpstreamConnection {
  readonly used = true;
  onClose: (() => void) | undefined;
  /** The socket beneath, where it is going to switch protocols. */
  socket: SocketDouble | undefined;
  /** Where its response goes, once it has got a request. */
  sink: ResponseSink | undefined;
  /** Its request. */
  request: OutgoingRequest | undefined;
  /** It was asked to hold on, and not yet for more. */
  held = false;
  aborted = false;
  /** Its response has come to its end. */
  over = false;
  claimed = false;
  /** The bytes of the request's body that it got. */
  readonly body: Buffer[] = [];
  /** Only `info` of it is asked for. */
  readonly transport = { info: { address: '192.0.2.1', port: 443 } } as unknown as Transport;
  #body: Readable | undefined;
  readonly #log: string[];
  readonly #atOnce: boolean;
  #waiting: { resolve(connection: UpstreamConnection): void; reject(error: Error): void } | undefined;

  /** @param atOnce no dialling is waited for */
  constructor(log: string[], atOnce = true) {
    this.#log = log;
    this.#atOnce = atOnce;
  }

  /** Stands for a link, as far as it is asked for. */
  get link(): Link {
    const link: Pick<Link, 'claim' | 'acquire'> = {
      claim: () => (this.#atOnce && this.claim() ? this : undefined),
      acquire: () =>
        new Promise((resolve, reject) => {
          this.#waiting = { resolve, reject };
        }),
    };
    return link as Link;
  }

  /** There may be more of the request's body. */
  get reads(): boolean {
    return this.#body !== undefined && !this.#body.readableEnded && !this.#body.destroyed;
  }

  /** It is being waited for. */
  get awaited(): boolean {
    return this.#waiting !== undefined;
  }

  /** The connection stands, or cannot be made. */
  dial(error?: Error): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (error !== undefined) waiting?.reject(error);
    else if (waiting !== undefined && this.claim()) waiting.resolve(this);
  }

  claim(): boolean {
    return (this.claimed = true);
  }

  release(): void {
    this.claimed = false;
    this.#log.push('released');
  }

  send(request: OutgoingRequest, sink: ResponseSink): Sending {
    this.#log.push(`request ${request.method} ${request.path}`);
    this.request = request;
    const { body } = request;
    if (Buffer.isBuffer(body)) this.#take(body);
    else if (body !== null) this.#read(body);
    // A response never comes in the turn of its request.
    this.sink = sink;
    return {
      resume: () => {
        if (!this.held || this.over) return;
        this.held = false;
        this.#log.push('more');
      },
      abort: () => {
        if (this.aborted || this.over) return;
        this.aborted = true;
        this.#log.push('abort');
        if (body !== null && !Buffer.isBuffer(body)) body.destroy();
        this.socket?.destroy();
      },
      breakOff: (kind, done) => {
        this.#log.push(`request broken: ${kind}`);
        if (kind === 'reset') this.over = true;
        if (this.socket === undefined) done();
        else breakSocket(kind, this.socket as unknown as Socket, done);
      },
    };
  }

  destroy(): void {}

  #take(chunk: Buffer): void {
    this.body.push(chunk);
    if (chunk.length > 0) this.#log.push(`request data ${chunk}`);
  }

  #read(body: Readable): void {
    this.#body = body;
    body.on('data', (chunk: Buffer) => this.#take(chunk));
    body.on('end', () => this.#log.push('request end'));
    body.on('error', () => {});
  }
}

// Breaks it like node:http, of which nothing else is left once protocols were switched.
function breakSocket(kind: 'truncate' | 'reset', socket: Socket, done: () => void): void {
  if (kind === 'reset') {
    resetAfterReading({ socket, raw: socket }, done);
    return;
  }
  socket.end();
  done();
}
