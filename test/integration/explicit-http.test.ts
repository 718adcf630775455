import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { dialTcp } from '../client.js';
import { httpOrigin, tcpServer, testProxy } from '../servers.js';

describe('in explicit HTTP', () => {
  test('absolute-form goes out in origin-form; order and case of fields are kept both ways', async () => {
    let seen = '';
    const origin = await tcpServer((socket) => {
      socket.on('data', (chunk) => {
        seen += chunk.toString('latin1');
        if (!seen.includes('\r\n\r\n')) return;
        socket.write(
          'HTTP/1.1 200 Very Well\r\nX-Zebra: 1\r\nSet-Cookie: a=1\r\ncontent-LENGTH: 2\r\nSet-Cookie: b=2\r\nX-aPPle: \xe9\r\n\r\nok',
          'latin1',
        );
      });
    });
    const proxy = await testProxy();
    const client = dialTcp(proxy.port);
    client.write(
      `GET http://127.0.0.1:${origin.port}/a?b=c HTTP/1.1\r\nX-First: 1\r\nhOSt: 127.0.0.1:${origin.port}\r\nProxy-Connection: keep-alive\r\nAccept: */*\r\nX-dup: 1\r\nX-DUP: 2\r\nConnection: close, X-Hop\r\nX-Hop: gone\r\nX-Last: \xe9\r\n\r\n`,
    );
    const response = await client.end();
    expect(seen).toBe(
      `GET /a?b=c HTTP/1.1\r\nX-First: 1\r\nhOSt: 127.0.0.1:${origin.port}\r\nAccept: */*\r\nX-dup: 1\r\nX-DUP: 2\r\nX-Last: \xe9\r\n\r\n`,
    );
    expect(response).toBe(
      'HTTP/1.1 200 Very Well\r\nX-Zebra: 1\r\nSet-Cookie: a=1\r\ncontent-LENGTH: 2\r\nSet-Cookie: b=2\r\nX-aPPle: \xe9\r\nConnection: close\r\n\r\nok',
    );
    const [exchange] = proxy.journal.exchanges;
    expect(exchange).toMatchObject({ source: 'upstream', destination: { source: 'absolute-form' }, ended: true });
    expect(exchange?.request.url).toBe(`http://127.0.0.1:${origin.port}/a?b=c`);
    expect(exchange?.response?.text()).toBe('ok');
  });

  test('a connection is kept alive at both ends', async () => {
    const origin = await httpOrigin((request, response) => response.end(request.url));
    const proxy = await testProxy();
    const client = dialTcp(proxy.port);
    for (const path of ['/one', '/two', '/three']) {
      client.write(`GET http://127.0.0.1:${origin.port}${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await client.until(new RegExp(`${path}$`));
    }
    expect(origin.connections()).toBe(1);
  });

  test('clients share no connection to an upstream', async () => {
    const origin = await httpOrigin((request, response) => response.end(request.url));
    const proxy = await testProxy();
    const clients = [dialTcp(proxy.port), dialTcp(proxy.port)];
    for (const path of ['/one', '/two']) {
      for (const client of clients) {
        client.write(`GET http://127.0.0.1:${origin.port}${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
        await client.until(new RegExp(`${path}$`));
      }
    }
    expect(origin.connections()).toBe(clients.length);
  });

  test('names below localhost are this machine, though DNS knows none of them', async () => {
    const origin = await httpOrigin((request, response) => response.end(request.headers.host));
    const proxy = await testProxy();
    const client = dialTcp(proxy.port);
    client.write(`GET http://shop.dev.localhost:${origin.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    await client.until(new RegExp(`shop.dev.localhost:${origin.port}$`));
  });

  test('pipelined requests are answered in order', async () => {
    const origin = await httpOrigin((request, response) => response.end(`<${request.url}>`));
    const proxy = await testProxy();
    const client = dialTcp(proxy.port);
    const request = (path: string) => `GET http://127.0.0.1:${origin.port}${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
    client.write(request('/1') + request('/2') + request('/3'));
    const received = await client.until(/<\/3>/);
    expect(received.match(/<\/\d>/g)).toEqual(['</1>', '</2>', '</3>']);
  });

  test.each([
    ['length-delimited', 'Content-Length: 5\r\n\r\nhello'],
    ['chunked', 'Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n'],
  ])('a %s request body arrives as it is', async (_, rest) => {
    const origin = await httpOrigin(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      response.end(`${request.headers['content-length'] ?? request.headers['transfer-encoding']}:${body}`);
    });
    const proxy = await testProxy();
    const client = dialTcp(proxy.port);
    client.write(`POST http://127.0.0.1:${origin.port}/ HTTP/1.1\r\nHost: x\r\n${rest}`);
    const received = await client.until(/:hello/);
    expect(received).toMatch(/(5|chunked):hello/);
    expect(proxy.journal.exchanges[0]?.request.text()).toBe('hello');
  });

  test.each([
    ['chunked', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'],
    ['delimited by the end of the connection', '\r\nhello'],
    ['length-delimited', 'Content-Length: 5\r\n\r\nhello'],
  ])('a %s response arrives in full', async (_, rest) => {
    const origin = await tcpServer((socket) => socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n${rest}`)));
    const proxy = await testProxy();
    const client = dialTcp(proxy.port);
    client.write(`GET http://127.0.0.1:${origin.port}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(await client.end()).toMatch(/hello/);
    expect(proxy.journal.exchanges[0]).toMatchObject({ error: undefined, ended: true });
    expect(proxy.journal.exchanges[0]?.response?.text()).toBe('hello');
  });

  test('HEAD, 204 and 304 have no body, whatever their fields say', async () => {
    const origin = await httpOrigin((request, response) => {
      response.writeHead(Number(request.url?.slice(1)), {
        'x-status': request.url,
        ...(request.method === 'HEAD' && { 'content-length': '99' }),
      });
      response.end();
    });
    const proxy = await testProxy();
    const client = dialTcp(proxy.port);
    for (const [method, status] of [
      ['HEAD', 200],
      ['GET', 204],
      ['GET', 304],
    ] as const) {
      client.write(`${method} http://127.0.0.1:${origin.port}/${status} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await client.until(new RegExp(`x-status: /${status}[\\s\\S]*\r\n\r\n$`));
    }
    expect(client.received).toContain('content-length: 99');
    expect(origin.connections()).toBe(1);
  });

  test('an origin-form request to the proxy itself is told how to use it', async () => {
    const proxy = await testProxy();
    const client = dialTcp(proxy.port);
    client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(await client.end()).toMatch(/^HTTP\/1.1 400 .*WAYLAY_NO_DESTINATION.*curl --proxy/s);
  });

  test('a connection that says nothing is ended by stop', async () => {
    const proxy = await testProxy();
    const client = dialTcp(proxy.port);
    await once(client.socket, 'connect');
    await proxy.stop();
    await client.end();
    expect(client.closed).toBe(true);
  });
});
