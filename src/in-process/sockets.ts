import { isIP, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Authority } from '../net/authority.js';
import { DIRECT } from '../net/direct.js';
import { nextTick, setImmediate } from '../runtime/realm.js';
import { replace } from './replace.js';
import type { Route } from './route.js';
import { currentRoute, isProxyAddress } from './routes.js';
import { type ConnectCall, readConnectCall } from './target.js';
import { ownContextOf, trustOf } from './trust.js';

/** The route of a socket whose connection was made while there was one; null: it was not routed. */
export type Routed = { readonly route: Route; readonly target: Authority } | null;

/** The property that keeps it: whatever hides a socket, as a session of HTTP/2 does, shows its properties. */
export const ROUTED: unique symbol = Symbol('waylay.routed');

/**
 * Routes every TCP connection that this process opens to the proxy of the test that opens it: whatever client it is, it
 * comes by here. Names are not resolved. Returns what undoes it.
 */
export function routeSockets(): () => void {
  const undo = [routeConnects(), trustOnStarted()];
  return () => {
    for (const restore of undo) restore();
  };
}

/** The method by which TLS starts when its connection is there, whoever made that. */
const starting = TLSSocket.prototype as TLSSocket & { _start(): void };

/** TLS that is begun on a connection that was routed here, with a context that the application made, trusts for itself. */
function trustOnStarted(): () => void {
  return replace(starting, '_start', (original) => {
    return function (this: TLSSocket & { readonly _parent?: { readonly [ROUTED]?: Routed } | null }) {
      this._parent?.[ROUTED]?.route.trustedAuthority.trustOn(this);
      original.call(this);
    };
  });
}

function routeConnects(): () => void {
  return replace(Socket.prototype, 'connect', (original) => {
    const connect = original as (...args: unknown[]) => Socket;
    return function (this: Socket, ...args: unknown[]): Socket {
      const call = readConnectCall(args);
      if (call === undefined || call.options[DIRECT] === true || isProxyAddress(call.target)) {
        Object.assign(this, { [ROUTED]: null satisfies Routed });
        return connect.apply(this, args);
      }
      let route: Route | undefined;
      try {
        route = currentRoute();
      } catch (cause) {
        Object.assign(this, { connecting: true });
        nextTick(() => this.destroy(cause as Error));
        return this;
      }
      if (route === undefined) return connect.apply(this, args);
      return routeSocket(this, route, call, connect);
    } as typeof original;
  });
}

function routeSocket(socket: Socket, route: Route, call: ConnectCall, connect: (...args: unknown[]) => Socket): Socket {
  const { options, callback, target: asked } = call;
  const target = { ...asked, host: route.names.nameOf(asked.host) };
  const { dialAhead } = route.proxy;
  if (socket instanceof TLSSocket && trustOf(options) === undefined) route.trustedAuthority.trustOn(socket);
  // Options that say from where, or by which address family, a connection is made are about the one to the destination.
  const { localAddress: _1, localPort: _2, family: _3, hints: _4, lookup: _5, ...rest } = options;
  const secureContext = ownContextOf(options);
  route.take(socket, target);
  // The socket is from here on as Node makes it while it resolves a name: what is written waits.
  Object.assign(socket, { connecting: true, [ROUTED]: { route, target } satisfies Routed });
  dialAhead(target, (stop) => socket.once('close', stop))
    .then((link) => {
      if (socket.destroyed) return;
      const { host, port } = route.entrance;
      connect.call(socket, { ...rest, host, port }, callback);
      // Node keeps the name that was asked for, too, for the check of a certificate later on.
      Object.assign(socket, { _host: asked.host });
      socket.prependOnceListener('connect', () => setPeerAddress(socket, asked));
      route.register(socket, target, { secureContext, link });
    })
    .catch((cause: Error) => failBeforeConnecting(socket, cause));
  return socket;
}

/** A socket with Node's field for what the system knows of its connection (lib/net.js). */
interface WithHandle {
  _handle: Pick<Socket, 'bytesRead' | 'bytesWritten'> & { close(done: () => void): void };
}

/**
 * Ends a socket that has not got as far as Node's own handle. With one, 'close' comes in a turn after 'error', and some clients
 * (got) tell of what they heard last in one turn.
 */
function failBeforeConnecting(socket: Socket, cause: Error): void {
  const held = socket as unknown as Partial<WithHandle>;
  if (!socket.destroyed) held._handle ??= { bytesRead: 0, bytesWritten: 0, close: (done) => void setImmediate(done) };
  socket.destroy(cause);
}

/** Lets the socket say that it is connected with what it was to be connected with, as far as that is known. */
function setPeerAddress(socket: Socket, { host, port }: Authority): void {
  const version = isIP(host);
  const peer =
    version === 0
      ? { address: socket.remoteAddress, family: socket.remoteFamily }
      : { address: host, family: `IPv${version}` };
  // Node keeps in it what it has once asked the system for (lib/net.js).
  Object.assign(socket, { _peername: { ...peer, port } });
}
