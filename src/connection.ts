import type { Socket } from 'node:net';
import type { ProxyContext } from './context.js';
import { detect, type Protocol } from './detect.js';
import type { Http1Server } from './http1/server.js';
import { serveHttp2 } from './http2/server.js';
import type { Layer } from './layer.js';
import { peek } from './peek.js';
import { interceptTls } from './tls/pause.js';
import { tunnel } from './tunnel.js';

/** The first layer of a connection that was just accepted. */
export function acceptedLayer(socket: Socket): Layer {
  return {
    socket,
    raw: socket,
    client: { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0, tls: undefined },
    secure: false,
    destination: undefined,
    link: undefined,
  };
}

/**
 * The recursive step. Whatever has been taken off a connection (nothing, CONNECT, TLS), its inner
 * bytes decide how it goes on, and always in the same way: plain HTTP inside a tunnel, or TLS inside
 * TLS, need no case of their own.
 */
export async function enter(
  context: ProxyContext,
  http1: Http1Server,
  layer: Layer,
  known: Protocol | undefined,
): Promise<void> {
  switch (known ?? (await protocolOf(layer))) {
    case 'tls':
      return interceptTls(context, layer);
    case 'http1':
      return http1.serve(layer);
    case 'http2':
      return serveHttp2(context, layer);
    case 'unknown':
      return tunnel(context, layer);
    case 'nothing':
      layer.socket.destroy();
  }
}

async function protocolOf({ socket, link }: Layer): Promise<Protocol | 'nothing'> {
  const upstream = link?.dialled?.socket;
  let stopListening = () => {};
  const peeked = await peek(
    socket,
    detect,
    // A protocol in which the server speaks first (SMTP, SSH) is none that could be read here.
    upstream &&
      ((stop) => {
        upstream.once('readable', stop);
        stopListening = () => upstream.off('readable', stop);
      }),
  );
  stopListening();
  switch (peeked.kind) {
    case 'interrupted':
      return 'unknown';
    case 'ended':
      return 'nothing';
    case 'read':
      return peeked.reading.kind === 'done' ? peeked.reading.value : 'unknown';
  }
}
