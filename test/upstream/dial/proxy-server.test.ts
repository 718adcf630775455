import { describe, expect, test } from 'vitest';
import { type ProxyOptions, resolveOptions } from '../../../src/options.js';
import { checkUpstreamProxy, parseProxyServer } from '../../../src/upstream/dial/proxy-server.js';

describe('the server of a proxy', () => {
  test.each([
    ['proxy.corp:3128', 'http://proxy.corp:3128'],
    ['proxy.corp', 'http://proxy.corp:80'],
    ['http://proxy.corp:80/', 'http://proxy.corp:80'],
    ['HTTPS://Proxy.Corp', 'https://proxy.corp:443'],
    ['socks5://[::1]', 'socks5://[::1]:1080'],
    ['socks5h://proxy.corp', 'socks5://proxy.corp:1080'],
    ['socks://proxy.corp', 'socks5://proxy.corp:1080'],
    ['socks4://proxy.corp:9050', 'socks4://proxy.corp:9050'],
  ])('is read of %s as %s', (server, name) => {
    expect(parseProxyServer({ server })).toMatchObject({ name, credentials: undefined });
  });

  test.each([
    [{ server: 'http://me:p%40ss%3A@proxy.corp' }, 'me', 'p@ss:'],
    [{ server: 'me:secret@proxy.corp:1' }, 'me', 'secret'],
    [{ server: 'http://me@proxy.corp' }, 'me', ''],
    [{ server: 'http://me:old@proxy.corp', username: 'you', password: 'new' }, 'you', 'new'],
  ])('is read of %j with its credentials', (option, username, password) => {
    const server = parseProxyServer(option);
    expect(server?.credentials).toEqual({ username, password });
    expect(server?.name).not.toContain(password || 'me');
  });
});

describe('the option of a proxy', () => {
  test.each([
    { server: 'http://proxy.corp:3128' },
    { server: 'proxy.corp:3128', bypass: '.com, chrome.org, .domain.com', username: 'me', password: 'secret' },
    { server: 'socks4://me@proxy.corp', bypass: undefined },
  ])('may be %j', (option) => {
    expect(checkUpstreamProxy(option)).toBeUndefined();
  });

  test.each([
    ['http://proxy.corp', 'server:'],
    [{}, 'server:'],
    [{ server: '' }, 'https://'],
    [{ server: 'ftp://proxy.corp' }, 'https://'],
    [{ server: 'http://proxy.corp:99999' }, 'https://'],
    [{ server: 'http://proxy.corp/path' }, 'https://'],
    [{ server: 'http://%zz@proxy.corp' }, 'https://'],
    [{ server: 'proxy.corp', port: 1 }, 'server:'],
    [{ server: 'proxy.corp', bypass: 'a b' }, 'bypass:'],
    [{ server: 'socks4://proxy.corp', username: 'me', password: 'x' }, 'socks5://'],
  ])('cannot be %j', (option, hint) => {
    expect(checkUpstreamProxy(option)).toContain(hint);
  });

  test.each([
    { server: 'ftp://me:hunter2@proxy.corp' },
    { server: 'me:hunter2@proxy corp' },
    { server: 'proxy.corp', password: 'hunter2', bypass: 'a b' },
    'http://me:hunter2@proxy.corp',
    'me:hunter2@proxy.corp',
  ])('is refused without its secret being said: %j', (upstreamProxy) => {
    expect(() => resolveOptions({ upstreamProxy } as ProxyOptions)).toThrow(
      expect.objectContaining({
        code: 'WAYLAY_INVALID_OPTION',
        message: expect.not.stringContaining('hunter2'),
      }),
    );
  });
});
