/** curl through the proxy to nginx, with `--cacert` and nothing else. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Waylay } from '../../fixtures/standalone.js';
import { requireTool } from '../tools.js';
import { curl } from './curl.js';
import { certificateNames, startNginx } from './nginx.js';
import { startProxy, temporaryFolder } from './proxy.js';

beforeEach((ctx) => {
  requireTool(ctx, 'curl');
  requireTool(ctx, 'nginx');
});

/** The journal's only exchange, once it is over. */
async function onlyExchange(waylay: Waylay) {
  expect(waylay.exchanges).toHaveLength(1);
  const [exchange] = waylay.exchanges;
  if (exchange === undefined) throw new Error('The journal is empty.');
  return exchange.finished();
}

describe('curl to nginx', () => {
  test('speaks plain HTTP', async () => {
    const nginx = await startNginx();
    const { waylay } = await startProxy({ hosts: { 'shop.test': `127.0.0.1:${nginx.httpPort}` } });
    const { code, body, status, httpVersion, stderr } = await curl(waylay, 'http://shop.test/tea?page=2');
    expect({ code, stderr, status, httpVersion }).toEqual({ code: 0, stderr: '', status: 200, httpVersion: '1.1' });
    expect(body).toBe('http HTTP/1.1 [] shop.test /tea?page=2\n');

    const { request, response, source, destination, upstream } = await onlyExchange(waylay);
    expect([request.method, request.url, request.httpVersion]).toEqual(['GET', 'http://shop.test/tea?page=2', '1.1']);
    expect([response.status, response.text(), source]).toEqual([200, body, 'upstream']);
    expect(destination.source).toBe('absolute-form');
    expect([upstream?.port, upstream?.tls]).toEqual([nginx.httpPort, undefined]);
  });

  test.each([
    ['HTTP/1.1', '--http1.1', 'httpsPort', '1.1', 'HTTP/1.1', 'http/1.1'],
    ['HTTP/2', '--http2', 'httpsPort', '2', 'HTTP/2.0', 'h2'],
    ['HTTP/1.1 where nginx speaks no other', '--http2', 'http1Port', '1.1', 'HTTP/1.1', 'http/1.1'],
  ] as const)('speaks HTTPS with %s', async (_, option, port, version, protocol, alpn) => {
    const nginx = await startNginx();
    const { waylay, caFile } = await startProxy({
      hosts: { 'shop.test': `127.0.0.1:${nginx[port]}` },
      trustedRoots: nginx.root,
    });
    const url = 'https://shop.test/tea?page=2';
    const { code, body, status, httpVersion, stderr } = await curl(waylay, '--cacert', caFile, option, url);
    expect({ code, stderr, status, httpVersion }).toEqual({ code: 0, stderr: '', status: 200, httpVersion: version });
    expect(body).toBe(`https ${protocol} [shop.test] shop.test /tea?page=2\n`);

    const { request, response, source, destination, client, upstream } = await onlyExchange(waylay);
    expect([request.method, request.url, request.httpVersion]).toEqual(['GET', url, alpn === 'h2' ? '2.0' : '1.1']);
    expect([response.status, response.text(), source]).toEqual([200, body, 'upstream']);
    expect(destination).toEqual({ host: 'shop.test', port: 443, source: 'connect' });
    expect(client.tls).toMatchObject({ alpn, serverName: 'shop.test' });
    expect(upstream?.tls).toMatchObject({ alpn, serverName: 'shop.test' });
    expect(upstream?.certificate).toMatchObject({
      subject: 'O=The Shop, CN=shop.test',
      issuer: 'CN=Root of the test',
      subjectAltName: certificateNames.join(', '),
      defect: undefined,
    });
  });

  test.each(['--http1.1', '--http2'])('reaches an address instead of a name, %s', async (option) => {
    const nginx = await startNginx();
    const { waylay, caFile } = await startProxy({ trustedRoots: nginx.root });
    const url = `https://127.0.0.1:${nginx.httpsPort}/`;
    const { code, body, stderr } = await curl(waylay, '--cacert', caFile, option, url);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(body).toContain(`[] 127.0.0.1:${nginx.httpsPort} /`);
    expect((await onlyExchange(waylay)).request.url).toBe(url);
  });

  test.each(['--http1.1', '--http2'])('has a body of 1 MiB go up and come down unchanged, %s', async (option) => {
    const nginx = await startNginx();
    const { waylay, caFile } = await startProxy({
      hosts: { 'shop.test': `127.0.0.1:${nginx.httpsPort}` },
      trustedRoots: nginx.root,
    });
    const folder = await temporaryFolder();
    const [sent, received] = [join(folder, 'sent'), join(folder, 'received')];
    const bytes = randomBytes(1024 * 1024);
    await writeFile(sent, bytes);
    const url = 'https://shop.test/files/photo';

    const upload = await curl(waylay, '--cacert', caFile, option, '--upload-file', sent, url);
    expect([upload.code, upload.stderr, upload.status]).toEqual([0, '', 201]);
    expect(bytes.equals(await readFile(join(nginx.files, 'photo')))).toBe(true);

    const download = await curl(waylay, '--cacert', caFile, option, '--output', received, url);
    expect([download.code, download.stderr, download.status]).toEqual([0, '', 200]);
    expect(bytes.equals(await readFile(received))).toBe(true);

    const [put, get] = await Promise.all(waylay.exchanges.map((exchange) => exchange.finished()));
    expect([put?.request.method, put?.request.body.equals(bytes)]).toEqual(['PUT', true]);
    expect([get?.request.method, get?.response.body.equals(bytes)]).toEqual(['GET', true]);
  });

  test('fails without --cacert, and the journal says why', async () => {
    const nginx = await startNginx();
    const { waylay } = await startProxy({
      hosts: { 'shop.test': `127.0.0.1:${nginx.httpsPort}` },
      trustedRoots: nginx.root,
    });
    const { code, connectStatus, status } = await curl(waylay, 'https://shop.test/');
    // CURLE_PEER_FAILED_VERIFICATION
    expect({ code, connectStatus, status }).toEqual({ code: 60, connectStatus: 200, status: 0 });
    await expect.poll(() => waylay.exchanges.map(({ error }) => error?.code)).toEqual(['WAYLAY_CLIENT_TLS']);
  });
});
