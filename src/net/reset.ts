import type { Socket } from 'node:net';
import { setImmediate } from '../runtime/realm.js';

/** A connection as it is written to, and the TCP connection beneath, which is the same one without TLS. */
export interface Resettable {
  readonly socket: Socket;
  readonly raw: Socket;
}

/**
 * Resets a connection (RST), now or as soon as that can be done.
 *
 * While the end of a side is on its way to the system, the system's library takes no reset: Node (20 to 26) then says EINVAL,
 * lets go of a connection that is still open, and never emits 'close'. The end is out a moment later.
 */
export function resetConnection({ socket, raw }: Resettable): void {
  if (raw.destroyed) return;
  const ending = [socket, raw].find(isSendingItsEnd);
  if (ending === undefined) raw.resetAndDestroy();
  else ending.once('finish', () => resetConnection({ socket, raw }));
}

/** Resets it when what was written before has left. */
export function resetWhenWritten(connection: Resettable, done = () => {}): void {
  const { socket } = connection;
  const go = (): void => resetAfterReading(connection, done);
  if (socket.destroyed || socket.writableFinished) go();
  else if (socket.writableEnded) socket.once('finish', go);
  else socket.write(NOTHING, go);
}

/**
 * Resets a connection on which something was sent a moment ago: a peer that finds bytes and RST at once may
 * take RST for FIN (libuv does), so one in this process is given a turn to read.
 */
export function resetAfterReading(connection: Resettable, done = () => {}): void {
  const reset = (): void => {
    resetConnection(connection);
    done();
  };
  setImmediate(() => setImmediate(reset));
}

/** Ends a connection at once; resolves when it is closed. */
export function endSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    whenClosed(socket, () => resolve());
    socket.destroy();
  });
}

/**
 * Calls back once, when a connection is closed. Of one that is being ended already the 'close' comes in this turn or the
 * next, has come, or never does: it is not waited for beyond that.
 */
export function whenClosed(socket: Socket, callback: (hadError: boolean) => void): void {
  if (!socket.destroyed) {
    socket.once('close', callback);
    return;
  }
  let told = false;
  const tell = (hadError: boolean): void => {
    if (!told) callback(hadError);
    told = true;
  };
  socket.once('close', tell);
  setImmediate(() => setImmediate(() => tell(false)));
}

const beneath = new WeakMap<Socket, Socket>();

/** Notes that TLS is spoken on a connection. */
export function recordTlsOver<Secured extends Socket>(secured: Secured, socket: Socket): Secured {
  beneath.set(secured, socket);
  return secured;
}

/** A socket with the TCP connection beneath it, however often TLS was spoken in between. */
export function connectionOf(socket: Socket): Resettable {
  let raw = socket;
  for (let next = beneath.get(raw); next !== undefined; next = beneath.get(raw)) raw = next;
  return { socket, raw };
}

// The end waits for bytes that are left to write.
function isSendingItsEnd({ writableEnded, writableFinished, writableLength, destroyed }: Socket): boolean {
  return writableEnded && !writableFinished && writableLength === 0 && !destroyed;
}

const NOTHING = Buffer.alloc(0);
