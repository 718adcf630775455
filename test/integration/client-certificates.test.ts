import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createSecureServer } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { ProxyOptions } from '../../src/options.js';
import { resolveOptions } from '../../src/options.js';
import { buildCertificate, certificatePem } from '../../src/tls/certificate.js';
import { createSigningKey } from '../../src/tls/signing-key.js';
import type { ClientCertificate } from '../../src/upstream/client-certificates.js';
import { ask, exchangeThrough, VERSIONS } from '../exchange-client.js';
import { closedPort, listening, type Origin, testProxy } from '../servers.js';
import { requireTool, run } from '../tools.js';
import { httpProxy } from './proxies.js';
import { ended } from './traffic.js';

const validity = { notBefore: new Date(Date.now() - 86_400_000), notAfter: new Date(Date.now() + 86_400_000) };
const issuer = { name: { commonName: 'Root of the test' }, key: createSigningKey() };
const trustedRoots = certificatePem(
  buildCertificate({ subject: issuer.name, key: issuer.key, use: 'authority', ...validity }, issuer),
);

/** Made by openssl: the client's certificate, its key without and with a passphrase, and both as PFX. */
interface Files {
  readonly cert: string;
  readonly key: string;
  readonly lockedKey: string;
  readonly pfx: string;
  readonly otherKey: string;
}

/** They stay for all tests of this file. */
let folder: string | undefined;
afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

async function makeFiles(): Promise<Files> {
  folder = await mkdtemp(join(tmpdir(), 'waylay-certificates-'));
  const cwd = folder;
  const openssl = async (...args: string[]) => {
    const { code, stderr } = await run('openssl', args, { cwd });
    if (code !== 0) throw new Error(stderr);
  };
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl('req', '-x509', ...ec, '-subj', '/CN=me', '-days', '2', '-keyout', 'me.key', '-out', 'me.pem');
  await openssl('pkcs8', '-topk8', '-in', 'me.key', '-passout', 'pass:open sesame', '-out', 'locked.key');
  await openssl('pkcs12', '-export', '-in', 'me.pem', '-inkey', 'me.key', '-passout', 'pass:open', '-out', 'me.pfx');
  const at = (name: string) => join(cwd, name);
  await writeFile(at('other.key'), createSigningKey().pem);
  return {
    cert: at('me.pem'),
    key: at('me.key'),
    lockedKey: at('locked.key'),
    pfx: at('me.pfx'),
    otherKey: at('other.key'),
  };
}

/** Says who came; nobody comes in without the certificate. */
async function guarded({ cert }: Files, { required = true } = {}): Promise<Origin> {
  const key = createSigningKey();
  const use = { dnsNames: ['localhost', 'shop.test'], ipAddresses: [] };
  const server = createSecureServer({
    allowHTTP1: true,
    cert: certificatePem(buildCertificate({ subject: { commonName: 'shop.test' }, key, use, ...validity }, issuer)),
    key: key.pem,
    ca: await readFile(cert),
    requestCert: true,
    rejectUnauthorized: required,
  });
  server.on('request', ({ stream, socket }, response) => {
    const session = (stream?.session?.socket ?? socket) as TLSSocket;
    response.end(`hello ${session.getPeerCertificate().subject?.CN ?? 'stranger'}`);
  });
  return listening(server);
}

let files: Files;
beforeEach(async (ctx) => {
  requireTool(ctx, 'openssl');
  files ??= await makeFiles();
});

async function start(entries: readonly ClientCertificate[], more: ProxyOptions = {}) {
  const proxy = await testProxy({ trustedRoots, clientCertificates: entries, ...more });
  return { proxy, address: { port: proxy.port, ca: { pem: proxy.caPem } } };
}

describe('a client certificate', () => {
  test.each(VERSIONS)('is shown to its origin, over %s', async (version) => {
    const origin = await guarded(files);
    const url = `https://localhost:${origin.port}`;
    const { address } = await start([{ origin: url, certPath: files.cert, keyPath: files.key }]);
    const received = await exchangeThrough(address, version, { url });
    expect(received).toMatchObject({ status: 200, body: Buffer.from('hello me'), error: undefined });
  });

  const shapes: Record<string, () => Promise<Omit<ClientCertificate, 'origin'>>> = {
    bytes: async () => ({ cert: await readFile(files.cert), key: await readFile(files.key) }),
    texts: async () => ({ cert: await readFile(files.cert, 'utf8'), key: await readFile(files.key, 'utf8') }),
    'a locked key': async () => ({ certPath: files.cert, keyPath: files.lockedKey, passphrase: 'open sesame' }),
    'a PFX': async () => ({ pfxPath: files.pfx, passphrase: 'open' }),
    'the bytes of a PFX': async () => ({ pfx: await readFile(files.pfx), passphrase: 'open' }),
  };
  test.each(Object.keys(shapes))('may be given as %s', async (shape) => {
    const origin = await guarded(files);
    const url = `https://localhost:${origin.port}`;
    const entry = await (shapes[shape] as (typeof shapes)[string])();
    const { address } = await start([{ origin: `${url}/`, ...entry }]);
    expect((await exchangeThrough(address, 'h2', { url })).body.toString()).toBe('hello me');
  });

  test('is shown to no other origin', async () => {
    const one = await guarded(files, { required: false });
    const other = await guarded(files, { required: false });
    const entry = { certPath: files.cert, keyPath: files.key };
    const { address } = await start([{ origin: `https://localhost:${one.port}`, ...entry }], {
      hosts: { 'shop.test': `127.0.0.1:${one.port}` },
    });
    const said = async (url: string) => (await exchangeThrough(address, 'http/1.1', { url })).body.toString();
    expect(await said(`https://localhost:${one.port}`)).toBe('hello me');
    expect(await said(`https://localhost:${other.port}`)).toBe('hello stranger');
    // The same server by another name is another origin.
    expect(await said(`https://shop.test:${one.port}`)).toBe('hello stranger');
  });

  test.each(['HTTPS://localhost', 'https://LOCALHOST', 'https://localhost.'])('is shown to %s', async (written) => {
    const origin = await guarded(files);
    const { address } = await start([
      { origin: `${written}:${origin.port}`, certPath: files.cert, keyPath: files.key },
    ]);
    const received = await exchangeThrough(address, 'h2', { url: `https://localhost:${origin.port}` });
    expect(received).toMatchObject({ body: Buffer.from('hello me'), error: undefined });
  });

  test.each([
    ['https://*.test', 'https://shop.test'],
    ['api.test:8443', 'https://api.test:8443'],
    ['wss://api.test', 'https://api.test'],
    ['https://api.test:65536', 'https://api.test'],
  ])('for %s is refused with what to write', async (written, write) => {
    const entry = { origin: written, certPath: files.cert, keyPath: files.key };
    await expect(start([entry])).rejects.toThrow(`'${write}' for the origin that it has: `);
  });

  test('for an origin of http: is taken, and shown to nobody', async () => {
    const origin = await guarded(files, { required: false });
    const entry = { origin: `http://localhost:${origin.port}`, certPath: files.cert, keyPath: files.key };
    const { address } = await start([entry]);
    const received = await exchangeThrough(address, 'h2', { url: `https://localhost:${origin.port}` });
    expect(received.body.toString()).toBe('hello stranger');
    await expect(start([{ ...entry, passphrase: 'wrong', keyPath: files.lockedKey }])).rejects.toThrow(
      /^The entry 0 of the option 'clientCertificates' \(http:\/\/localhost:\d+\) cannot be used/,
    );
  });

  test('does not make a broken upstream certificate good', async () => {
    const origin = await guarded(files, { required: false });
    const url = `https://localhost:${origin.port}`;
    const entry = { origin: url, certPath: files.cert, keyPath: files.key };
    const { proxy, address } = await start([entry], { trustedRoots: [] });
    await expect(ask(address, 'http/1.1', { url })).rejects.toThrow();
    expect((await ended(proxy)).error?.code).toBe('WAYLAY_UPSTREAM_CERTIFICATE');
  });

  test('goes through the upstream proxy', async () => {
    const origin = await guarded(files);
    const through = await httpProxy({ names: { 'shop.test': origin.port } });
    const entry = { origin: 'https://shop.test', certPath: files.cert, keyPath: files.key };
    const { address } = await start([entry], { upstreamProxy: { server: `127.0.0.1:${through.port}` } });
    const received = await exchangeThrough(address, 'h2', { url: 'https://shop.test/' });
    expect(received.body.toString()).toBe('hello me');
    expect(through.seen).toEqual(['CONNECT shop.test:443']);
  });

  test.each(VERSIONS)('that is missing leaves the upstream to say so, over %s', async (version) => {
    const origin = await guarded(files);
    const { proxy, address } = await start([]);
    const received = await exchangeThrough(address, version, { url: `https://localhost:${origin.port}` });
    expect(received.status).toBeUndefined();
    const { error } = await ended(proxy);
    expect(error).toMatchObject({ code: 'WAYLAY_UPSTREAM_RESET', fault: 'upstream' });
    expect(error?.message).toMatch(/certificate required.*alert number 116/);
  });
});

describe('an entry that cannot be used', () => {
  const origin = 'https://api.test';
  const entries: Record<string, [entry: () => Omit<ClientCertificate, 'origin'>, message: RegExp]> = {
    'has no file': [
      () => ({ certPath: '/nowhere/me.pem', keyPath: files.key }),
      /has a certPath that cannot be read: ENOENT, '\/nowhere\/me\.pem'\. Give the path of a file/,
    ],
    'has a wrong passphrase': [
      () => ({ certPath: files.cert, keyPath: files.lockedKey, passphrase: 'hunter2' }),
      /cannot be used: .*\. Is the passphrase right/,
    ],
    'has no passphrase': [() => ({ certPath: files.cert, keyPath: files.lockedKey }), /cannot be used: /],
    'has a wrong passphrase of a PFX': [
      () => ({ pfxPath: files.pfx, passphrase: 'hunter2' }),
      /cannot be used: mac verify failure\. Is the passphrase right/,
    ],
    'has the key of another': [() => ({ certPath: files.cert, keyPath: files.otherKey }), /cannot be used: .*key/],
    'is no PEM': [() => ({ cert: 'hunter2', key: 'hunter2' }), /cannot be used: /],
  };
  test.each(Object.keys(entries))('%s', async (name) => {
    const [entry, message] = entries[name] as (typeof entries)[string];
    const port = await closedPort();
    const good = { origin: 'https://shop.test', certPath: files.cert, keyPath: files.key };
    const error = await start([good, { origin, ...entry() }], { port }).then(
      () => undefined,
      (cause: Error) => cause,
    );
    expect(error).toMatchObject({
      code: 'WAYLAY_INVALID_OPTION',
      fault: 'test',
      message: expect.stringMatching(message),
    });
    expect(error?.message).toMatch(/^The entry 1 of the option 'clientCertificates' \(https:\/\/api\.test\)/);
    expect(error?.message).not.toContain('hunter2');
  });

  test.each([
    [{ origin, certPath: 'a.pem' }],
    [{ origin, keyPath: 'a.key' }],
    [{ origin, passphrase: 'hunter2' }],
    [{ origin, certPath: 'a.pem', keyPath: 'a.key', pfxPath: 'a.pfx' }],
    [{ origin: 'https://api.test/path', certPath: 'a.pem', keyPath: 'a.key' }],
    [{ origin: 'api.test', certPath: 'a.pem', keyPath: 'a.key' }],
    [{ certPath: 'a.pem', keyPath: 'a.key' }],
    [{ origin, cert: 5, key: 'hunter2' }],
    [{ origin, pfx: 'hunter2' }],
    [{ origin, certificate: 'a.pem', keyPath: 'a.key' }],
    [null],
  ])('%j is refused with an example', (entry) => {
    expect(() => resolveOptions({ clientCertificates: [entry] } as never)).toThrow(
      expect.objectContaining({
        code: 'WAYLAY_INVALID_OPTION',
        message: expect.stringMatching(
          /^(?!.*hunter2).*Write clientCertificates: \[\{ origin: 'https:\/\/api\.test:8443'/,
        ),
      }),
    );
  });
});
