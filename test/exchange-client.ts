/** A client that sends one request through a proxy, over the version of HTTP it is told, and returns all that came back. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { constants, connect as http2Connect } from 'node:http2';
import { isIP } from 'node:net';
import { onTestFinished } from 'vitest';
import { tlsThrough } from './client.js';

/** The versions that tables run over. */
export const VERSIONS = ['http/1.1', 'h2'] as const;
export type Version = (typeof VERSIONS)[number];

export interface SentRequest {
  /** https only. */
  url: string;
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer | undefined;
}

/** The response; `error` and whatever came before it where the response was not complete. */
export interface Received {
  status: number | undefined;
  /** Lower-case names; HTTP/2's pseudo-header fields left out. */
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
  /** The body in the pieces in which it came. */
  pieces: Buffer[];
  trailers: Record<string, string | string[] | undefined>;
  informational: { status: number; headers: Record<string, string | string[] | undefined> }[];
  /** `ECONNRESET`, `HPE_INVALID_CHUNK_SIZE`, `INTERNAL_ERROR` (HTTP/2), … */
  error: string | undefined;
}

/** A request that is on its way. */
export interface Asking {
  /** Resolves when the response has ended, however; never rejects. */
  readonly received: Promise<Received>;
  /** Resolves when its head has come; never where none comes. */
  readonly head: Promise<Received>;
  /** Resolves when so many bytes of the body have come. */
  bytes(count: number): Promise<Received>;
  /** Goes away. */
  leave(): void;
}

/** A proxy, as the client needs to know it. */
export interface ProxyAddress {
  readonly port: number;
  readonly ca: { readonly pem: string };
}

/** Sends the request and resolves to the whole of what came back. */
export async function exchangeThrough(proxy: ProxyAddress, version: Version, sent: SentRequest): Promise<Received> {
  return (await ask(proxy, version, sent)).received;
}

/** Sends the request, over a connection of its own; resolves when it is on its way. */
export async function ask(proxy: ProxyAddress, version: Version, sent: SentRequest): Promise<Asking> {
  const { hostname, port } = new URL(sent.url);
  const socket = await tlsThrough(proxy.port, `${hostname}:${port || 443}`, {
    ca: proxy.ca.pem,
    // Addresses are not sent as server names (RFC 6066, section 3); without one the certificate is checked for the host.
    servername: isIP(hostname) === 0 ? hostname : '',
    host: hostname,
    ALPNProtocols: [version],
  });
  const collector = new Collector(() => socket.destroy());
  socket.on('error', (error: NodeJS.ErrnoException) => collector.fail(error.code ?? error.message));
  if (version === 'h2') overHttp2(socket, sent, collector);
  else overHttp1(socket, sent, collector);
  return collector;
}

class Collector implements Asking {
  readonly received: Promise<Received>;
  readonly head: Promise<Received>;
  readonly leave: () => void;
  readonly result: Received = {
    status: undefined,
    headers: {},
    body: Buffer.alloc(0),
    pieces: [],
    trailers: {},
    informational: [],
    error: undefined,
  };
  #settle: (received: Received) => void = () => {};
  #onHead: (received: Received) => void = () => {};
  #wake = () => {};

  constructor(leave: () => void) {
    this.leave = leave;
    this.received = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.head = new Promise((resolve) => {
      this.#onHead = resolve;
    });
  }

  async bytes(count: number): Promise<Received> {
    while (this.result.pieces.reduce((sum, piece) => sum + piece.length, 0) < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return { ...this.result, body: Buffer.concat(this.result.pieces) };
  }

  begin(status: number | undefined, headers: Record<string, string | string[] | undefined>): void {
    this.result.status = status;
    this.result.headers = plain(headers);
    this.#onHead(this.result);
  }

  data(piece: Buffer): void {
    this.result.pieces.push(piece);
    this.#wake();
  }

  fail(error: string): void {
    this.result.error ??= error;
  }

  end(): void {
    this.result.body = Buffer.concat(this.result.pieces);
    this.#settle(this.result);
  }
}

function overHttp1(socket: Awaited<ReturnType<typeof tlsThrough>>, sent: SentRequest, collector: Collector): void {
  const { url, method = sent.body === undefined ? 'GET' : 'POST', headers = {}, body } = sent;
  const { host, pathname, search } = new URL(url);
  const request = httpRequest({
    method,
    path: pathname + search,
    headers: { host, ...headers },
    createConnection: () => socket,
  });
  request.on('information', ({ statusCode, headers }) => {
    collector.result.informational.push({ status: statusCode, headers: plain(headers) });
  });
  request.on('error', (error: NodeJS.ErrnoException) => collector.fail(error.code ?? error.message));
  request.on('response', (response: IncomingMessage) => {
    collector.begin(response.statusCode, response.headers);
    response.on('data', (piece: Buffer) => collector.data(piece));
    response.on('error', (error: NodeJS.ErrnoException) => collector.fail(error.code ?? error.message));
    response.on('end', () => {
      collector.result.trailers = plain(response.trailers);
    });
    response.on('close', () => collector.end());
  });
  request.on('close', () => {
    if (collector.result.status === undefined) collector.end();
  });
  request.end(body);
}

function overHttp2(socket: Awaited<ReturnType<typeof tlsThrough>>, sent: SentRequest, collector: Collector): void {
  const { url, method = sent.body === undefined ? 'GET' : 'POST', headers = {}, body } = sent;
  const { origin, pathname, search, host } = new URL(url);
  const session = http2Connect(origin, { createConnection: () => socket });
  session.on('error', (error: NodeJS.ErrnoException) => collector.fail(error.code ?? error.message));
  onTestFinished(() => session.destroy());
  const stream = session.request(
    { ':method': method, ':path': pathname + search, ':authority': host, ...headers },
    { endStream: body === undefined },
  );
  stream.on('headers', ({ ':status': status = 0, ...fields }) => {
    collector.result.informational.push({ status, headers: plain(fields) });
  });
  stream.on('response', ({ ':status': status, ...fields }) => collector.begin(status, fields));
  stream.on('trailers', (trailers) => {
    collector.result.trailers = plain(trailers);
  });
  stream.on('data', (piece: Buffer) => collector.data(piece));
  stream.on('error', () => {});
  stream.on('close', () => {
    const { rstCode } = stream;
    if (rstCode !== constants.NGHTTP2_NO_ERROR || collector.result.status === undefined) {
      collector.fail(HTTP2_CODES.get(rstCode ?? -1) ?? 'closed');
    }
    session.close();
    collector.end();
  });
  if (body !== undefined) stream.end(body);
}

// RFC 9113, section 7.
const HTTP2_CODES: ReadonlyMap<number, string> = new Map(
  (
    [
      'NO_ERROR',
      'PROTOCOL_ERROR',
      'INTERNAL_ERROR',
      'FLOW_CONTROL_ERROR',
      'STREAM_CLOSED',
      'REFUSED_STREAM',
      'CANCEL',
      'HTTP_1_1_REQUIRED',
    ] as const
  ).map((name) => [constants[`NGHTTP2_${name}`], name]),
);

function plain(headers: Record<string, string | string[] | undefined>): Record<string, string | string[] | undefined> {
  return Object.fromEntries(Object.entries(headers));
}
