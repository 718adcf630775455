/** `openssl s_client -proxy` to nginx: which leaf is shown, by name and by address, with SNI and without. */
import { X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { WaylayOptions } from '../../fixtures/options.js';
import type { Waylay } from '../../fixtures/standalone.js';
import { requireTool, run } from '../tools.js';
import { certificateNames, type Nginx, startNginx } from './nginx.js';
import { bareEnvironment, startProxy } from './proxy.js';

beforeEach((ctx) => {
  requireTool(ctx, 'openssl');
  requireTool(ctx, 'nginx');
});

/** Verifies the chain against the CA, sends a request and reads to the end. */
async function sClient(waylay: Waylay, caFile: string, target: string, ...args: string[]) {
  const { code, stdout, stderr } = await run(
    'openssl',
    [
      ...['s_client', '-proxy', `127.0.0.1:${waylay.port}`, '-connect', target],
      ...['-CAfile', caFile, '-verify_return_error', '-ign_eof', ...args],
    ],
    { input: 'GET /tea HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n', env: bareEnvironment },
  );
  const [pem] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(stdout) ?? [];
  const certificate = pem === undefined ? undefined : new X509Certificate(pem);
  return { code, stdout, stderr, names: certificate?.subjectAltName?.split(', ').sort(), certificate };
}

async function shop(options: (nginx: Nginx) => WaylayOptions = () => ({})) {
  const nginx = await startNginx();
  const upstream = `127.0.0.1:${nginx.httpsPort}`;
  const { waylay, caFile } = await startProxy({
    hosts: { 'shop.test': upstream, '*.test': upstream },
    trustedRoots: nginx.root,
    ...options(nginx),
  });
  return { nginx, waylay, caFile };
}

describe("the leaf's names are the upstream's and the requested one", () => {
  // The requested name is trusted here although nginx's certificate is not for all of it.
  const forgiving = () => ({ ignoreHTTPSErrors: true });
  const byAddress = (nginx: Nginx) => `127.0.0.1:${nginx.httpsPort}`;

  test.each([
    {
      what: 'a name, with SNI: it is among the upstream names',
      target: () => 'shop.test:443',
      args: ['-servername', 'shop.test', '-verify_hostname', 'shop.test'],
      serverName: 'shop.test',
      added: [],
    },
    {
      what: 'a name, without SNI',
      target: () => 'shop.test:443',
      args: ['-noservername', '-verify_hostname', 'shop.test'],
      serverName: '',
      added: [],
    },
    {
      what: 'a name that a wildcard covers',
      target: () => 'img.cdn.test:443',
      args: ['-servername', 'img.cdn.test', '-verify_hostname', 'img.cdn.test'],
      serverName: 'img.cdn.test',
      added: [],
    },
    {
      what: 'an address, without SNI',
      target: byAddress,
      args: ['-noservername', '-verify_ip', '127.0.0.1'],
      serverName: '',
      added: [],
    },
    {
      what: 'an address, with SNI',
      target: byAddress,
      args: ['-servername', 'shop.test', '-verify_hostname', 'shop.test'],
      serverName: 'shop.test',
      added: [],
    },
    {
      what: 'a name the upstream lacks, with SNI',
      target: () => 'other.test:443',
      args: ['-servername', 'other.test', '-verify_hostname', 'other.test'],
      serverName: 'other.test',
      added: ['DNS:other.test'],
      options: forgiving,
    },
    {
      what: 'a name the upstream lacks, without SNI',
      target: () => 'other.test:443',
      args: ['-noservername', '-verify_hostname', 'other.test'],
      serverName: '',
      added: ['DNS:other.test'],
      options: forgiving,
    },
    {
      what: 'SNI and CONNECT that differ: both',
      target: () => 'other.test:443',
      args: ['-servername', 'third.test', '-verify_hostname', 'third.test'],
      serverName: 'third.test',
      added: ['DNS:other.test', 'DNS:third.test'],
      options: forgiving,
    },
    {
      what: 'an address that is not among the upstream addresses',
      target: () => '192.0.2.7:443',
      args: ['-noservername', '-verify_ip', '192.0.2.7'],
      serverName: '',
      added: ['IP Address:192.0.2.7'],
      options: (nginx: Nginx) => ({ ...forgiving(), hosts: { '192.0.2.7': byAddress(nginx) } }),
    },
  ])('for $what', async ({ target, args, serverName, added, options }) => {
    const { nginx, waylay, caFile } = await shop(options);
    const { code, stdout, names, certificate } = await sClient(waylay, caFile, target(nginx), ...args);
    expect(stdout).toContain('Verify return code: 0 (ok)');
    expect(code).toBe(0);
    expect(names).toEqual([...certificateNames, ...added].sort());
    expect(certificate?.subject).toBe('O=The Shop\nCN=shop.test');
    // nginx was asked with the same server name, and the request reached it over that connection.
    expect(stdout).toContain(`https HTTP/1.1 [${serverName}] shop.test /tea`);
    expect(waylay.exchanges.map(({ response }) => response?.status)).toEqual([200]);
  });

  test('but the requested one is alone where a stub answers without an upstream', async () => {
    const { waylay, caFile } = await startProxy();
    waylay.stubResponse('https://shop.test/**', 'a stub');
    const args = ['-servername', 'shop.test', '-verify_hostname', 'shop.test'];
    const { code, stdout, names } = await sClient(waylay, caFile, 'shop.test:443', ...args);
    expect({ code, names }).toEqual({ code: 0, names: ['DNS:shop.test'] });
    expect(stdout).toContain('a stub');
  });
});

describe('ALPN', () => {
  test.each([
    ['h2', 'h2,http/1.1', 'httpsPort', 'ALPN protocol: h2'],
    ['HTTP/1.1 where nginx speaks no other', 'h2,http/1.1', 'http1Port', 'ALPN protocol: http/1.1'],
    ['none where none is offered', undefined, 'httpsPort', 'No ALPN negotiated'],
  ] as const)('is mirrored: %s', async (_, offer, port, line) => {
    const { waylay, caFile } = await shop((nginx) => ({ hosts: { 'shop.test': `127.0.0.1:${nginx[port]}` } }));
    const { stdout } = await run(
      'openssl',
      [
        ...['s_client', '-proxy', `127.0.0.1:${waylay.port}`, '-connect', 'shop.test:443', '-servername', 'shop.test'],
        ...['-CAfile', caFile, '-verify_return_error', ...(offer === undefined ? [] : ['-alpn', offer])],
      ],
      { env: bareEnvironment },
    );
    expect(stdout).toContain('Verify return code: 0 (ok)');
    expect(stdout).toContain(line);
  });
});

test('a name that is not the upstream’s fails to verify, as it would without the proxy', async () => {
  const { waylay, caFile } = await shop();
  const args = ['-servername', 'other.test', '-verify_hostname', 'other.test'];
  const { code, stderr, names } = await sClient(waylay, caFile, 'other.test:443', ...args);
  expect(code).toBe(1);
  expect(stderr).toMatch(/verify error:num=\d+:/);
  expect(names ?? certificateNames).not.toContain('DNS:other.test');
  await expect.poll(() => waylay.exchanges.map(({ error }) => error?.code)).toEqual(['WAYLAY_UPSTREAM_CERTIFICATE']);
  expect(waylay.exchanges[0]?.error?.message).toContain('shop.test');
});

test('a target that cannot be dialled ends at CONNECT', async () => {
  const { waylay, caFile } = await startProxy();
  const { code, stdout, stderr } = await sClient(waylay, caFile, 'nowhere.invalid:443');
  expect(code).toBe(1);
  expect(stdout + stderr).toContain('502');
  expect(waylay.exchanges.map(({ error }) => error?.code)).toEqual(['WAYLAY_UPSTREAM_DNS']);
});
