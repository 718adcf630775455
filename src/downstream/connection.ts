import type { Socket } from 'node:net';
import { peek } from '../net/peek.js';
import type { Clock } from '../runtime/clock.js';
import type { CertificateAuthority } from '../tls/certificate-authority.js';
import type { Dialled } from '../upstream/dial/dial.js';
import type { ProxyContext } from './context.js';
import { detect, type Protocol } from './detect.js';
import type { Http1Server } from './http1/server.js';
import { serveHttp2 } from './http2/server.js';
import { interceptTls } from './intercept/intercept.js';
import type { Layer } from './layer.js';
import { socks } from './socks/serve.js';
import { byServerName } from './transparent/by-name.js';
import { tunnel } from './tunnel.js';

/**
 * Milliseconds that a client may say nothing before that is taken for waiting: in some protocols (SMTP, MySQL) the
 * server has the first word.
 */
export const SILENCE = 500;

/** The first layer of a connection that was just accepted. */
export function acceptedLayer(socket: Socket, authority: CertificateAuthority): Layer {
  return {
    socket,
    raw: socket,
    client: { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0, tls: undefined },
    authority,
    secure: false,
    destination: undefined,
    link: undefined,
  };
}

/**
 * The recursive step. Whatever has been taken off a connection (nothing, CONNECT, SOCKS, TLS), its inner
 * bytes decide how it goes on, and always in the same way: plain HTTP inside a tunnel, or TLS inside
 * TLS, need no case of their own.
 */
export async function enter(
  context: ProxyContext,
  http1: Http1Server,
  layer: Layer,
  known: Protocol | undefined,
): Promise<void> {
  switch (known ?? (await protocolOf(context, layer))) {
    case 'socks4':
      return socks(context, layer, 4);
    case 'socks5':
      return socks(context, layer, 5);
    case 'tls':
      return interceptTls(context, await addressed(context, layer));
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

/** The layer as it is, or with the destination that its ClientHello names. */
function addressed(context: ProxyContext, layer: Layer): Layer | Promise<Layer> {
  const { transparent } = context.options;
  return transparent === 'name' && layer.destination === undefined ? byServerName(context, layer) : layer;
}

async function protocolOf({ clock }: ProxyContext, layer: Layer): Promise<Protocol | 'nothing'> {
  const { socket, destination } = layer;
  let ignore = () => {};
  const peeked = await peek(socket, detect, (stop) => {
    ignore = onServer(layer, clock, stop);
  });
  ignore();
  switch (peeked.kind) {
    case 'interrupted':
      return 'unknown';
    case 'ended':
      return 'nothing';
    case 'read': {
      const { result } = peeked;
      if (result.kind === 'failed') return 'unknown';
      if (result.length > 0) socket.read(result.length);
      // SOCKS is spoken to the proxy itself only; to others, these are the first bytes of anything.
      if (destination !== undefined && result.value.startsWith('socks')) return 'unknown';
      return result.value;
    }
  }
}

/**
 * Calls back when the layer's server speaks first or hangs up; where it is being dialled and cannot be reached, when the
 * client has said nothing for a while either: it waits for a word that never comes.
 *
 * A server that was not dialled, since a stub may speak for it, is when the client has been silent for that long. Where
 * that one cannot be reached, nothing is called: the client may only be slow, and the stub answers it yet.
 */
function onServer({ link, secure }: Layer, clock: Clock, callback: () => void): () => void {
  const upstream = link?.unused;
  // Clients keep connections ready, after the handshake: their silence says nothing.
  if (link === undefined || (upstream === undefined && secure)) return () => {};
  let over = false;
  let ignore = (): void => {};
  const listen = (dialled: Promise<Dialled>, onFailure: () => void): void => {
    dialled.then(
      ({ socket }) => {
        if (!over) ignore = onFirstWord(socket, callback);
      },
      () => {
        if (!over) onFailure();
      },
    );
  };
  if (upstream === undefined) {
    ignore = clock.startTimer(SILENCE, () => listen(link.connectAhead(), () => {}));
  } else {
    listen(upstream, () => {
      ignore = clock.startTimer(SILENCE, callback);
    });
  }
  return () => {
    over = true;
    ignore();
  };
}

/**
 * Calls back when the server speaks before the client, or hangs up: its protocol (SMTP, SSH) is none
 * that could be read here. Only HTTP/2 servers speak first and still wait for the client's preface.
 */
function onFirstWord(upstream: Socket, callback: () => void): () => void {
  const onReadable = (): void => {
    const bytes = upstream.read() as Buffer | null;
    // First: what is put back makes the socket readable again.
    upstream.off('readable', onReadable);
    if (bytes !== null) upstream.unshift(bytes);
    if (bytes === null || !isHttp2Settings(bytes)) callback();
  };
  upstream.on('readable', onReadable);
  return () => upstream.off('readable', onReadable);
}

// RFC 9113, sections 3.4 and 4.1: length, type 4, flags, stream 0.
function isHttp2Settings(bytes: Buffer): boolean {
  return bytes.length >= 9 && bytes[3] === 4 && bytes.readUInt32BE(5) === 0;
}
