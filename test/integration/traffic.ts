/** Means of the integration tests: HTTP/2 clients, and waiting for the journal. */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as http2Connect,
  type IncomingHttpHeaders,
} from 'node:http2';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import type { Exchange } from '../../src/journal/exchange.js';
import type { Phase } from '../../src/journal/journal.js';
import type { RunningProxy } from '../../src/proxy.js';
import { tlsThrough } from '../client.js';

/** Resolves to the exchange at this place of the journal when it has come so far. */
export function reached(proxy: RunningProxy, phase: Phase, at = 0): Promise<Exchange> {
  const { journal } = proxy;
  return new Promise((resolve) => {
    const present = journal.exchanges[at];
    if (present !== undefined && (phase === 'request' || (phase === 'end' && present.ended))) {
      resolve(present);
      return;
    }
    const unsubscribe = journal.subscribe((exchange, now) => {
      if (now !== phase || exchange !== journal.exchanges[at]) return;
      unsubscribe();
      resolve(exchange);
    });
  });
}

/** Resolves to the exchange at this place of the journal when it has ended. */
export const ended = (proxy: RunningProxy, at = 0): Promise<Exchange> => reached(proxy, 'end', at);

/** TLS through CONNECT to shop.test, trusting the proxy. */
export function shopThrough(
  proxy: Pick<RunningProxy, 'port' | 'caPem'>,
  alpn: 'h2' | 'http/1.1',
  name = 'shop.test',
  options: ConnectionOptions = { ca: proxy.caPem },
): Promise<TLSSocket> {
  return tlsThrough(proxy.port, `${name}:443`, { servername: name, ALPNProtocols: [alpn], ...options });
}

/** An HTTP/2 session through CONNECT to shop.test. */
export async function sessionThrough(
  proxy: Pick<RunningProxy, 'port' | 'caPem'>,
  name = 'shop.test',
  options?: ConnectionOptions,
): Promise<ClientHttp2Session> {
  const socket = await shopThrough(proxy, 'h2', name, options);
  const session = http2Connect(`https://${name}`, { createConnection: () => socket });
  session.on('error', () => {});
  onTestFinished(() => session.destroy());
  return session;
}

/** All that came back on one HTTP/2 stream. */
export interface StreamOutcome {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  body: Buffer;
  trailers: IncomingHttpHeaders;
  informational: IncomingHttpHeaders[];
  /** The code that the stream was ended with; 0 where it came to its end. */
  rstCode: number;
}

/** Reads a stream until it is closed; never rejects. */
export function outcome(stream: ClientHttp2Stream): Promise<StreamOutcome> {
  const chunks: Buffer[] = [];
  const result: StreamOutcome = {
    status: undefined,
    headers: {},
    body: Buffer.alloc(0),
    trailers: {},
    informational: [],
    rstCode: 0,
  };
  stream.on('headers', (headers) => result.informational.push(headers));
  stream.on('response', (headers) => {
    result.headers = headers;
    result.status = headers[':status'];
  });
  stream.on('trailers', (trailers) => {
    result.trailers = trailers;
  });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('error', () => {});
  return new Promise((resolve) => {
    stream.on('close', () => {
      resolve({ ...result, body: Buffer.concat(chunks), rstCode: stream.rstCode ?? -1 });
    });
  });
}

/** One request over HTTP/2. */
export function ask2(
  session: ClientHttp2Session,
  headers: Record<string, string | string[]> = {},
  body?: string | Buffer,
): Promise<StreamOutcome> {
  const stream = session.request(
    { ':authority': 'shop.test', ':path': '/', ...(body !== undefined && { ':method': 'POST' }), ...headers },
    { endStream: body === undefined },
  );
  if (body !== undefined) stream.end(body);
  return outcome(stream);
}
