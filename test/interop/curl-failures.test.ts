/** curl, where there is no upstream: a stub's answer, the failure itself, or its explanation. */
import { beforeEach, describe, expect, test } from 'vitest';
import { closedPort } from '../servers.js';
import { requireTool } from '../tools.js';
import { curl } from './curl.js';
import { startNginx } from './nginx.js';
import { startProxy } from './proxy.js';

// RFC 6761, section 6.4: no name under it ever resolves.
const nowhere = 'shop.invalid';
const RECV_ERROR = 56;
const PEER_FAILED_VERIFICATION = 60;

beforeEach((ctx) => requireTool(ctx, 'curl'));

describe('a stub for a host that does not resolve', () => {
  test.each([
    ['http', '--http1.1', '1.1'],
    ['https', '--http1.1', '1.1'],
    ['https', '--http2', '2'],
  ])('answers %s, %s', async (scheme, option, version) => {
    const { waylay, caFile } = await startProxy();
    const stub = waylay.stubResponse(`POST ${scheme}://${nowhere}/v1/charges`, {
      status: 402,
      json: { error: 'declined' },
    });
    const url = `${scheme}://${nowhere}/v1/charges`;
    const { code, body, status, httpVersion, stderr } = await curl(
      waylay,
      ...['--cacert', caFile, option, '--json', '{"amount":4200}', url],
    );
    expect({ code, stderr, status, httpVersion }).toEqual({ code: 0, stderr: '', status: 402, httpVersion: version });
    expect(JSON.parse(body)).toEqual({ error: 'declined' });
    expect(stub.hits).toBe(1);
    // The stub does not wait for the body, which may be read after it has answered.
    const { source, upstream } = await waylay.expectRequest(`POST ${url}`, { json: { amount: 4200 } });
    expect([source, upstream]).toEqual(['stub', undefined]);
  });
});

describe.each([
  ['a name that does not resolve', 'WAYLAY_UPSTREAM_DNS', async () => nowhere],
  ['a port where nothing listens', 'WAYLAY_UPSTREAM_REFUSED', async () => `127.0.0.1:${await closedPort()}`],
])('%s', (_, reason, target) => {
  test("is mirrored: CONNECT is answered with a 502 that names the reason, curl's exit code is 56", async () => {
    const { waylay, caFile } = await startProxy({ hosts: { 'shop.test': await target() } });
    const { code, connectStatus, status, body } = await curl(
      waylay,
      ...['--cacert', caFile, '--dump-header', '-', 'https://shop.test/'],
    );
    expect({ code, connectStatus, status }).toEqual({ code: RECV_ERROR, connectStatus: 502, status: 0 });
    expect(body).toContain(`Waylay-Error: ${reason}\r\n`);
    expect(waylay.exchanges.map(({ error, source }) => [error?.code, source])).toEqual([[reason, 'failed']]);
  });

  test("is mirrored: a plain request's connection is reset, curl's exit code is 56", async () => {
    const { waylay } = await startProxy({ hosts: { 'shop.test': await target() } });
    const { code, status, stderr } = await curl(waylay, 'http://shop.test/');
    expect({ code, status }).toEqual({ code: RECV_ERROR, status: 0 });
    expect(stderr).toMatch(/reset/i);
    expect(waylay.exchanges.map(({ error, source }) => [error?.code, source])).toEqual([[reason, 'failed']]);
  });

  test.each([
    ['http', '--http1.1', '1.1'],
    ['https', '--http1.1', '1.1'],
    ['https', '--http2', '2'],
  ])('is explained: %s, %s gets a 502 with the reason', async (scheme, option, version) => {
    const { waylay, caFile } = await startProxy({ hosts: { 'shop.test': await target() }, upstreamErrors: 'respond' });
    const { code, body, status, httpVersion, stderr } = await curl(
      waylay,
      ...['--cacert', caFile, option, `${scheme}://shop.test/`],
    );
    expect({ code, stderr, status, httpVersion }).toEqual({ code: 0, stderr: '', status: 502, httpVersion: version });
    expect(body).toMatch(new RegExp(`^${reason}: .*shop\\.test.*\n$`));
    expect(waylay.exchanges.map(({ error }) => error?.code)).toEqual([reason]);
  });
});

describe('a certificate of an unknown authority', () => {
  beforeEach((ctx) => requireTool(ctx, 'nginx'));

  test.each(['--http1.1', '--http2'])('is mirrored: curl refuses the leaf, %s', async (option) => {
    const nginx = await startNginx();
    const { waylay, caFile } = await startProxy({ hosts: { 'shop.test': `127.0.0.1:${nginx.httpsPort}` } });
    const { code, status } = await curl(waylay, '--cacert', caFile, option, 'https://shop.test/');
    expect({ code, status }).toEqual({ code: PEER_FAILED_VERIFICATION, status: 0 });
    await expect
      .poll(() => waylay.exchanges.map(({ error, source }) => [error?.code, source]))
      .toEqual([['WAYLAY_UPSTREAM_CERTIFICATE', 'failed']]);
  });

  test.each(['--http1.1', '--http2'])('is explained by a 502 with the reason, %s', async (option) => {
    const nginx = await startNginx();
    const { waylay, caFile } = await startProxy({
      hosts: { 'shop.test': `127.0.0.1:${nginx.httpsPort}` },
      upstreamErrors: 'respond',
    });
    const { code, status, body } = await curl(waylay, '--cacert', caFile, option, 'https://shop.test/');
    expect({ code, status }).toEqual({ code: 0, status: 502 });
    expect(body).toMatch(/^WAYLAY_UPSTREAM_CERTIFICATE: .*not issued by a trusted authority/);
  });

  test('is ignored on request', async () => {
    const nginx = await startNginx();
    const { waylay, caFile } = await startProxy({
      hosts: { 'shop.test': `127.0.0.1:${nginx.httpsPort}` },
      ignoreHTTPSErrors: true,
    });
    const { code, status } = await curl(waylay, '--cacert', caFile, 'https://shop.test/');
    expect({ code, status }).toEqual({ code: 0, status: 200 });
  });
});
