/** Things borrowed of undici, of the copy of it in Node, and of other packages (docs/internals.md). */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import type { ClientHttp2Session } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import asn1, { type Asn1 } from 'node-forge/lib/asn1.js';
import { SocksClient } from 'socks';
import { buildConnector, type Dispatcher, type Client as UndiciClient } from 'undici';
import { onTestFinished, test } from 'vitest';
import { root } from '../../scripts/command.mjs';
import { requireOwn } from '../../src/runtime/own-require.js';
import { httpsOrigin, tcpServer } from '../servers.js';
import { borrowed, bySymbol } from './borrowed.js';

const { version } = requireOwn('undici/package.json') as { version: string };

test('undici has a client of its own file, which writes its head as text, and calls the older kind of handler', async () => {
  const holds = borrowed("Undici's client, its writes and its handlers", `undici ${version}`);
  const Client = requireOwn('undici/lib/dispatcher/client.js') as typeof UndiciClient;
  holds(typeof Client === 'function', 'undici/lib/dispatcher/client.js is the class Client');
  let response = 'HTTP/1.1 200 Fine\r\nX-One: 1\r\nContent-Length: 2\r\n\r\nok';
  const { port } = await tcpServer((socket) => void socket.on('data', (chunk) => answered(socket, chunk)));
  const answered = (socket: Socket, chunk: Buffer): void => {
    if (/(^|\n)(0\r\n\r\n|.*body)$/.test(chunk.toString('latin1'))) socket.write(response);
  };
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const written: unknown[] = [];
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  Object.assign(socket, {
    write: (...args: unknown[]) => {
      written.push(args[0]);
      return write(...args);
    },
  });
  const client = new Client('http://upstream.invalid', {
    pipelining: 1,
    connect: (_options, callback) => queueMicrotask(() => callback(null, socket)),
  });
  onTestFinished(() => client.destroy());
  const send = (headers: string[], body: Readable): Promise<Record<string, unknown[]>> =>
    new Promise((resolve, reject) => {
      const said: Record<string, unknown[]> = {};
      const handler: Dispatcher.DispatchHandler = {
        onConnect: (...args) => void (said.connect = args),
        onHeaders: (...args) => {
          said.headers = args;
          return true;
        },
        onData: (...args) => {
          said.data = args;
          return true;
        },
        onComplete: (...args) => {
          said.complete = args;
          resolve(said);
        },
        onError: reject,
      };
      client.dispatch({ method: 'POST', path: '/', headers, body, reset: false }, handler);
    });

  const chunked = await send([], Readable.from([Buffer.from('a body')]));
  const [head, first] = written;
  holds(typeof head === 'string', 'the first that is written of a request is text: its head');
  holds(String(head).endsWith('transfer-encoding: chunked\r\n'), 'the head of a body of no known length ends so');
  holds(String(first).startsWith('\r\n'), 'the first chunk begins with the line break that ends the head');
  holds(
    written.some((part) => Buffer.isBuffer(part)),
    'the bytes of a body are written as bytes',
  );

  written.length = 0;
  response = 'HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 Fine\r\nContent-Length: 2\r\n\r\nok';
  await send(['content-length', '6'], Readable.from([Buffer.from('a body')]));
  holds(String(written[0]).endsWith('content-length: 6\r\n\r\n'), 'the head of a body of known length ends so');
  holds(Buffer.isBuffer(written[1]), 'its bytes follow as they are');

  const { connect: connected, headers: fields, data, complete } = chunked;
  holds(typeof connected?.[0] === 'function', 'onConnect gets what aborts the request');
  const [status, raw, resume, text] = fields ?? [];
  const isRaw = Array.isArray(raw) && Buffer.isBuffer(raw[0]) && raw[0].toString() === 'X-One';
  holds(status === 200 && isRaw && typeof resume === 'function' && text === 'Fine', 'onHeaders gets the raw fields');
  holds(Buffer.isBuffer(data?.[0]), 'onData gets bytes');
  holds(complete !== undefined, 'onComplete is called at the end');
});

// It needs Node 22.
const newest = Number.parseInt(process.versions.node, 10) < 22 ? [] : ['undici-8'];

/** Looks where undici keeps its dispatchers, after a process has loaded what is named. */
function dispatchersAfter(load: string): Record<string, { name: string; options: boolean } | null> {
  const look = `
    void globalThis.Headers;
    ${load}
    const seen = {};
    for (const name of ['undici.globalDispatcher.1', 'undici.globalDispatcher.2']) {
      const dispatcher = globalThis[Symbol.for(name)];
      const own = dispatcher && Object.getOwnPropertySymbols(dispatcher).find((one) => one.description === 'options');
      seen[name] = dispatcher ? { name: dispatcher.constructor.name, options: own !== undefined } : null;
    }
    console.log(JSON.stringify(seen));`;
  const env = { PATH: process.env.PATH };
  return JSON.parse(execFileSync(process.execPath, ['-e', look], { cwd: root, env, encoding: 'utf8' }));
}

test.each(['Node', 'undici-5', 'undici-6', 'undici', ...newest])(
  'the dispatcher behind fetch is found by a symbol, and says how to make others like it: %s',
  (name) => {
    const holds = borrowed("Undici's global dispatcher", `Node ${process.version} with ${name}`);
    const seen = dispatchersAfter(name === 'Node' ? '' : `require(${JSON.stringify(name)}).getGlobalDispatcher();`);
    const all = Object.values(seen).filter((one) => one !== null);
    holds(all.length > 0, 'it is kept at Symbol.for("undici.globalDispatcher.1") or ….2');
    for (const { name: kind, options } of all) {
      if (kind === 'Dispatcher1Wrapper')
        holds(all.length === 2, 'the wrapper for older versions has what it wraps beside it');
      else holds(kind === 'Agent' && options, `it is an Agent with a symbol \`options\`, not ${kind}`);
    }
  },
);

test.each(['undici-5', 'undici-6', 'undici', ...newest])(
  'sockets and sessions of HTTP/2 are known as those of undici: %s',
  async (name) => {
    const holds = borrowed("Undici's symbols `client` and `http2Session`", `Node ${process.version} with ${name}`);
    const { port } = await httpsOrigin((_request, response) => response.end('ok'));
    const { Client } = requireOwn(name) as { Client: typeof UndiciClient };
    const connector = buildConnector({ rejectUnauthorized: false, allowH2: true });
    let socket: Socket | undefined;
    const client = new Client(`https://localhost:${port}`, {
      allowH2: true,
      connect: (options, callback) => {
        connector(options, (...args) => {
          [, socket] = args as unknown as [null, Socket];
          callback(...args);
        });
      },
    });
    onTestFinished(() => client.destroy());
    const { body, headers } = await client.request({ method: 'GET', path: '/' });
    await body.dump();
    holds(
      headers['transfer-encoding'] === undefined && socket !== undefined,
      'it speaks HTTP/2 where it is allowed to',
    );
    const session = bySymbol(socket ?? {}, 'http2Session') as ClientHttp2Session | undefined;
    holds(session !== undefined, 'a socket that carries HTTP/2 has a symbol `http2Session`');
    const owner = bySymbol(session ?? {}, 'client') as { dispatch?: unknown } | undefined;
    holds(typeof owner?.dispatch === 'function', 'its session has a symbol `client`, whose value can dispatch');
  },
);

test('node-forge reads and writes DER by a file of its own', () => {
  const { version } = requireOwn('node-forge/package.json') as { version: string };
  const holds = borrowed('`node-forge/lib/asn1.js`', `node-forge ${version}`);
  const oid = asn1.oidToDer('2.5.4.3');
  holds(typeof oid.getBytes === 'function', 'oidToDer() gives bytes');
  holds(asn1.derToOid(oid.getBytes()) === '2.5.4.3', 'derToOid() reads them');
  const whole = asn1.create(0, 16, true, [asn1.create(0, 3, false, '\0\x01\x02')]);
  const read = asn1.fromDer(asn1.toDer(whole).getBytes(), { decodeBitStrings: false });
  const [bits] = read.value as Asn1[];
  holds(bits?.value === '\0\x01\x02', 'fromDer() leaves bit strings as they are');
});

test('get-port is one file of JavaScript, with its licence beside it', () => {
  const folder = join(root, 'node_modules', 'get-port');
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const holds = borrowed('The file of get-port', `get-port ${version}`);
  const code = readFileSync(join(folder, 'index.js'), 'utf8');
  const imports = [...code.matchAll(/\bfrom '([^']+)'/g)].map(([, name = '']) => name);
  holds(/^export default /m.test(code), 'index.js has a default export');
  holds(
    imports.every((name) => name.startsWith('node:')),
    `it imports nothing but Node's own: ${imports}`,
  );
  holds(existsSync(join(folder, 'license')), 'the file `license` is there');
});

test('socks hands over what came with the answer in the next turn, as data', async () => {
  const { version } = requireOwn('socks/package.json') as { version: string };
  const holds = borrowed('What socks leaves in a socket', `socks ${version}`);
  const { port } = await tcpServer((socket) => {
    socket.once('data', () => {
      socket.write(Buffer.of(5, 0)); // RFC 1928, section 3: no authentication
      socket.once('data', () => socket.write(Buffer.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...Buffer.from('early'))));
    });
  });
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  await SocksClient.createConnection({
    command: 'connect',
    existing_socket: socket,
    proxy: { host: '127.0.0.1', port, type: 5 },
    destination: { host: 'shop.test', port: 80 },
  });
  let early = '';
  socket.on('data', (chunk) => {
    early += chunk;
  });
  await turn();
  holds(early === 'early', 'what came with the answer is emitted within a turn, and not before');
  holds(socket.readableFlowing === true, 'the socket is left flowing');
});
