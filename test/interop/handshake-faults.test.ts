/** curl, openssl and Python on handshakes that the interceptor lets fail. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { TestError } from '../../src/errors.js';
import type { HandshakeFault } from '../../src/interceptor.js';
import { ALERTS, type AlertName } from '../../src/tls/alert.js';
import { httpsOrigin, testProxy } from '../servers.js';
import { requireTool, run } from '../tools.js';
import { curl } from './curl.js';
import { bareEnvironment, startProxy, temporaryFolder } from './proxy.js';

const error = new TestError('WAYLAY_FAULT', 'The test asked for it.');
const SSL_CONNECT_ERROR = 35;
const PEER_FAILED_VERIFICATION = 60;

/** In the order of the columns: the words of curl, the code and words of OpenSSL, the words of Python. */
const defects = [
  {
    leaf: 'expired',
    curl: /certificate has expired/,
    openssl: '10 (certificate has expired)',
    python: /certificate has expired/,
  },
  {
    leaf: 'wrong-host',
    curl: /no alternative certificate subject name matches target host name 'shop\.test'/,
    openssl: '62 (hostname mismatch)',
    python: /Hostname mismatch, certificate is not valid for 'shop\.test'/i,
  },
  {
    leaf: 'self-signed',
    curl: /self.signed certificate/,
    openssl: '18 (self-signed certificate)',
    python: /self.signed certificate/,
  },
] as const;
const alerts: AlertName[] = ['handshake_failure', 'certificate_unknown', 'protocol_version', 'internal_error'];

/** A proxy in front of https://shop.test/ with the fault, whose CA is in a file. */
async function shop(fault: HandshakeFault) {
  const origin = await httpsOrigin((_, response) => response.end('fine'), { name: 'shop.test' });
  const proxy = await testProxy(
    { hosts: { 'shop.test': `127.0.0.1:${origin.port}` } },
    { onHandshake: ({ host }) => (host === 'shop.test' ? fault : undefined) },
  );
  const caFile = join(await temporaryFolder(), 'ca.pem');
  await writeFile(caFile, proxy.caPem);
  const journal = () =>
    proxy.journal.exchanges.map(({ request, source, error }) => [request.method, source, error?.code]);
  return { url: `http://127.0.0.1:${proxy.port}`, address: `127.0.0.1:${proxy.port}`, caFile, journal };
}

const refused = [['CONNECT', 'failed', 'WAYLAY_FAULT']];
const accepted = [['GET', 'upstream', undefined]];

describe.each(['--http1.1', '--http2'])('curl %s', (version) => {
  test.for(alerts)('is sent the alert %s', async (name, ctx) => {
    requireTool(ctx, 'curl');
    const proxy = await shop({ alert: ALERTS[name], error });
    const { code, stderr, status } = await curl(proxy, '--cacert', proxy.caFile, version, 'https://shop.test/');
    expect({ code, status }).toEqual({ code: SSL_CONNECT_ERROR, status: 0 });
    expect(stderr).toContain(`alert ${name.replaceAll('_', ' ')}`);
    expect(proxy.journal()).toEqual(refused);
  });

  test.for(defects)('finds that the leaf is $leaf', async ({ leaf, curl: words }, ctx) => {
    requireTool(ctx, 'curl');
    const proxy = await shop({ leaf, error });
    const { code, stderr, status } = await curl(proxy, '--cacert', proxy.caFile, version, 'https://shop.test/');
    expect({ code, status }).toEqual({ code: PEER_FAILED_VERIFICATION, status: 0 });
    expect(stderr).toMatch(words);
    await expect.poll(proxy.journal).toEqual(refused);
  });

  test.for(defects)('--insecure goes on although the leaf is $leaf', async ({ leaf }, ctx) => {
    requireTool(ctx, 'curl');
    const proxy = await shop({ leaf, error });
    const { code, body, httpVersion } = await curl(proxy, '--insecure', version, 'https://shop.test/');
    expect({ code, body, httpVersion }).toEqual({ code: 0, body: 'fine', httpVersion: version.slice(6) });
    expect(proxy.journal()).toEqual(accepted);
  });
});

describe.each(['-tls1_2', '-tls1_3'])('openssl s_client %s', (version) => {
  async function sClient({ address, caFile }: { address: string; caFile: string }, ...args: string[]) {
    const { stdout, stderr } = await run(
      'openssl',
      [
        ...['s_client', '-proxy', address, '-connect', 'shop.test:443', '-servername', 'shop.test'],
        ...['-CAfile', caFile, '-no-CApath', '-verify_hostname', 'shop.test', version, ...args],
      ],
      { input: 'Q\n', env: bareEnvironment },
    );
    return stdout + stderr;
  }

  test.for(alerts)('is sent the alert %s', async (name, ctx) => {
    requireTool(ctx, 'openssl');
    const proxy = await shop({ alert: ALERTS[name], error });
    expect(await sClient(proxy)).toContain(`SSL alert number ${ALERTS[name]}\n`);
    expect(proxy.journal()).toEqual(refused);
  });

  test.for(defects)('finds that the leaf is $leaf, and nothing else', async ({ leaf, openssl: verdict }, ctx) => {
    requireTool(ctx, 'openssl');
    const proxy = await shop({ leaf, error });
    // Without -verify_return_error it goes through the whole chain and lists all that it finds.
    const output = await sClient(proxy);
    expect(output).toContain(`Verify return code: ${verdict}`);
    expect([...new Set(output.match(/verify error:num=\d+/g))]).toEqual([`verify error:num=${verdict.slice(0, 2)}`]);
    // With it, it says so to the server.
    await expect.poll(proxy.journal).toEqual(refused);
    await sClient(proxy, '-verify_return_error');
    await expect.poll(proxy.journal).toEqual([...refused, ...refused]);
  });
});

describe('Python', () => {
  const program = fileURLToPath(new URL('clients/fetch.py', import.meta.url));

  async function fetch({ url, caFile }: { url: string; caFile: string }): Promise<unknown> {
    const { stdout } = await run('python3', [program, url, caFile, 'https://shop.test/'], { env: bareEnvironment });
    return JSON.parse(stdout);
  }

  test.for(alerts)('is sent the alert %s', async (name, ctx) => {
    requireTool(ctx, 'python3');
    const proxy = await shop({ alert: ALERTS[name], error });
    const words = new RegExp(`alert ${name.replaceAll('_', ' ')}`, 'i');
    expect(await fetch(proxy)).toEqual({ error: expect.stringMatching(words) });
    expect(proxy.journal()).toEqual(refused);
  });

  test.for(defects)('finds that the leaf is $leaf', async ({ leaf, python: words }, ctx) => {
    requireTool(ctx, 'python3');
    const proxy = await shop({ leaf, error });
    expect(await fetch(proxy)).toEqual({ error: expect.stringMatching(words) });
    await expect.poll(proxy.journal).toEqual(refused);
  });
});

describe('a mutation of a host that does not resolve', () => {
  test.for([
    [{ alert: 'unrecognized_name' }, SSL_CONNECT_ERROR, /unrecognized name/],
    [{ leaf: 'expired' }, PEER_FAILED_VERIFICATION, /certificate has expired/],
  ] as const)('fails the handshake as %o says', async ([tls, code, words], ctx) => {
    requireTool(ctx, 'curl');
    const { waylay, caFile } = await startProxy();
    const mutation = waylay.mutate('https://shop.invalid/**', { tls });
    const result = await curl(waylay, '--cacert', caFile, 'https://shop.invalid/');
    expect(result).toMatchObject({ code, stderr: expect.stringMatching(words) });
    await expect.poll(() => waylay.exchanges.map(({ error }) => error?.code)).toEqual(['WAYLAY_FAULT']);
    expect(waylay.exchanges[0]?.error?.message).toContain('handshake-faults.test.ts');
    expect(mutation.hits).toBe(1);
  });
});
