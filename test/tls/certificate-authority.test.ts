import { createHash, createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, isIPv6 } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CertificateAuthority } from '../../src/tls/certificate-authority.js';
import { type LeafTemplate, leafTemplate } from '../../src/tls/leaf.js';
import { leafKey, leafSpki } from '../../src/tls/leaf-key.js';
import type { Defect } from '../../src/tls/upstream-certificate.js';
import { requireTool, run } from '../tools.js';
import { handshake, nodeVerdict, serve } from './handshakes.js';

const DAY = 86_400_000;
const now = Date.now();
const authority = CertificateAuthority.create(now);
const clients = fileURLToPath(new URL('./clients/', import.meta.url));
const nodeKnowsIPv6 =
  tls.checkServerIdentity('::1', { subjectaltname: 'IP Address:0:0:0:0:0:0:0:1' } as tls.PeerCertificate) === undefined;
const isAddress = (name: string) => /^[\d.]+$|:/.test(name);

function template(fields: Partial<LeafTemplate> = {}, host = 'shop.test'): LeafTemplate {
  return { ...leafTemplate({ serverName: undefined, host, upstream: undefined, now }), ...fields };
}

let folder: string;
let caFile: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waylay-ca-'));
  caFile = join(folder, 'ca.pem');
  await writeFile(caFile, authority.pem);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the authority', () => {
  test('is valid from yesterday', () => {
    const certificate = new X509Certificate(authority.pem);
    expect(certificate.ca).toBe(true);
    expect(certificate.subject).toMatch(/^O=Waylay\nCN=Waylay CA [0-9a-f]{8}$/);
    expect(certificate.issuer).toBe(certificate.subject);
    expect(Date.parse(certificate.validFrom)).toBeLessThanOrEqual(now - DAY);
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(now + 365 * DAY);
  });

  test('has a name and a key of its own', () => {
    const [one, other] = [authority, CertificateAuthority.create(now)].map(({ pem }) => new X509Certificate(pem));
    expect(one?.subject).not.toBe(other?.subject);
    expect(one && other?.publicKey.equals(one.publicKey)).toBe(false);
  });

  test('makes one leaf for one template', () => {
    const leaf = authority.leaf(template());
    expect(authority.leaf(template())).toBe(leaf);
    expect(authority.leaf(template({}, 'other.test'))).not.toBe(leaf);
    expect(CertificateAuthority.create(now).leaf(template())).not.toBe(leaf);
  });

  test('keeps the 500 leaves used last', { timeout: 60_000 }, () => {
    const small = CertificateAuthority.create(now);
    const at = (i: number) => small.leaf(template({}, `n${i}.test`));
    const leaves = Array.from({ length: 500 }, (_, i) => at(i));
    expect(at(0)).toBe(leaves[0]);
    at(500);
    expect(at(0)).toBe(leaves[0]);
    expect(at(2)).toBe(leaves[2]);
    expect(at(1)).not.toBe(leaves[1]);
  });

  test('gives sound leaves the one key whose hash is pinned', () => {
    for (const host of ['a.test', 'b.test', '127.0.0.1']) {
      const leaf = new X509Certificate(CertificateAuthority.create(now).leaf(template({}, host)).pem);
      const spki = leaf.publicKey.export({ type: 'spki', format: 'der' });
      expect(createHash('sha256').update(spki).digest('base64')).toBe(leafSpki());
    }
    expect(createPublicKey(createPrivateKey(leafKey().pem)).asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  });

  test('shows no private key', () => {
    expect(authority.leaf(template()).pem + authority.pem).not.toContain('PRIVATE');
    expect(JSON.stringify(authority)).not.toContain('PRIVATE');
  });
});

/** Templates of every shape that clients have to accept, each with a name that it is for. */
const LONG = `${'a'.repeat(63)}.${'b'.repeat(63)}.test`;
const many = Array.from({ length: 300 }, (_, i) => `n${i}.test`);
const longAgo = new Date('1949-12-31T23:59:59Z');
const sound: [what: string, template: LeafTemplate, name: string][] = [
  ['a name', template(), 'shop.test'],
  ['a wildcard', template({ dnsNames: ['*.shop.test'] }), 'www.shop.test'],
  ['an international name', template({}, 'bücher.test'), 'xn--bcher-kva.test'],
  ['a name beyond 64 characters, and thus no subject', template({}, LONG), LONG],
  ['a subject in UTF-8', template({ commonName: 'Bücher 𝕏', organization: 'Läden & Söhne, "AG"' }), 'shop.test'],
  ['an IPv4 address', template({}, '127.0.0.1'), '127.0.0.1'],
  ['an IPv6 address', template({}, '2001:db8::1'), '2001:db8::1'],
  ['many names', template({ dnsNames: many }), 'n299.test'],
  [
    'dates before 1950 and from 2050',
    template({ notBefore: longAgo, notAfter: new Date('2050-01-01T00:00:00Z') }),
    'shop.test',
  ],
  ['no end', template({ notAfter: new Date('9999-12-31T23:59:59Z') }), 'shop.test'],
];

/** One server for each leaf, as `port/name`. */
async function serveAll(leaves: readonly (readonly [unknown, LeafTemplate, name: string])[]) {
  const servers = await Promise.all(leaves.map(([, fields]) => serve(authority.leaf(fields).context)));
  return {
    targets: leaves.map(([, , name], i) => `${servers[i]?.port}/${name}`),
    async [Symbol.asyncDispose]() {
      for (const server of servers) await server[Symbol.asyncDispose]();
    },
  };
}

describe('clients that trust the authority accept', () => {
  test.for(sound)('a leaf for %s: node', async ([, fields, name], ctx) => {
    if (isIPv6(name) && !nodeKnowsIPv6) ctx.skip('this Node (22.23) takes no certificate for an IPv6 address');
    await using server = await serve(authority.leaf(fields).context);
    expect(await nodeVerdict(server.port, authority.pem, name)).toBe('ok');
    expect(await nodeVerdict(server.port, authority.pem, 'stranger.test')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test.for(sound)('a leaf for %s: openssl verify, strictly', async ([, fields, name], ctx) => {
    requireTool(ctx, 'openssl');
    const { pem } = authority.leaf(fields);
    const verify = (checked: string) => {
      const strict = ['-x509_strict', '-check_ss_sig', '-purpose', 'sslserver', '-no-CApath', '-CAfile', caFile];
      return run('openssl', ['verify', ...strict, isAddress(checked) ? '-verify_ip' : '-verify_hostname', checked], {
        input: pem,
      });
    };
    expect(await verify(name)).toEqual({ code: 0, stdout: 'stdin: OK\n', stderr: '' });
    expect((await verify('stranger.test')).stderr).toMatch(/hostname mismatch/i);
  });

  test.for(sound)('a leaf for %s: curl', async ([, fields, name], ctx) => {
    requireTool(ctx, 'curl');
    await using server = await serve(authority.leaf(fields).context);
    const host = name.includes(':') ? `[${name}]` : name;
    const to = ['--connect-to', `${host}:443:127.0.0.1:${server.port}`];
    const result = await run('curl', ['-sS', '--noproxy', '*', '--cacert', caFile, ...to, `https://${host}/`]);
    expect(result).toEqual({ code: 0, stdout: 'ok', stderr: '' });
  });

  test('all leaves: python, strictly', async (ctx) => {
    requireTool(ctx, 'python3');
    await using servers = await serveAll(sound);
    const stranger = servers.targets[0]?.replace('shop.test', 'stranger.test') ?? '';
    const args = [join(clients, 'handshake.py'), ...servers.targets, stranger];
    const { stdout, stderr } = await run('python3', args, { input: authority.pem });
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toEqual([
      ...sound.map(() => 'TLSv1.3'),
      expect.stringContaining("Hostname mismatch, certificate is not valid for 'stranger.test'"),
    ]);
  });

  test('all leaves: java', { timeout: 120_000 }, async (ctx) => {
    requireTool(ctx, 'java');
    await using servers = await serveAll(sound);
    const stranger = servers.targets[0]?.replace('shop.test', 'stranger.test') ?? '';
    const args = [join(clients, 'Handshake.java'), ...servers.targets, stranger];
    const { stdout, stderr } = await run('java', args, { input: authority.pem, timeout: 100_000 });
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toEqual([
      ...sound.map(() => 'TLSv1.3'),
      'CertificateException: No subject alternative DNS name matching stranger.test found.',
    ]);
  });

  test.for(['1_2', '1_3'])('a leaf over TLS %s: openssl s_client', async (version, ctx) => {
    requireTool(ctx, 'openssl');
    await using server = await serve(authority.leaf(template()).context);
    const args = ['-connect', `127.0.0.1:${server.port}`, '-servername', 'shop.test', '-verify_hostname', 'shop.test'];
    const strict = [
      '-verify_return_error',
      '-x509_strict',
      '-no-CApath',
      '-CAfile',
      caFile,
      `-tls${version}`,
      '-brief',
    ];
    const { code, stdout, stderr } = await run('openssl', ['s_client', ...args, ...strict], { input: 'Q\n' });
    expect(code).toBe(0);
    expect(stdout + stderr).toContain('Verification: OK');
    expect(stdout + stderr).toContain(`Protocol version: TLSv${version.replace('_', '.')}`);
  });
});

describe('clients that do not trust the authority', () => {
  test('refuse its leaves', async () => {
    await using server = await serve(authority.leaf(template()).context);
    const stranger = CertificateAuthority.create(now);
    expect(await nodeVerdict(server.port, stranger.pem, 'shop.test')).toBe('SELF_SIGNED_CERT_IN_CHAIN');
  });
});

describe('the defect of a leaf', () => {
  const expired = { notBefore: new Date(now - 20 * DAY), notAfter: new Date(now - 10 * DAY) };
  const early = { notBefore: new Date(now + 10 * DAY), notAfter: new Date(now + 20 * DAY) };
  const cases: [Defect, Partial<LeafTemplate>, node: string, python: RegExp][] = [
    ['expired', expired, 'CERT_HAS_EXPIRED', /certificate has expired/],
    ['not-yet-valid', early, 'CERT_NOT_YET_VALID', /certificate is not yet valid/],
    ['wrong-host', { dnsNames: ['other.test'] }, 'ERR_TLS_CERT_ALTNAME_INVALID', /Hostname mismatch/],
    ['self-signed', {}, 'DEPTH_ZERO_SELF_SIGNED_CERT', /self.signed certificate/],
    ['untrusted', {}, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', /unable to get local issuer certificate/],
  ];

  test.for(cases)('is found by clients that trust the authority: %s', async ([defect, fields, code]) => {
    await using server = await serve(authority.leaf(template({ ...fields, defect })).context);
    expect(await nodeVerdict(server.port, authority.pem, 'shop.test')).toBe(code);
  });

  test('is found by python: all of them', async (ctx) => {
    requireTool(ctx, 'python3');
    await using servers = await serveAll(
      cases.map(([defect, fields]) => [defect, template({ ...fields, defect }), 'shop.test']),
    );
    const python = await run('python3', [join(clients, 'handshake.py'), ...servers.targets], { input: authority.pem });
    expect(python.stdout.trim().split('\n')).toEqual(cases.map(([, , , message]) => expect.stringMatching(message)));
  });

  test.for(cases)('comes with a key that is not pinned: %s', ([defect, fields]) => {
    const leaf = new X509Certificate(authority.leaf(template({ ...fields, defect })).pem);
    const spki = leaf.publicKey.export({ type: 'spki', format: 'der' });
    expect(createHash('sha256').update(spki).digest('base64')).not.toBe(leafSpki());
  });

  test('leaves an issuer where it is self-signed without any name', () => {
    const nameless = { commonName: undefined, organization: undefined, dnsNames: [], ipAddresses: [] };
    const { issuer, subject } = new X509Certificate(
      authority.leaf(template({ ...nameless, defect: 'self-signed' })).pem,
    );
    expect(issuer).toBe('CN=self-signed');
    expect(subject).toBe(issuer);
  });
});

describe('Chromium that pins the leaf key', { timeout: 120_000 }, () => {
  /** The page it shows, and what it logs. */
  async function open(port: number) {
    const profile = await mkdtemp(join(tmpdir(), 'waylay-pin-'));
    try {
      const pin = [`--user-data-dir=${profile}`, `--ignore-certificate-errors-spki-list=${leafSpki()}`];
      const network = ['--no-proxy-server', '--host-resolver-rules=MAP shop.test 127.0.0.1, MAP * ~NOTFOUND'];
      const args = ['--headless', '--no-sandbox', '--disable-gpu', ...pin, ...network, '--dump-dom'];
      return await run('chromium', [...args, `https://shop.test:${port}/`], { timeout: 50_000 });
    } finally {
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    }
  }

  test('accepts a sound leaf', async (ctx) => {
    requireTool(ctx, 'chromium');
    await using server = await serve(authority.leaf(template()).context);
    expect((await open(server.port)).stdout).toContain('>ok<');
  });

  test.for(['self-signed', 'untrusted', 'expired'] as const)('refuses one that is %s', async (defect, ctx) => {
    requireTool(ctx, 'chromium');
    const past = { notBefore: new Date(now - 20 * DAY), notAfter: new Date(now - 10 * DAY) };
    const fields = defect === 'expired' ? { ...past, defect } : { defect };
    await using server = await serve(authority.leaf(template(fields)).context);
    const { stdout, stderr } = await open(server.port);
    expect(stdout).not.toContain('ok');
    // ERR_CERT_AUTHORITY_INVALID: it trusts the key and not the authority.
    expect(stderr).toContain('net_error -202');
  });
});

describe('the context of a leaf', () => {
  const versions: tls.SecureVersion[] = ['TLSv1.2', 'TLSv1.3'];

  /** Connects twice, the second time with the session of the first. */
  async function expectResumption(port: number, version: tls.SecureVersion, servername: string): Promise<void> {
    const options = { ca: authority.pem, servername, minVersion: version, maxVersion: version, ALPNProtocols: ['h2'] };
    const session = await handshake(port, options, async (socket) => {
      expect(socket.getProtocol()).toBe(version);
      expect(socket.alpnProtocol).toBe('h2');
      expect(socket.isSessionReused()).toBe(false);
      // In TLS 1.3 the ticket comes after the handshake.
      if (version === 'TLSv1.2') return socket.getSession();
      const [ticket] = await once(socket, 'session');
      return ticket;
    });
    await handshake(port, { ...options, session }, (socket) => {
      expect(socket.isSessionReused()).toBe(true);
      expect(socket.authorized).toBe(true);
      expect(socket.alpnProtocol).toBe('h2');
    });
  }

  test.for(versions)('resumes sessions on other connections, over %s', async (version) => {
    await using server = await serve(authority.leaf(template()).context, { ALPNProtocols: ['h2'] });
    await expectResumption(server.port, version, 'shop.test');
  });

  test.for(versions)('serves a tls.Server that chooses by name, over %s', async (version) => {
    const server = tls.createServer({
      SNICallback: (name, done) => done(null, authority.leaf(template({}, name)).context),
      ALPNProtocols: ['h2', 'http/1.1'],
    });
    server.on('tlsClientError', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      await expectResumption(port, version, 'a.test');
      await expectResumption(port, version, 'b.test');
    } finally {
      server.close();
    }
  });
});
