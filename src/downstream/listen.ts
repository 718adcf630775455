import { createServer, type Server, type Socket } from 'node:net';
import { InternalError } from '../errors.js';
import type { Authority } from '../net/authority.js';
import getPort from '../net/free-port.js';
import type { ResolvedOptions } from '../options.js';

/** A listening port. */
export interface Listener {
  readonly address: Authority;
  /** Hands the connections that come from now on to another listener. */
  serve(onConnection: (socket: Socket) => void): void;
  /** Does not keep the process alive any more. */
  unref(): void;
  /** Stops listening and ends all connections that came; resolves when nothing is left. */
  readonly close: () => Promise<void>;
}

/** The ports that this process listens on by this module. */
const ports = new Set<number>();

/** Is a port one that {@link listen} listens on, in this process? */
export function isListening(port: number): boolean {
  return ports.has(port);
}

/**
 * Listens on the address and port of the options; port 0 lets the operating system choose, a list
 * takes the first that is free.
 * @throws {InternalError} `WAYLAY_LISTEN`
 */
export async function listen(
  { host, port }: Pick<ResolvedOptions, 'host' | 'port'>,
  onConnection: (socket: Socket) => void,
): Promise<Listener> {
  let serve = onConnection;
  const sockets = new Set<Socket>();
  // allowHalfOpen: in a tunnel, one side may have said all it has to say and still listen.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(socket);
  });
  const chosen = typeof port === 'number' ? port : await getPort({ host, port });
  await bound(server, host, chosen);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new InternalError('WAYLAY_LISTEN', 'No port was given.');
  ports.add(address.port);
  server.once('close', () => ports.delete(address.port));
  return {
    address: { host, port: address.port },
    serve: (next) => {
      serve = next;
    },
    unref: () => server.unref(),
    close: () =>
      new Promise((resolve) => {
        // The port is free before its connections have closed.
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function bound(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new InternalError(
          'WAYLAY_LISTEN',
          `Cannot listen on ${host}:${port}: ${cause.message}. Leave out 'port' to get a free one.`,
          { cause },
        ),
      );
    });
    server.listen({ host, port }, resolve);
  });
}
