/** Whom the clients of this process trust while they are routed to a proxy, and what they show. */
import { once } from 'node:events';
import https from 'node:https';
import { connect as connectTcp } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  type ConnectionOptions,
  createSecureContext,
  type SecureContext,
  type TLSSocket,
  connect as tlsConnect,
} from 'node:tls';
import { expect, onTestFinished, test, vi } from 'vitest';
import { CertificateAuthority } from '../../src/tls/certificate-authority.js';
import { leafTemplate } from '../../src/tls/leaf.js';
import { leafKey } from '../../src/tls/leaf-key.js';
import { httpsOrigin, publicAuthority, serverLeaf, tlsServer } from '../servers.js';
import { routeHere } from './route-here.js';

function get(url: string, options: https.RequestOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    https
      .get(url, options, async (response) => {
        let text = '';
        for await (const chunk of response) text += chunk;
        resolve(text);
      })
      .on('error', reject);
  });
}

async function secured(options: ConnectionOptions): Promise<TLSSocket> {
  const socket = tlsConnect(options);
  await once(socket, 'secureConnect');
  return socket;
}

/** An authority that only one client knows. */
function privateServer() {
  const authority = CertificateAuthority.create(Date.now());
  const leaf = authority.leaf(
    leafTemplate({ serverName: undefined, host: 'private.test', upstream: undefined, now: Date.now() }),
  );
  return { authority, leaf };
}

test("a client's own roots hold for its server", async () => {
  const { authority, leaf } = privateServer();
  const origin = await httpsOrigin((_, response) => response.end('private'), { leaf });
  const { waylay } = await routeHere({ hosts: { 'private.test': `127.0.0.1:${origin.port}` } });
  expect(await get('https://private.test/', { ca: authority.pem })).toBe('private');
  // Another root is none for it, as without a proxy.
  await expect(get('https://private.test/', { ca: publicAuthority.pem })).rejects.toMatchObject({
    code: expect.stringMatching(/UNABLE_TO|SELF_SIGNED/),
  });
  await expect(get('https://private.test/', {})).rejects.toMatchObject({
    code: expect.stringMatching(/UNABLE_TO|SELF_SIGNED/),
  });
  expect(await get('https://private.test/', { rejectUnauthorized: false })).toBe('private');
  expect(waylay.exchanges.at(0)).toMatchObject({ source: 'upstream', request: { url: 'https://private.test/' } });
});

test('NODE_TLS_REJECT_UNAUTHORIZED=0 holds for every client of Node, and no longer than it is set', async () => {
  const { leaf } = privateServer();
  const origin = await httpsOrigin((_, response) => response.end('private'), { leaf });
  const { waylay } = await routeHere({ hosts: { 'private.test': `127.0.0.1:${origin.port}` } });
  const clients = {
    fetch: async () => (await fetch('https://private.test/')).text(),
    https: () => get('https://private.test/', { agent: false }),
    tls: async () => {
      const socket = await secured({ host: 'private.test', port: 443, servername: 'private.test' });
      socket.write('GET / HTTP/1.1\r\nHost: private.test\r\nConnection: close\r\n\r\n');
      return (await text(socket)).split('\r\n\r\n').at(-1);
    },
  };
  for (const ask of Object.values(clients)) await expect(ask()).rejects.toThrow();
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const ask of Object.values(clients)) expect(await ask()).toContain('private');
  vi.unstubAllEnvs();
  await expect(clients.https()).rejects.toThrow();
  expect(waylay.exchanges.filter(({ source }) => source === 'upstream')).toHaveLength(3);
});

test('TLS that is begun on a connection with a context of its own goes through', async () => {
  // @grpc/grpc-js does it so.
  const origin = await httpsOrigin((_, response) => response.end('real'));
  const { waylay } = await routeHere();
  waylay.stubResponse('https://nowhere.test/', 'stubbed');
  const begin = async (host: string, port: number, secureContext: SecureContext): Promise<string> => {
    const socket = await secured({ socket: connectTcp(port, host), servername: host, secureContext });
    socket.write(`GET / HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: close\r\n\r\n`);
    return (await text(socket)).split('\r\n\r\n').at(-1) ?? '';
  };
  expect(await begin('nowhere.test', 443, createSecureContext())).toBe('stubbed');
  expect(await begin('localhost', origin.port, createSecureContext())).toBe('real');
  expect(waylay.exchanges).toMatchObject([{ source: 'stub' }, { source: 'upstream' }]);
});

test("a client's own certificate is shown to its server", async () => {
  const { leaf } = privateServer();
  const origin = await httpsOrigin(
    (request, response) =>
      response.end(String((request.socket as TLSSocket).getPeerCertificate().subject?.CN ?? 'nobody')),
    { name: 'shop.test', alpn: ['http/1.1'] },
  );
  Object.assign(origin.server, { requestCert: true, rejectUnauthorized: false });
  await routeHere({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
  expect(await get('https://shop.test/', { cert: leaf.pem, key: leafKey().pem })).toBe('private.test');
  expect(await get('https://shop.test/', {})).toBe('nobody');
});

test('a context that the application made is used, and not changed', async () => {
  const { authority, leaf } = privateServer();
  const secureContext = createSecureContext({ ca: publicAuthority.pem });
  const origin = await tlsServer(serverLeaf('localhost'), () => {});
  const own = await routeHere();
  own.waylay.stubResponse('https://nowhere.test/', 'stubbed');
  expect(await get('https://nowhere.test/', { secureContext } as https.RequestOptions)).toBe('stubbed');
  await own.stop();

  const known = await secured({ host: 'localhost', port: origin.port, servername: 'localhost', secureContext });
  expect(known.authorized).toBe(true);
  known.destroy();
  const other = await tlsServer(leaf, () => {});
  const options = { host: '127.0.0.1', port: other.port, servername: 'private.test', secureContext };
  await expect(secured(options)).rejects.toMatchObject({ code: expect.stringMatching(/UNABLE_TO|SELF_SIGNED/) });
  expect(authority.pem).not.toBe(publicAuthority.pem);
});

test.each<['expired' | 'wrong-host' | 'self-signed', RegExp]>([
  ['expired', /CERT_HAS_EXPIRED/],
  ['wrong-host', /ERR_TLS_CERT_ALTNAME_INVALID/],
  ['self-signed', /SELF_SIGNED|UNABLE_TO_VERIFY/],
])('a leaf that is %s is refused, in a context of any kind', async (leaf, code) => {
  const { waylay } = await routeHere();
  waylay.stubResponse('https://nowhere.test/', 'stubbed');
  waylay.mutate({ host: 'nowhere.test' }, { tls: { leaf } });
  const secureContext = createSecureContext({});
  for (const options of [{}, { ca: publicAuthority.pem }, { secureContext }]) {
    await expect(
      secured({ host: 'nowhere.test', port: 443, servername: 'nowhere.test', ...options }),
    ).rejects.toMatchObject({
      code: expect.stringMatching(code),
    });
  }
});

test('TLS that begins later, on a connection that was routed here, trusts as well', async () => {
  const { waylay } = await routeHere();
  waylay.stubResponse('https://nowhere.test/', 'stubbed');
  const raw = connectTcp({ host: 'nowhere.test', port: 443 });
  await once(raw, 'connect');
  const socket = await secured({ socket: raw, servername: 'nowhere.test' });
  expect(socket.authorized).toBe(true);
});
