import type { TcpNetConnectOpts } from 'node:net';
import { type Authority, parseAuthority } from '../net/authority.js';
import type { DIRECT } from '../net/direct.js';

/** The arguments of `socket.connect`. */
export interface ConnectCall {
  readonly options: TcpNetConnectOpts & { readonly [DIRECT]?: boolean; readonly path?: unknown };
  readonly callback: (() => void) | undefined;
  readonly target: Authority;
}

/**
 * Reads the arguments of `socket.connect` in all their forms (node:net): a port, a port and a host, options, and the
 * list that Node makes of these. Undefined where they do not name a TCP port; Node then says what is wrong with them.
 */
export function readConnectCall(args: readonly unknown[]): ConnectCall | undefined {
  const [first] = args;
  if (Array.isArray(first)) return readConnectCall(first);
  const last = args.at(-1);
  const callback = typeof last === 'function' ? (last as () => void) : undefined;
  if (typeof first === 'object' && first !== null) {
    return made(first as ConnectCall['options'], callback);
  }
  if (typeof first !== 'number' && typeof first !== 'string') return undefined;
  const host = typeof args[1] === 'string' ? args[1] : undefined;
  return made({ port: Number(first), ...(host !== undefined && { host }) }, callback);
}

function made(options: ConnectCall['options'], callback: ConnectCall['callback']): ConnectCall | undefined {
  if (options.path !== undefined && options.path !== null && options.path !== '') return undefined;
  const { host, port } = options;
  if (host !== undefined && host !== null && typeof host !== 'string') return undefined;
  if (typeof port !== 'number' && !(typeof port === 'string' && /^\d+$/.test(port))) return undefined;
  const name = host || 'localhost';
  const target = parseAuthority(name.includes(':') ? `[${name}]` : name, Number(port));
  return target && { options, callback, target };
}
