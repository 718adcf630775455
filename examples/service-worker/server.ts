import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeCertificate } from './certificate.js';

const types: Record<string, string> = { html: 'text/html', js: 'text/javascript' };

/** Starts https://reader.test, which serves the files of `site/`. */
export async function startServer() {
  const { key, cert } = makeCertificate('reader.test');
  const server = createServer({ key, cert }, async (request, response) => {
    const file = request.url === '/' ? '/index.html' : (request.url ?? '');
    try {
      const content = await readFile(new URL(`site${file}`, import.meta.url));
      response.setHeader('content-type', types[file.split('.').at(-1) ?? ''] ?? 'text/plain').end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, cert, close: () => server.close() };
}
