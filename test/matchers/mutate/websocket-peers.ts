/** A server of WebSockets, real clients of every kind, and the proxy with rules between them. */
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { Agent, ProxyAgent, WebSocket as UndiciWebSocket } from 'undici';
import { onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { Rules } from '../../../matchers/rules.js';
import type { Journal } from '../../../src/journal/journal.js';
import type { RunningProxy } from '../../../src/proxy.js';
import { connectThrough, RawClient, tlsThrough } from '../../client.js';
import type { ManualClock } from '../../manual-clock.js';
import { listening, publicAuthority, serverLeaf, testProxy } from '../../servers.js';

export const SCHEMES = ['ws', 'wss'] as const;
export type Scheme = (typeof SCHEMES)[number];

/** The server's words to everyone who comes: three frames of 7 bytes each. */
export const GREETING = ['hello', 'again', 'there'];
export const GREETED = Buffer.concat(
  GREETING.map((text) => Buffer.concat([Buffer.from([0x81, 5]), Buffer.from(text)])),
);

export interface Peers {
  readonly scheme: Scheme;
  readonly proxy: RunningProxy;
  readonly rules: Rules;
  /** The server's port. */
  readonly port: number;
  /** Requests it got. */
  readonly handshakes: IncomingMessage[];
  /** The server's ends of the WebSockets, as they were accepted. */
  readonly accepted: WebSocket[];
  /** A connection through the proxy, or straight to the server. */
  dial(direct?: boolean): Promise<Socket>;
}

/** @param decline the status by which the server declines */
export async function peers(
  scheme: Scheme,
  { clock, decline }: { clock?: ManualClock; decline?: number } = {},
): Promise<Peers> {
  const leaf = serverLeaf('chat.test');
  const server =
    scheme === 'ws' ? createHttpServer() : createHttpsServer({ SNICallback: (_, done) => done(null, leaf.context) });
  const sockets = new WebSocketServer({ noServer: true });
  const handshakes: IncomingMessage[] = [];
  const accepted: WebSocket[] = [];
  server.on('upgrade', (request, socket, head) => {
    handshakes.push(request);
    socket.on('error', () => {});
    if (decline !== undefined) {
      socket.end(`HTTP/1.1 ${decline} No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (one) => {
      one.on('error', () => {});
      one.on('message', (data, binary) => one.send(data, { binary }));
      accepted.push(one);
      for (const text of GREETING) one.send(text);
    });
  });
  const origin = await listening(server);
  const to = `127.0.0.1:${origin.port}`;
  let rules: Rules | undefined;
  const proxy = await testProxy(
    { hosts: { 'chat.test:80': to, 'chat.test:443': to } },
    (journal: Journal) => {
      rules = new Rules({ journal, ...(clock && { startTimer: clock.startTimer }) });
      return rules.interceptor;
    },
    clock && { clock },
  );
  const tls = (ca: string) => ({ ca, servername: 'chat.test', ALPNProtocols: ['http/1.1'] });
  const dial = async (direct = false): Promise<Socket> => {
    if (scheme === 'ws' && !direct) return connectThrough(proxy.port, 'chat.test:80');
    if (!direct) return tlsThrough(proxy.port, 'chat.test:443', tls(proxy.caPem));
    const socket =
      scheme === 'ws'
        ? connect(origin.port, '127.0.0.1')
        : tlsConnect({ port: origin.port, host: '127.0.0.1', ...tls(publicAuthority.pem) });
    onTestFinished(() => void socket.destroy());
    await once(socket, scheme === 'ws' ? 'connect' : 'secureConnect');
    return socket;
  };
  return { scheme, proxy, rules: rules as Rules, port: origin.port, handshakes, accepted, dial };
}

const HANDSHAKE = [
  'GET /chat HTTP/1.1',
  'Host: chat.test',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '',
  '',
].join('\r\n');

/** A client that asks for a WebSocket and shows what comes back byte for byte. */
export class RawChat {
  readonly raw: RawClient;
  /** In their order. */
  readonly pieces: Buffer[] = [];

  constructor(socket: Socket) {
    this.raw = new RawClient(socket);
    socket.on('data', (chunk) => this.pieces.push(chunk));
    this.raw.write(HANDSHAKE);
  }

  get head(): string {
    const { received } = this.raw;
    return received.slice(0, received.indexOf('\r\n\r\n') + 4);
  }

  /** Bytes after the head. */
  get stream(): Buffer {
    return Buffer.from(this.raw.received.slice(this.head.length), 'latin1');
  }

  /** Resolves when so many bytes have come after the head. */
  async bytes(count: number): Promise<Buffer> {
    while (this.head === '' || this.stream.length < count) {
      const before = this.raw.received.length;
      await this.raw.until(new RegExp(`^[^]{${before + 1}}`));
    }
    return this.stream;
  }

  /** Resolves to how the connection ended. */
  async end(): Promise<string> {
    await this.raw.end();
    return this.raw.error?.code ?? 'FIN';
  }

  /** Sends a text of at most 125 bytes, masked with zeros. */
  say(text: string): void {
    this.raw.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]));
  }
}

/** Runs a client of `ws`, until it has closed or has got so many messages. */
export async function wsClient({ dial, scheme }: Peers, messages = GREETING.length, direct = false): Promise<string[]> {
  const socket = await dial(direct);
  const client = new WebSocket(`${scheme}://chat.test/chat`, { createConnection: () => socket });
  onTestFinished(() => client.terminate());
  const events: string[] = [];
  return new Promise((resolve) => {
    client.on('unexpected-response', (_, response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve([...events, `${response.statusCode} ${body}`]));
    });
    client.on('open', () => events.push('open'));
    client.on('message', (data) => {
      events.push(String(data));
      if (events.length > messages) resolve(events);
    });
    client.on('error', (error: NodeJS.ErrnoException) => events.push(`error ${error.code ?? error.message}`));
    client.on('close', (code) => resolve([...events, `close ${code}`]));
  });
}

/** Runs a client of undici, which is Node's own WebSocket too; likewise. */
export async function undiciClient(
  { scheme, proxy, port }: Peers,
  messages = GREETING.length,
  direct = false,
): Promise<string[]> {
  const dispatcher = direct
    ? new Agent({
        connect: {
          ca: publicAuthority.pem,
          lookup: (_name, _options, found) => found(null, [{ address: '127.0.0.1', family: 4 }]),
        },
      })
    : new ProxyAgent({ uri: `http://127.0.0.1:${proxy.port}`, requestTls: { ca: proxy.caPem } });
  onTestFinished(() => dispatcher.destroy());
  const client = new UndiciWebSocket(`${scheme}://chat.test${direct ? `:${port}` : ''}/chat`, { dispatcher });
  const events: string[] = [];
  return new Promise((resolve) => {
    client.addEventListener('open', () => events.push('open'));
    client.addEventListener('message', ({ data }) => {
      events.push(String(data));
      if (events.length > messages) resolve(events);
    });
    client.addEventListener('close', ({ code, wasClean }) => resolve([...events, `close ${code} ${wasClean}`]));
  });
}
