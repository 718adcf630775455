/** Servers that say which client certificate they were shown, and certificates to show. */
import { createPrivateKey } from 'node:crypto';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { buildCertificate, certificatePem } from '../../src/tls/certificate.js';
import { createSigningKey } from '../../src/tls/signing-key.js';

const DAY = 86_400_000;
const validity = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + DAY) };

/** A certificate with its key. */
export interface Identity {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** A self-signed certificate for a client. */
export function identity(commonName: string): Identity {
  const key = createSigningKey();
  const name = { commonName };
  const cert = certificatePem(
    buildCertificate({ subject: name, key, use: { dnsNames: [], ipAddresses: [] }, ...validity }, { name, key }),
  );
  return { cert: Buffer.from(cert), key: Buffer.from(key.pem) };
}

/** The same, its key locked by a passphrase. */
export function locked({ cert, key }: Identity, passphrase: string): Identity {
  const pem = createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase });
  return { cert, key: Buffer.from(pem) };
}

/** A server on this machine that asks for a certificate, and answers with who came. */
export interface MutualTlsServer {
  /** `https://localhost:54321` */
  readonly origin: string;
  /** TLS connections that came, by who came. */
  readonly connections: string[];
  close(): Promise<void>;
}

const whoOf = (socket: TLSSocket): string => String(socket.getPeerCertificate().subject?.CN ?? 'stranger');

export async function mutualTlsServer(): Promise<MutualTlsServer> {
  const { cert, key } = identity('localhost');
  const server = createSecureServer({ cert, key, allowHTTP1: true, requestCert: true, rejectUnauthorized: false });
  const connections: string[] = [];
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  server.on('secureConnection', (socket: TLSSocket) => connections.push(whoOf(socket)));
  server.on('sessionError', () => {});
  server.on('request', (request: Http2ServerRequest, response: Http2ServerResponse) => {
    const socket = (request.stream?.session?.socket ?? request.socket) as TLSSocket;
    response.setHeader('content-type', 'text/html');
    response.setHeader('access-control-allow-origin', '*');
    response.end(`<link rel="icon" href="data:,">${whoOf(socket)} over HTTP/${request.httpVersion}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    connections,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
