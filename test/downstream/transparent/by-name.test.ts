/** Clients that were led here by a name: `transparent: 'name'`. curl's --connect-to stands for their name service. */
import { beforeEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { dialTcp } from '../../client.js';
import { bareEnvironment, startProxy } from '../../interop/proxy.js';
import { closedPort, httpOrigin, httpsOrigin, listening, publicAuthority } from '../../servers.js';
import { type RunResult, requireTool, run } from '../../tools.js';
import { told } from './redirected.js';

beforeEach((ctx) => requireTool(ctx, 'curl'));

/** curl, for which every name leads to a port of this machine. */
function curl(port: number, ...args: string[]): Promise<RunResult> {
  const led = ['--connect-to', `::127.0.0.1:${port}`, '--noproxy', '*'];
  return run('curl', ['-q', '--silent', '--show-error', ...led, ...args], { env: bareEnvironment });
}

describe('plain HTTP goes to what Host says', () => {
  test('with its port', async () => {
    const origin = await httpOrigin((req, res) => res.end(`got ${req.url} of ${req.headers.host}`));
    const { waylay } = await startProxy({ transparent: 'name', hosts: { 'shop.test': '127.0.0.1' } });
    const url = `http://Shop.test:${origin.port}/a`;
    const { stdout } = await curl(waylay.port, url, '-H', `Host: Shop.test:${origin.port}`);
    // The client wrote it so.
    expect(stdout).toBe(`got /a of Shop.test:${origin.port}`);
    expect(told(waylay)).toEqual([
      { url: url.toLowerCase(), source: 'upstream', to: `host-header shop.test ${origin.port}` },
    ]);
  });

  test('for each request of a connection', async () => {
    const origin = await httpOrigin((req, res) => res.end(`of ${req.headers.host}`));
    const { waylay } = await startProxy({ transparent: 'name', hosts: { '*.test': `127.0.0.1:${origin.port}` } });
    const { stdout } = await curl(waylay.port, 'http://a.test/', 'http://a.test/', '-H', 'Host: b.test');
    expect(stdout).toBe('of b.testof b.test');
    const client = dialTcp(waylay.port);
    client.write('GET / HTTP/1.1\r\nHost: a.test\r\n\r\nGET / HTTP/1.1\r\nHost: c.test\r\n\r\n');
    await client.until(/of a\.test.*of c\.test/s);
    expect(told(waylay).map(({ url }) => url)).toEqual([
      'http://b.test/',
      'http://b.test/',
      'http://a.test/',
      'http://c.test/',
    ]);
  });

  test('for WebSockets as well', async () => {
    const server = new WebSocketServer({ noServer: true });
    const origin = await httpOrigin((_, res) => res.end());
    origin.server.on('upgrade', (request, socket, head) => {
      server.handleUpgrade(request, socket, head, (ws) => ws.on('message', (data) => ws.send(`echo ${data}`)));
    });
    const { waylay } = await startProxy({ transparent: 'name', hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
    const socket = new WebSocket(`ws://127.0.0.1:${waylay.port}/chat`, { headers: { host: 'shop.test' } });
    const answer = await new Promise((resolve, reject) => {
      socket.on('error', reject).on('open', () => socket.send('hello'));
      socket.on('message', (data) => resolve(String(data)));
    });
    socket.terminate();
    expect(answer).toBe('echo hello');
    expect(told(waylay)).toMatchObject([{ url: 'http://shop.test/chat', to: 'host-header shop.test 80' }]);
  });
});

describe('TLS goes to the server name', () => {
  test('at port 443', async () => {
    const origin = await httpsOrigin((req, res) => res.end(`secure ${req.httpVersion}`), { name: 'shop.test' });
    const { waylay, caFile } = await startProxy({
      transparent: 'name',
      hosts: { 'shop.test': `127.0.0.1:${origin.port}` },
      trustedRoots: publicAuthority.pem,
    });
    const { stdout, stderr } = await curl(waylay.port, '--cacert', caFile, 'https://shop.test/a');
    expect([stderr, stdout]).toEqual(['', 'secure 2.0']);
    expect(told(waylay)).toEqual([{ url: 'https://shop.test/a', source: 'upstream', to: 'sni shop.test 443' }]);
  });

  test('at the port that the option has for it', async () => {
    const origin = await httpsOrigin((_, res) => res.end('secure'), { name: 'shop.test' });
    const { waylay, caFile } = await startProxy({
      transparent: { by: 'name', ports: { '*.test': origin.port } },
      hosts: { 'shop.test': '127.0.0.1' },
      trustedRoots: publicAuthority.pem,
    });
    const url = `https://shop.test:${origin.port}/a`;
    expect((await curl(waylay.port, '--cacert', caFile, url)).stdout).toBe('secure');
    expect(told(waylay)).toEqual([{ url, source: 'upstream', to: `sni shop.test ${origin.port}` }]);
  });

  test('or, without one, to what Host says', async () => {
    const origin = await httpsOrigin((req, res) => res.end(`secure ${req.headers.host}`), {
      name: '127.0.0.1',
      alpn: ['http/1.1'],
    });
    const { waylay, caFile } = await startProxy({ transparent: 'name', trustedRoots: publicAuthority.pem });
    const url = `https://127.0.0.1:${origin.port}/a`;
    const { stdout, stderr } = await curl(waylay.port, '--cacert', caFile, url);
    expect([stderr, stdout]).toEqual(['', `secure 127.0.0.1:${origin.port}`]);
    expect(told(waylay)).toEqual([{ url, source: 'upstream', to: `host-header 127.0.0.1 ${origin.port}` }]);
  });

  test('and ends in a reset where that cannot be reached, with the reason in the journal', async () => {
    const { waylay, caFile } = await startProxy({
      transparent: 'name',
      hosts: { 'shop.test': `127.0.0.1:${await closedPort()}` },
    });
    for (const scheme of ['http', 'https']) {
      const { stderr } = await curl(waylay.port, '--cacert', caFile, `${scheme}://shop.test/`);
      expect(stderr).toMatch(/reset/i);
    }
    expect(told(waylay).map(({ error }) => error)).toEqual(['WAYLAY_UPSTREAM_REFUSED', 'WAYLAY_UPSTREAM_REFUSED']);
  });
});

test('stubs answer for hosts that exist nowhere, and expectations and mutations hold', async () => {
  const { waylay, caFile } = await startProxy({ transparent: 'name' });
  waylay.stubResponse('https://nowhere.invalid/', 'stub');
  waylay.stubResponse('http://nowhere.invalid/', 'plain stub');
  waylay.mutate('https://nowhere.invalid/', { response: { text: (text) => `${text}, changed` } });
  const asked = waylay.expectRequest('https://nowhere.invalid/');
  expect((await curl(waylay.port, '--cacert', caFile, 'https://nowhere.invalid/')).stdout).toBe('stub, changed');
  expect((await curl(waylay.port, 'http://nowhere.invalid/')).stdout).toBe('plain stub');
  await asked;
});

test('explicit clients are served as ever, on the same port', async () => {
  const origin = await httpOrigin((req, res) => res.end(`got ${req.url}`));
  const { waylay } = await startProxy({ transparent: 'name' });
  const target = `http://127.0.0.1:${origin.port}`;
  for (const [option, path] of [
    [['--proxy', waylay.url], '/explicit'],
    [['--proxy', waylay.url, '--proxytunnel'], '/connect'],
    [['--proxy', waylay.url.replace('http', 'socks5h')], '/socks'],
  ] as const) {
    const { stdout } = await run('curl', ['-q', '-sS', ...option, `${target}${path}`], { env: bareEnvironment });
    expect(stdout).toBe(`got ${path}`);
  }
  expect(told(waylay).map(({ to }) => to.split(' ')[0])).toEqual(['absolute-form', 'connect', 'socks']);
});

test.each([
  ['GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n'],
  ['GET / HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n'],
  ['GET / HTTP/1.0\r\n\r\n'],
  ['GET / HTTP/1.1\r\nHost: not a host\r\n\r\n'],
  ['HELO there\r\n\r\n'],
])('%j gets a 400 that explains the port', async (request) => {
  const { waylay } = await startProxy({ transparent: 'name' });
  const client = dialTcp(waylay.port);
  client.write(request.replace('PORT', String(waylay.port)));
  expect(await client.until(/transparent: 'kernel'.*'name'/s)).toMatch(/^HTTP\/1\.1 400 .*WAYLAY_NO_DESTINATION/s);
  expect(waylay.exchanges).toEqual([]);
});

test('nobody is redirected without the option', async () => {
  const origin = await listening((await import('node:http')).createServer((_, res) => res.end('reached')));
  const { waylay, caFile } = await startProxy({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
  for (const scheme of ['http', 'https']) {
    const { stdout } = await curl(waylay.port, '--cacert', caFile, `${scheme}://shop.test/`);
    expect(stdout).toMatch(/^WAYLAY_NO_DESTINATION/);
  }
  expect(origin.connections()).toBe(0);
});
