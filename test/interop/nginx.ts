/** nginx as an upstream: plain HTTP, and TLS with a certificate made for the test. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import getPort from 'get-port';
import { onTestFinished } from 'vitest';
import { buildCertificate, certificatePem } from '../../src/tls/certificate.js';
import { createSigningKey } from '../../src/tls/signing-key.js';
import { temporaryFolder } from './proxy.js';

/** The names in nginx's certificate. */
export const certificateNames = ['DNS:shop.test', 'DNS:*.cdn.test', 'IP Address:127.0.0.1'];

export interface Nginx {
  readonly httpPort: number;
  /** HTTP/2 and HTTP/1.1. */
  readonly httpsPort: number;
  /** HTTP/1.1 alone. */
  readonly http1Port: number;
  /** The authority that its certificate comes from, in PEM. */
  readonly root: string;
  /** The files that it serves under `/files/`. */
  readonly files: string;
}

/**
 * Runs until the test ends. `/` tells what nginx saw: the scheme, the protocol, the server name of
 * the handshake, the host and the path; `/files/` takes PUT.
 */
export async function startNginx(): Promise<Nginx> {
  const folder = await temporaryFolder();
  const files = join(folder, 'files');
  await mkdir(files);
  const root = await writeCertificate(folder);
  // Another process may take a free port before nginx has it.
  for (let attempt = 1; ; attempt += 1) {
    const [httpPort, httpsPort, http1Port] = [await freePort(), await freePort(), await freePort()];
    await writeFile(join(folder, 'nginx.conf'), configuration({ httpPort, httpsPort, http1Port }));
    const failure = await start(folder);
    if (failure === undefined) return { httpPort, httpsPort, http1Port, root, files };
    if (attempt === 3 || !failure.includes('Address already in use')) throw new Error(`nginx: ${failure}`);
  }
}

function freePort(): Promise<number> {
  return getPort({ host: '127.0.0.1' });
}

/** Undefined once it listens; what it said where it ended instead. */
async function start(folder: string): Promise<string | undefined> {
  const nginx = spawn('nginx', ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(nginx, 'close');
  onTestFinished(async () => {
    if (nginx.exitCode === null) nginx.kill('SIGKILL');
    await ended;
  });
  const said: string[] = [];
  for await (const line of createInterface(nginx.stderr)) {
    said.push(line);
    // nginx chooses its event method after it has begun to listen.
    if (line.includes('event method')) {
      nginx.stderr.resume();
      return undefined;
    }
  }
  return said.join('\n');
}

/** The key is on disk for nginx, in a folder that goes with the test; the root's never is. */
async function writeCertificate(folder: string): Promise<string> {
  const validity = { notBefore: new Date(Date.now() - 86_400_000), notAfter: new Date(Date.now() + 86_400_000) };
  const issuer = { name: { commonName: 'Root of the test' }, key: createSigningKey() };
  const key = createSigningKey();
  const names = { dnsNames: ['shop.test', '*.cdn.test'], ipAddresses: ['127.0.0.1'] };
  const subject = { commonName: 'shop.test', organization: 'The Shop' };
  await writeFile(
    join(folder, 'server.pem'),
    certificatePem(buildCertificate({ subject, key, use: names, ...validity }, issuer)),
  );
  await writeFile(join(folder, 'server.key'), key.pem, { mode: 0o600 });
  return certificatePem(
    buildCertificate({ subject: issuer.name, key: issuer.key, use: 'authority', ...validity }, issuer),
  );
}

// All paths are relative to the folder. `listen … http2` is what nginx before 1.25 understands, and later ones take.
function configuration({ httpPort, httpsPort, http1Port }: Omit<Nginx, 'root' | 'files'>): string {
  return `
daemon off;
master_process off;
error_log stderr notice;
pid nginx.pid;
events {}
http {
  access_log off;
  default_type text/plain;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  client_max_body_size 16m;
  ssl_certificate server.pem;
  ssl_certificate_key server.key;
  server {
    listen 127.0.0.1:${httpPort};
    listen 127.0.0.1:${httpsPort} ssl http2;
    listen 127.0.0.1:${http1Port} ssl;
    location / {
      return 200 "$scheme $server_protocol [$ssl_server_name] $http_host $request_uri\\n";
    }
    location /files/ {
      root .;
      dav_methods PUT;
    }
  }
}
`;
}
