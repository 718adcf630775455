import {
  constants,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Incoming } from '../../exchange/incoming.js';
import { Relay } from '../../exchange/relay.js';
import { headerValue, NO_FIELDS, type RawHeaders } from '../../http/headers.js';
import { fromHttp2, pseudoFieldsOf } from '../../http/http2/fields.js';
import { keepStreamsById } from '../../http/http2/session-streams.js';
import { WINDOW_SIZE } from '../../http/http2/settings.js';
import { StreamTable } from '../../http/http2/stream-table.js';
import { readNamedHost, urlOf } from '../../net/named-host.js';
import { Links } from '../../upstream/links.js';
import type { ProxyContext } from '../context.js';
import type { Layer } from '../layer.js';
import { afterTurns } from '../retirement.js';
import { Http2Sink } from './sink.js';

/** Reads HTTP/2 from a layer (RFC 9113): each stream is an exchange. */
export function serveHttp2(context: ProxyContext, layer: Layer): void {
  const { destination, link } = layer;
  if (destination === undefined || link === undefined) {
    context.log('http', 'HTTP/2 to the proxy itself is not spoken');
    layer.socket.destroy();
    return;
  }
  if (!layer.secure) link.use({ secure: false, http2: true });
  const session = performServerHandshake(layer.socket, { settings: { initialWindowSize: WINDOW_SIZE } });
  keepStreamsById(session);
  const links = new Links(context);
  /** The relays under way, by the ids of their streams. */
  const active = new StreamTable<Relay>();
  // One for all streams of the session: hundreds may be open.
  const onError = (error: Error): void => context.log('http', 'HTTP/2 stream: %s', error.message);
  function onClose(this: ServerHttp2Stream): void {
    active.get(this.id as number)?.abort();
  }
  const linkTo: Incoming['linkTo'] = (to, elsewhere) => links.to(to, elsewhere);

  // The session's streams hear of its end, and each exchange with them.
  session.on('error', (error) => context.log('http', 'HTTP/2 session: %s', error.message));
  session.on('close', () => links.close());
  // Before the link, which ends the upstream connection on the same event: the failure is the client's.
  layer.raw.prependOnceListener('close', () => {
    for (const relay of active.values()) relay.abort();
  });
  // HTTP/2 has no half-close of the connection, and a session does not hear of one.
  layer.socket.once('end', () => layer.socket.destroySoon());
  session.setLocalWindowSize(WINDOW_SIZE);
  // The session goes away as the upstream does; what is under way is finished (RFC 9113, section 6.8).
  const close = (): void => closeGently(session);
  link.onIdle = close;
  const isDone = (): boolean => [...active.values()].every(({ hangs }) => hangs);
  const endIfDone = (): void => {
    if (!isDone()) return;
    // The bytes that the last one has sent leave first.
    afterTurns(() => {
      if (!isDone()) return;
      if (active.size === 0) close();
      else layer.raw.destroy();
    });
  };
  context.retirement.addClient(layer.raw, {
    retire() {
      // Requests from now on take another connection.
      if (context.clientAt(layer.client.port)?.failsOnGoaway?.() !== true) close();
      else if (active.size === 0) layer.raw.destroy();
      if (active.size === 0) return true;
      endIfDone();
      return false;
    },
  });

  session.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, raw: string[]) => {
    stream.on('error', onError);
    const incoming = read(stream, headers, raw);
    if (incoming === undefined) {
      stream.close(constants.NGHTTP2_PROTOCOL_ERROR);
      return;
    }
    const id = stream.id as number;
    // An exchange may be over before its constructor returns.
    let over = false;
    const relay = new Relay(context, incoming, () => {
      over = true;
      active.delete(id);
      if (context.retirement.begun) endIfDone();
    });
    if (over) return;
    active.set(id, relay);
    stream.on('close', onClose);
    // Node tells of a stream in a later turn than it reads it: its connection may have ended since, and said so.
    if (stream.destroyed || layer.raw.destroyed) relay.abort();
  });

  function read(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, raw: string[]): Incoming | undefined {
    const method = headers[':method'];
    const path = headers[':path'];
    const scheme = layer.secure ? 'https' : 'http';
    const authority = headers[':authority'] ?? headers.host;
    if (method === undefined || path === undefined || authority === undefined) return undefined;
    const named = readNamedHost(scheme, authority);
    if (destination === undefined || link === undefined || named === undefined) return undefined;
    const fields = fromHttp2(raw);
    const body = stream.endAfterHeaders ? null : stream;
    return {
      client: layer.client,
      destination,
      link,
      linkTo,
      method,
      url: urlOf(named, path),
      scheme,
      authority,
      path,
      httpVersion: '2.0',
      headers: fields,
      pseudoFields: pseudoFieldsOf(raw),
      body,
      trailers: body === null ? noTrailers : trailersOf(body),
      upgrade: undefined,
      // A client that can take trailers says so (RFC 9110, section 10.1.4).
      sink: new Http2Sink(stream, method, headerValue(fields, 'te') !== undefined),
    };
  }
}

const noTrailers = (): RawHeaders => NO_FIELDS;

/** Gives the trailers of a request that is on its way. */
function trailersOf(stream: ServerHttp2Stream): () => RawHeaders {
  let trailers = NO_FIELDS;
  stream.on('trailers', (...[, , list]: [IncomingHttpHeaders, number, string[]?]) => {
    trailers = list ?? NO_FIELDS;
  });
  return () => trailers;
}

function closeGently(session: ServerHttp2Session): void {
  if (!session.closed && !session.destroyed) session.close();
}
