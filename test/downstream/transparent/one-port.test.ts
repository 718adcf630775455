/** Who comes to the port with and without redirection, and what keeps redirected traffic from going round in circles. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { requireTool } from '../../tools.js';
import { ROUTER, SERVERS } from './network.js';
import { at, http, https, ownNetwork, redirectedWaylay, serve, told } from './redirected.js';

const [SHOP] = SERVERS;
const it = ownNetwork();

test('redirected, explicit, CONNECT and SOCKS clients are served at once', async () => {
  await serve(http('plain'), SHOP, 80);
  await serve(https('secure', 'shop.test'), SHOP, 443);
  const { waylay, ca } = await redirectedWaylay(it.network, { hosts: { 'shop.test': SHOP } });
  const proxy = `${ROUTER}:${waylay.port}`;
  const names = [...at('shop.test', 80, SHOP), ...at('shop.test', 443, SHOP)];
  const bodies = await Promise.all([
    it.network.curl(...names, 'http://shop.test/redirected'),
    it.network.curl(...ca, ...names, 'https://shop.test/redirected'),
    it.network.curl('--proxy', `http://${proxy}`, 'http://shop.test/explicit'),
    it.network.curl(...ca, '--proxy', `http://${proxy}`, 'https://shop.test/connect'),
    it.network.curl('--proxy', `socks4a://${proxy}`, 'http://shop.test/socks4a'),
    it.network.curl(...ca, '--proxy', `socks5h://${proxy}`, 'https://shop.test/socks5h'),
  ]);
  expect(bodies.map(({ stdout }) => stdout)).toEqual([
    'plain 1.1 shop.test /redirected',
    'secure 2.0 shop.test /redirected',
    'plain 1.1 shop.test /explicit',
    'secure 2.0 shop.test /connect',
    'plain 1.1 shop.test /socks4a',
    'secure 2.0 shop.test /socks5h',
  ]);
  expect(
    told(waylay)
      .map(({ url, to }) => `${to} ${new URL(url).pathname}`)
      .sort(),
  ).toEqual([
    'absolute-form shop.test 80 /explicit',
    'connect shop.test 443 /connect',
    `kernel ${SHOP} 443 /redirected`,
    `kernel ${SHOP} 80 /redirected`,
    'socks shop.test 443 /socks5h',
    'socks shop.test 80 /socks4a',
  ]);
});

describe('a connection to the port itself', () => {
  test('is told how to use the port, over HTTP, TLS and anything else', async () => {
    const { waylay, ca } = await redirectedWaylay(it.network);
    const said = /^WAYLAY_NO_DESTINATION: .*this is a proxy and no server.*transparent: 'kernel'.*'name'/is;
    const plain = await it.network.curl('--write-out', ' %{http_code}', `http://${ROUTER}:${waylay.port}/`);
    expect(plain.stdout).toMatch(said);
    expect(plain.stdout).toMatch(/ 400$/);
    // The leaf is for the address that the proxy listens on, which the client cannot know.
    const secure = await it.network.curl(...ca, '--insecure', `https://${ROUTER}:${waylay.port}/`);
    expect(secure.stdout).toMatch(said);
    const script = `require('net').connect(${waylay.port}, '${ROUTER}').on('data', (d) => process.stdout.write(d)).write('EHLO\\r\\n\\r\\n')`;
    const other = await it.network.client('node', ['-e', script]);
    expect(other.stdout).toMatch(/^HTTP\/1\.1 400 .*WAYLAY_NO_DESTINATION: This is a proxy and no server/s);
    expect(waylay.exchanges).toEqual([]);
  });

  test('is told so from the same machine, without any rule', async () => {
    const { waylay } = await redirectedWaylay(it.network);
    const response = await fetch(`http://127.0.0.1:${waylay.port}/`);
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('WAYLAY_NO_DESTINATION')]);
  });

  test('goes nowhere with a request for one of its own addresses', async () => {
    const { waylay } = await redirectedWaylay(it.network);
    const own = `${ROUTER}:${waylay.port}`;
    const { stderr, code } = await it.network.curl('--proxy', `http://${own}`, `http://${own}/`);
    expect([code, stderr]).toEqual([56, expect.stringContaining('reset')]);
    expect(told(waylay)).toMatchObject([{ error: 'WAYLAY_UPSTREAM_LOOP' }]);
  });
});

describe('rules for what the machine itself sends', () => {
  const output = (what: string, port: number) => `
    table inet waylay {
      chain output {
        type nat hook output priority -100
        ${what} tcp dport { 80, 443 } redirect to :${port}
      }
    }`;

  test('that do not leave out the proxy lead its connections back to it, and round once', async () => {
    await serve(http('plain'), SHOP, 80);
    await serve(https('secure', 'shop.test'), SHOP, 443);
    const { waylay, ca } = await redirectedWaylay(it.network);
    await it.network.nft(output('', waylay.port));
    const plain = await it.network.router('curl', ['-sS', '--max-time', '20', `http://${SHOP}/`]);
    expect(plain.stderr).toMatch(/reset/);
    const names = at('shop.test', 443, SHOP);
    const secure = await it.network.router('curl', ['-sS', '--max-time', '20', ...ca, ...names, 'https://shop.test/']);
    expect(secure.stderr).toMatch(/reset/);
    expect(told(waylay)).toMatchObject([
      { source: 'failed', error: 'WAYLAY_UPSTREAM_LOOP' },
      { source: 'failed', error: 'WAYLAY_UPSTREAM_LOOP' },
    ]);
    expect(waylay.exchanges[0]?.error?.message).toContain('leave out the proxy');
  });

  test.for(['::', '127.0.0.1'])('may redirect one user, who is not the proxy’s, to %s', async (host, ctx) => {
    requireTool(ctx, 'setpriv');
    const isMapped = (await readFile('/proc/self/uid_map', 'utf8')).trim().split(/\s+/)[2] !== '1';
    if (!isMapped) ctx.skip('in this user namespace there is one user only');
    await serve(http('plain'), SHOP, 80);
    const { waylay } = await redirectedWaylay(it.network, { host });
    await it.network.nft(output('meta skuid 65534', waylay.port));
    const { stdout, stderr } = await it.network.router('setpriv', [
      ...['--reuid', '65534', '--clear-groups', 'curl', '-sS', '--max-time', '20', `http://${SHOP}/`],
    ]);
    expect([stderr, stdout]).toEqual(['', `plain 1.1 ${SHOP} /`]);
    expect(told(waylay)).toEqual([{ url: `http://${SHOP}/`, source: 'upstream', to: `kernel ${SHOP} 80` }]);
  });
});
