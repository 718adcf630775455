import type { Socket } from 'node:net';
import { WaylayError } from '../../errors.js';
import { type Destination, formatAuthority } from '../../net/authority.js';
import type { ParseResult } from '../../net/parse-result.js';
import { peek } from '../../net/peek.js';
import type { ProxyContext } from '../context.js';
import { dialFirst } from '../dial-first.js';
import type { Layer } from '../layer.js';
import { readSocks4Request, readSocks5Credentials, readSocks5Greeting, readSocks5Request } from './read.js';
import { CREDENTIALS_ACCEPTED, chooseMethod, methodReply, outcomeOf, type SocksOutcome, socksReply } from './reply.js';

const CONNECT = 1;

/**
 * Takes SOCKS off a connection, up to its answer to the one request that there is: CONNECT. What the client sends
 * after that is left in the socket, also where it did not wait for the answer.
 */
export async function socks(context: ProxyContext, layer: Layer, version: 4 | 5): Promise<void> {
  const { socket } = layer;
  if (version === 5 && !(await negotiate(context, socket))) return;
  const request = await take(context, socket, version === 5 ? readSocks5Request : readSocks4Request);
  if (request === undefined) return;
  const { command, authority, knownAddressType } = request;
  const refuse = (outcome: SocksOutcome, why: string): void => {
    context.log('socks', '%s: %s', outcome, why);
    end(socket, socksReply(version, outcome));
  };

  if (command !== CONNECT) {
    refuse('no such command', `command ${command}; only CONNECT (1) is served`);
    return;
  }
  if (authority === undefined) {
    refuse(knownAddressType ? 'failed' : 'no such address type', 'the request names no host and port');
    return;
  }
  const destination: Destination = { ...authority, source: 'socks' };
  const reached = await dialFirst(context, layer, destination);
  if (reached === undefined) return;
  if (reached instanceof WaylayError) {
    refuse(outcomeOf(reached), reached.message);
    return;
  }
  context.log('socks', 'SOCKS %d to %s', version, formatAuthority(authority));
  socket.write(socksReply(version, 'connected'));
  context.enter({ ...layer, destination, link: reached });
}

/** Agrees on a method of authentication: none, or a user and password that let everybody in. */
async function negotiate(context: ProxyContext, socket: Socket): Promise<boolean> {
  const offered = await take(context, socket, readSocks5Greeting);
  if (offered === undefined) return false;
  const method = chooseMethod(offered);
  if (method === undefined) {
    context.log('socks', 'none of the offered methods is served: %o; 0 and 2 are', offered);
    end(socket, methodReply(method));
    return false;
  }
  socket.write(methodReply(method));
  if (method === 'none') return true;
  const credentials = await take(context, socket, readSocks5Credentials);
  if (credentials === undefined) return false;
  socket.write(CREDENTIALS_ACCEPTED);
  return true;
}

/** Reads one message and takes it off the socket; undefined where it does not come, and the connection is over. */
async function take<T>(
  { log }: ProxyContext,
  socket: Socket,
  read: (bytes: Buffer) => ParseResult<T>,
): Promise<T | undefined> {
  const peeked = await peek(socket, read);
  if (peeked.kind !== 'read' || peeked.result.kind === 'failed') {
    if (peeked.kind === 'read') log('socks', '%s', peeked.result);
    socket.destroy();
    return undefined;
  }
  socket.read(peeked.result.length);
  return peeked.result.value;
}

/** Resumes the socket: its end would wait for ever behind the client's bytes, which are still unread. */
function end(socket: Socket, answer: Buffer): void {
  socket.end(answer);
  socket.resume();
}
