/** Real WebSockets through a real proxy, each way a client may take. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws';
import type { ProxyOptions } from '../../src/options.js';
import type { RunningProxy } from '../../src/proxy.js';
import { connectThrough } from '../client.js';
import { shopThrough } from '../integration/traffic.js';
import { httpOrigin, httpsOrigin, testProxy } from '../servers.js';

/** The client's way to the server. */
export type Way = 'ws, absolute-form' | 'ws, CONNECT' | 'wss';
export const WAYS: readonly Way[] = ['ws, absolute-form', 'ws, CONNECT', 'wss'];

export interface Chat {
  readonly proxy: RunningProxy;
  readonly client: WebSocket;
  /** The server's end. */
  readonly server: WebSocket;
  /** The client's connection. */
  readonly socket: Socket;
}

export interface ChatInit {
  /** Default `ws, CONNECT`. */
  way?: Way;
  deflate?: ClientOptions['perMessageDeflate'];
  options?: ProxyOptions;
}

/** Opens a WebSocket; its server says nothing by itself. */
export async function chat({ way = 'ws, CONNECT', deflate = false, options = {} }: ChatInit = {}): Promise<Chat> {
  const origin =
    way === 'wss' ? await httpsOrigin(() => {}, { name: 'shop.test', alpn: ['http/1.1'] }) : await httpOrigin(() => {});
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: deflate });
  const accepted = new Promise<WebSocket>((resolve) => {
    origin.server.on('upgrade', (request, socket, head) => sockets.handleUpgrade(request, socket, head, resolve));
  });
  const proxy = await testProxy({
    hosts: { 'shop.test:80': `127.0.0.1:${origin.port}`, 'shop.test:443': `127.0.0.1:${origin.port}` },
    ...options,
  });
  const socket = await dial(proxy, way);
  const client = new WebSocket('ws://shop.test/chat', {
    createConnection: () => socket,
    // It offers what the server is to take.
    perMessageDeflate: deflate,
    finishRequest: (request) => {
      if (way === 'ws, absolute-form') request.path = 'http://shop.test/chat';
      request.end();
    },
  });
  const opened = once(client, 'open');
  const server = await accepted;
  await opened;
  for (const end of [client, server]) {
    end.on('error', () => {});
    onTestFinished(() => end.terminate());
  }
  return { proxy, client, server, socket };
}

function dial(proxy: RunningProxy, way: Way): Promise<Socket> {
  if (way === 'wss') return shopThrough(proxy, 'http/1.1');
  if (way === 'ws, CONNECT') return connectThrough(proxy.port, 'shop.test:80');
  const socket = connect({ port: proxy.port, host: '127.0.0.1' });
  return once(socket, 'connect').then(() => socket);
}
