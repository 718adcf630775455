/** Proxies that a test's traffic goes through behind Waylay: one for HTTP, one for SOCKS. */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { DIRECT } from '../../src/net/direct.js';
import { listening, type Origin, serverLeaf } from '../servers.js';

/** A proxy is another process, though not here: its connections are not routed where this one's are. */
const DIRECTLY = { [DIRECT]: true };

/** Requests to a proxy: `CONNECT shop.test:443`, `GET http://shop.test/`, `SOCKS5 shop.test:443`. */
export interface ProxyOrigin extends Origin {
  readonly seen: string[];
  /** Heads that came to the HTTP proxy, in order. */
  readonly heads: readonly string[][];
}

interface HttpProxyOptions {
  /** Ports of this machine that names stand for: nobody else knows them. */
  names?: Record<string, number>;
  /** Over TLS, with a certificate for this name. */
  secure?: string;
  /** `user:password` */
  credentials?: string | undefined;
  /** Takes the place of what a CONNECT or a request comes to. */
  answer?: (socket: Socket) => void;
  /** Ports that it makes tunnels to; default all. */
  tunnels?: readonly number[];
}

/** A forward proxy over HTTP. */
export async function httpProxy(options: HttpProxyOptions = {}): Promise<ProxyOrigin> {
  const { names = {}, secure, credentials, answer, tunnels } = options;
  const seen: string[] = [];
  const heads: string[][] = [];
  const note = ({ method, url, rawHeaders }: IncomingMessage): void => {
    seen.push(`${method} ${url}`);
    heads.push(rawHeaders);
  };
  const admitted = ({ headers }: IncomingMessage): boolean =>
    credentials === undefined ||
    headers['proxy-authorization'] === `Basic ${Buffer.from(credentials).toString('base64')}`;

  const server =
    secure === undefined
      ? createServer()
      : createHttpsServer({ SNICallback: (_, done) => done(null, serverLeaf(secure).context) });
  server.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    note(request);
    socket.on('error', () => {});
    const [name = '', port = ''] = (request.url ?? '').split(':');
    if (answer !== undefined) answer(socket);
    else if (!admitted(request)) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="corp"\r\n\r\n');
    } else if (tunnels?.includes(Number(port)) === false) socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    else relay(socket, names[name], head, 'HTTP/1.1 200 Fine\r\n\r\n', 'HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  const forward = (request: IncomingMessage, response: ServerResponse): void => {
    note(request);
    if (answer !== undefined) {
      answer(request.socket);
      return;
    }
    if (!admitted(request)) {
      response.writeHead(407, { 'Proxy-Authenticate': 'Basic realm="corp"' }).end('who are you?');
      return;
    }
    const { hostname, pathname, search } = new URL(request.url ?? '');
    const onward = httpRequest({
      host: '127.0.0.1',
      port: names[hostname],
      ...DIRECTLY,
      method: request.method,
      path: pathname + search,
      headers: request.headers,
    });
    onward.on('response', (answered) => {
      response.writeHead(answered.statusCode ?? 0, answered.rawHeaders);
      answered.pipe(response);
    });
    onward.on('error', () => response.writeHead(502).end('no such server'));
    request.pipe(onward);
  };
  server.on('request', forward);
  server.on('checkContinue', forward);
  return { ...(await listening(server)), seen, heads };
}

function relay(
  socket: Socket,
  port: number | undefined,
  head: Buffer,
  granted: string | Buffer,
  refused: string | Buffer,
): void {
  if (port === undefined) {
    socket.end(refused);
    return;
  }
  const upstream = connect({ port, host: '127.0.0.1', ...DIRECTLY }, () => {
    // A server's first bytes come together with the proxy's answer.
    let greeted = false;
    const greet = (greeting: Buffer | undefined): void => {
      if (greeted) return;
      greeted = true;
      socket.write(greeting === undefined ? granted : Buffer.concat([Buffer.from(granted), greeting]));
      upstream.write(head);
      socket.pipe(upstream).pipe(socket);
    };
    if (speaksFirst.has(port)) upstream.once('data', greet);
    else greet(undefined);
  });
  upstream.on('error', () => socket.destroy());
  upstream.on('close', () => socket.destroy());
  socket.on('close', () => upstream.destroy());
}

/** Ports of servers that speak before their clients do. */
export const speaksFirst = new Set<number>();

interface SocksOptions {
  names?: Record<string, number>;
  /** `user:password`; of SOCKS 4 the user alone. */
  credentials?: string | undefined;
}

/** A SOCKS server that knows CONNECT (RFC 1928, RFC 1929, and SOCKS 4a). */
export async function socksProxy({ names = {}, credentials }: SocksOptions = {}): Promise<ProxyOrigin> {
  const seen: string[] = [];
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    serveSocks(reader(socket), socket, { names, credentials }, seen).catch(() => socket.destroy());
  });
  return { ...(await listening(server)), seen, heads: [] };
}

async function serveSocks(
  read: (length: number) => Promise<Buffer>,
  socket: Socket,
  { names = {}, credentials }: SocksOptions,
  seen: string[],
): Promise<void> {
  const text = async (): Promise<string> => {
    let result = '';
    for (let byte = await read(1); byte[0] !== 0; byte = await read(1)) result += byte.toString('latin1');
    return result;
  };
  const [version] = await read(1);
  if (version === 4) {
    const head = await read(7);
    const user = await text();
    const ip = head.subarray(3);
    // SOCKS 4a: an address that cannot be, and the name after the user.
    const name = ip[0] === 0 && ip[1] === 0 && ip[2] === 0 ? await text() : ip.join('.');
    seen.push(`SOCKS4 ${name}:${head.readUInt16BE(1)} ${user}`);
    const reply = (code: number) => Buffer.from([0, code, 0, 0, 0, 0, 0, 0]);
    relay(socket, names[name], Buffer.alloc(0), reply(90), reply(91));
    return;
  }
  const methods = await read((await read(1))[0] ?? 0);
  if (credentials === undefined) socket.write(Buffer.from([5, 0]));
  else if (!methods.includes(2)) {
    socket.end(Buffer.from([5, 255]));
    return;
  } else {
    socket.write(Buffer.from([5, 2]));
    await read(1);
    const user = await read((await read(1))[0] ?? 0);
    const password = await read((await read(1))[0] ?? 0);
    const right = `${user}:${password}` === credentials;
    socket.write(Buffer.from([1, right ? 0 : 1]));
    if (!right) return;
  }
  const type = (await read(4))[3];
  const name = type === 3 ? (await read((await read(1))[0] ?? 0)).toString() : (await read(4)).join('.');
  seen.push(`SOCKS5 ${name}:${(await read(2)).readUInt16BE()}`);
  const reply = (code: number) => Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]);
  relay(socket, names[name], Buffer.alloc(0), reply(0), reply(4));
}

/** Reads so many bytes and no more. */
function reader(socket: Socket): (length: number) => Promise<Buffer> {
  return async (length) => {
    if (length === 0) return Buffer.alloc(0);
    for (;;) {
      const bytes = socket.read(length) as Buffer | null;
      if (bytes !== null) return bytes;
      await new Promise<void>((resolve, reject) => {
        socket.once('readable', resolve);
        socket.once('end', () => reject(new Error('ended')));
      });
    }
  };
}
