/**
 * `test` with real servers behind the names of `*.test`: one over TLS (HTTP/2, HTTP/1.1, WebSocket),
 * one without, all on 127.0.0.1, on free ports, ended with the test.
 */
import { createServer, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { createSecureServer, type Http2ServerRequest } from 'node:http2';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, type SecureContext } from 'node:tls';
import { WebSocketServer } from 'ws';
import { expect, test as waylayTest } from '../../fixtures/playwright.js';
import { buildCertificate, certificatePem, type DistinguishedName } from '../../src/tls/certificate.js';
import { createSigningKey } from '../../src/tls/signing-key.js';
import { closedPort } from '../closed-port.js';

export { expect };

/** A path's answer. */
export interface Content {
  /** Default 200. */
  status?: number;
  /** Default `content-type: text/html`. */
  headers?: OutgoingHttpHeaders;
  body?: string;
  /** Answers with the request's fields, as JSON. */
  echo?: true;
  /** Resets the connection instead, when the request has come. */
  reset?: true;
}

/** The servers of one test. */
export interface Origins {
  /** Over TLS; it serves every name. */
  readonly port: number;
  /** Without TLS; it serves the same paths. */
  readonly plainPort: number;
  /** The root that signed the sound certificates. */
  readonly root: string;
  /** The host map that the fixture gives to Waylay. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Says what a path answers, on every name. Paths that are not said answer 404; `/` is an empty page. */
  serve(path: string, content: Content): void;
  /** Times a path was asked for on the wire. */
  hits(path: string): number;
  /** TLS and plain connections accepted so far. */
  connections(): number;
  /** Serves the same paths with a certificate of the test's own; the port. */
  serveWith(context: SecureContext): Promise<number>;
}

const DAY = 86_400_000;
const serverKey = createSigningKey();
const now = Date.now();

/** An authority outside of Waylay: its leaves have a key that no browser was told to accept. */
function createAuthority(commonName: string) {
  const issuer = { name: { commonName } satisfies DistinguishedName, key: createSigningKey() };
  const pem = certificatePem(
    buildCertificate(
      {
        subject: issuer.name,
        key: issuer.key,
        notBefore: new Date(now - 60 * DAY),
        notAfter: new Date(now + 60 * DAY),
        use: 'authority',
      },
      issuer,
    ),
  );
  const context = (name: string, { until = 30, chain = pem } = {}): SecureContext => {
    const leaf = buildCertificate(
      {
        subject: { commonName: name },
        key: serverKey,
        notBefore: new Date(now - 30 * DAY),
        notAfter: new Date(now + until * DAY),
        use: { dnsNames: [name], ipAddresses: [] },
      },
      issuer,
    );
    return createSecureContext({ key: serverKey.pem, cert: certificatePem(leaf) + chain });
  };
  return { pem, context };
}

const known = createAuthority('Origin Root');
const unknown = createAuthority('Nobody’s Root');

/** A sound certificate but for the chain that is sent with it. */
export function contextWithChain(name: string, chain: string): SecureContext {
  return unknown.context(name, { chain });
}

const contexts = new Map<string, SecureContext>();

/** By the name asked for; three names have a certificate that no client may accept. */
function contextOf(name: string): SecureContext {
  const context =
    contexts.get(name) ??
    (name === 'expired.test'
      ? known.context(name, { until: -1 })
      : name === 'wrong-host.test'
        ? known.context('other.test')
        : name === 'unknown-issuer.test'
          ? unknown.context(name)
          : known.context(name));
  contexts.set(name, context);
  return context;
}

export const test = waylayTest.extend<{ origins: Origins }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
  origins: async ({}, use) => {
    const contents = new Map<string, Content>([['/', { body: '<!doctype html><title>origin</title>' }]]);
    const paths: string[] = [];
    const closers: (() => Promise<void>)[] = [];
    const open = new Set<Socket>();
    let accepted = 0;

    const answer = (request: Asked, response: Answering): void => {
      const path = request.url ?? '';
      paths.push(path);
      const { status = 200, headers, body = '', echo, reset } = contents.get(path) ?? { status: 404 };
      if (reset) {
        // Under TLS too it is the TCP connection that ends, without a word.
        const { remotePort } = request.socket;
        for (const socket of open) if (socket.remotePort === remotePort) socket.resetAndDestroy();
        return;
      }
      response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...headers });
      response.end(echo ? JSON.stringify(request.headers) : body);
    };
    const listen = async (server: Server): Promise<number> => {
      server.on('connection', (socket: Socket) => {
        accepted += 1;
        open.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => open.delete(socket));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      closers.push(async () => {
        for (const socket of open) socket.destroy();
        await new Promise((resolve) => server.close(resolve));
      });
      return (server.address() as { port: number }).port;
    };
    const secure = (choose: (name: string) => SecureContext): Server => {
      const server = createSecureServer({
        allowHTTP1: true,
        SNICallback: (name, done) => done(null, choose(name)),
      });
      server.on('request', answer);
      server.on('sessionError', () => {});
      return withWebSocket(server);
    };

    const plainPort = await listen(withWebSocket(createServer(answer)));
    const port = await listen(secure(contextOf));
    const resetPort = await listen(
      createTcpServer((socket) => void socket.once('data', () => socket.resetAndDestroy())),
    );
    const refusedPort = await closedPort();
    await use({
      port,
      plainPort,
      root: known.pem,
      hosts: {
        '*.test': `127.0.0.1:${port}`,
        'plain.test': `127.0.0.1:${plainPort}`,
        'reset.test': `127.0.0.1:${resetPort}`,
        'refused.test': `127.0.0.1:${refusedPort}`,
      },
      serve: (path, content) => void contents.set(path, content),
      hits: (path) => paths.filter((asked) => asked === path).length,
      connections: () => accepted,
      serveWith: (context) => listen(secure(() => context)),
    });
    for (const close of closers) await close();
  },

  waylayOptions: async ({ origins, waylayOptions }, use) => {
    await use({ hosts: origins.hosts, trustedRoots: origins.root, ...waylayOptions });
  },
});

type Asked = Pick<IncomingMessage | Http2ServerRequest, 'url' | 'socket' | 'headers'>;

interface Answering {
  writeHead(status: number, headers: OutgoingHttpHeaders): unknown;
  end(body: string): unknown;
}

/** Answers every WebSocket message with itself, text as text and bytes as bytes. */
function withWebSocket<S extends Server>(server: S): S {
  const echo = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    echo.handleUpgrade(request, socket, head, (client) => {
      client.on('message', (data: Buffer, binary) => client.send(data, { binary }));
    });
  });
  return server;
}
