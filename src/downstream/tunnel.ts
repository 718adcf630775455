import { WaylayError } from '../errors.js';
import { recordConnection } from '../exchange/record.js';
import { clientGone, tunnelBroken } from '../exchange/relay-errors.js';
import { formatAuthority } from '../net/authority.js';
import { resetConnection } from '../net/reset.js';
import { splice } from '../net/splice.js';
import type { ProxyContext } from './context.js';
import type { Layer } from './layer.js';
import { HOW_TO_USE_THE_PORT } from './no-destination.js';

/**
 * Relays bytes that are not to be read, to where the client wants them, and records that it did.
 *
 * @param wanted the test has named the host for this; else it may refuse
 */
export async function tunnel(context: ProxyContext, layer: Layer, wanted = false): Promise<void> {
  const { destination, link, socket } = layer;
  if (destination === undefined || link === undefined) {
    refuse(layer);
    return;
  }
  const exchange = recordConnection(context, layer, destination, 'tunnel');
  const end = () => context.journal.end(exchange, context.clock.now());
  const fail = (error: WaylayError | undefined): void => {
    exchange.error = error;
    resetConnection(layer);
    end();
  };
  const stopped = (): void => {
    exchange.source = 'failed';
    fail(clientGone(exchange, true));
  };
  const refusal = wanted ? undefined : context.interceptor.onTunnel(exchange);
  if (refusal !== undefined) {
    exchange.source = 'refused';
    fail(refusal);
    return;
  }
  context.onStop.add(stopped);
  try {
    const upstream = await link.acquireSocket();
    context.log('tunnel', 'relaying to %s', formatAuthority(destination));
    const endNow = splice({ client: socket, upstream }, (ending) => {
      context.onStop.delete(endNow);
      if (exchange.ended) return;
      exchange.error = tunnelBroken(exchange, ending);
      if (exchange.error !== undefined) exchange.source = 'failed';
      end();
    });
    context.onStop.add(endNow);
  } catch (cause) {
    if (exchange.ended) return;
    exchange.source = 'failed';
    fail(cause instanceof WaylayError ? cause : undefined);
  } finally {
    context.onStop.delete(stopped);
  }
}

// A client that speaks neither HTTP nor TLS to the proxy itself cannot be sent anywhere.
function refuse({ socket }: Layer): void {
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nWAYLAY_NO_DESTINATION: This is a proxy and no server. ${HOW_TO_USE_THE_PORT}\n`,
    () => socket.destroy(),
  );
}
