/** Real servers and a bare proxy for tests: all on 127.0.0.1, on free ports, ended with the test. */
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import {
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type SecureServerOptions,
} from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import {
  createServer as createTlsServer,
  type SecureContext,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls';
import { onTestFinished } from 'vitest';
import type { Interceptor } from '../src/interceptor.js';
import type { Journal } from '../src/journal/journal.js';
import type { ProxyOptions } from '../src/options.js';
import { type ProxyParts, type RunningProxy, startProxy } from '../src/proxy.js';
import { CertificateAuthority, type Leaf } from '../src/tls/certificate-authority.js';
import { leafTemplate } from '../src/tls/leaf.js';
import type { UpstreamCertificate } from '../src/tls/upstream-certificate.js';

export { closedPort } from './closed-port.js';

/** The authority that upstream servers' certificates come from. It has nothing to do with any proxy's. */
export const publicAuthority = CertificateAuthority.create(Date.now());

/** A certificate for an upstream server. */
export function serverLeaf(name: string, upstream?: UpstreamCertificate): Leaf {
  return publicAuthority.leaf(leafTemplate({ serverName: undefined, host: name, upstream, now: Date.now() }));
}

/** A server that is listening. */
export interface Origin {
  readonly port: number;
  readonly server: Server;
  /** Connections accepted so far. */
  readonly connections: () => number;
  close(): Promise<void>;
}

/** Plain HTTP/1.1. What is idle stays open, however long a busy machine takes for what comes in between. */
export function httpOrigin(listener: RequestListener): Promise<Origin> {
  return listening(createHttpServer({ keepAliveTimeout: 0 }, listener));
}

export interface HttpsOptions {
  /** The names of the certificate; default `localhost`. */
  name?: string;
  leaf?: Leaf;
  /** Default both HTTP/2 and HTTP/1.1. */
  alpn?: readonly string[];
  tls?: SecureContextOptions;
}

/** HTTP over TLS, in whichever version the client chooses. */
export function httpsOrigin(
  listener: (request: Http2ServerRequest, response: Http2ServerResponse) => void,
  { name = 'localhost', leaf = serverLeaf(name), alpn = ['h2', 'http/1.1'] }: HttpsOptions = {},
): Promise<Origin> {
  const options: SecureServerOptions = { allowHTTP1: true, SNICallback: (_, done) => done(null, leaf.context) };
  // node:http2 always offers HTTP/2.
  const server = alpn.includes('h2')
    ? createSecureServer(options)
    : createHttpsServer({ ...options, ALPNProtocols: [...alpn], keepAliveTimeout: 0 });
  server.on('request', listener);
  return listening(withDefaultContext(server, leaf));
}

/** TLS and nothing on it. */
export function tlsServer(
  leaf: Leaf,
  onSocket: (socket: TLSSocket) => void,
  alpn: readonly string[] = [],
): Promise<Origin> {
  const options = { ALPNProtocols: [...alpn], SNICallback: (_: string, done: SniDone) => done(null, leaf.context) };
  const server = createTlsServer(options, (socket) => {
    socket.on('error', () => {});
    onSocket(socket);
  });
  return listening(withDefaultContext(server, leaf));
}

type SniDone = (error: Error | null, context?: SecureContext) => void;

/** Bytes as the test likes them. */
export function tcpServer(onSocket: (socket: Socket) => void): Promise<Origin> {
  return listening(
    createTcpServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {});
      onSocket(socket);
    }),
  );
}

/** Forwards everything untouched. */
export const forwardAll: Interceptor = {
  mayAnswer: () => false,
  onHandshake: () => undefined,
  onTunnel: () => undefined,
  onRequest: () => undefined,
  onResponse: () => undefined,
};

/** A proxy that trusts {@link publicAuthority}; stopped when the test ends. */
export async function testProxy(
  options: ProxyOptions = {},
  interceptor: Partial<Interceptor> | ((journal: Journal) => Interceptor) = {},
  parts: Pick<ProxyParts, 'clock' | 'clientAt'> = {},
): Promise<RunningProxy> {
  const proxy = await startProxy(
    { trustedRoots: publicAuthority.pem, ...options },
    {
      ...parts,
      interceptor: typeof interceptor === 'function' ? interceptor : () => ({ ...forwardAll, ...interceptor }),
    },
  );
  onTestFinished(() => proxy.stop());
  return proxy;
}

// node:tls asks SNICallback only where the client sent a name; the default context is for the others.
function withDefaultContext<S extends Server>(server: S, { context }: Leaf): S {
  Object.assign(server, { _sharedCreds: context });
  return server;
}

/** Listens with a server of the test's own; closed, with its connections, when the test ends. */
export async function listening(server: Server): Promise<Origin> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return { server, port: (server.address() as { port: number }).port, connections: () => accepted, close };
}
