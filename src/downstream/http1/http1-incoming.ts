import type { Socket } from 'node:net';
import type { ClientSink, Incoming } from '../../exchange/incoming.js';
import { headerValue, NO_FIELDS, type RawHeaders, withHeader } from '../../http/headers.js';
import type { ClientInfo } from '../../journal/exchange.js';
import type { HttpVersion } from '../../journal/message.js';
import type { Authority, Destination } from '../../net/authority.js';
import type { Link } from '../../upstream/link.js';
import type { Links } from '../../upstream/links.js';
import type { ClientConnection } from './client-connection.js';
import type { ReceivedRequest } from './received-request.js';
import type { RequestTarget } from './request-target.js';

/** A request's sink, and the protocol that it may switch to. */
export interface Arrival {
  readonly sink: ClientSink;
  /** The protocol that it asks to be upgraded to, and the socket that is then to be taken over. */
  readonly upgrade?: { readonly protocol: string; readonly socket: Socket; readonly firstBytes: Buffer };
}

/** A request that came over HTTP/1. */
export class Http1Incoming implements Incoming {
  readonly client: ClientInfo;
  readonly destination: Destination;
  readonly link: Link;
  readonly method: string;
  readonly url: string;
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  readonly path: string;
  readonly httpVersion: HttpVersion;
  readonly headers: RawHeaders;
  readonly body: ReceivedRequest | null;
  readonly upgrade: string | undefined;
  readonly sink: ClientSink;
  readonly #links: Links;
  readonly #request: ReceivedRequest;
  readonly #taken: Arrival['upgrade'];

  /** @param fields those of the request that are passed on */
  constructor(
    { layer, links }: ClientConnection,
    request: ReceivedRequest,
    fields: RawHeaders,
    { url, scheme, authority, path, destination, origin }: RequestTarget,
    { sink, upgrade }: Arrival,
  ) {
    this.#links = links;
    this.#request = request;
    this.#taken = upgrade;
    this.client = layer.client;
    this.destination = destination;
    this.method = request.method ?? 'GET';
    this.url = url;
    this.scheme = scheme;
    this.authority = authority;
    this.path = path;
    this.httpVersion = request.httpVersion === '1.0' ? '1.0' : '1.1';
    this.headers = withHost(fields, authority, destination.source === 'absolute-form');
    this.body = upgrade === undefined && request.hasBody ? request : null;
    this.upgrade = upgrade?.protocol;
    this.sink = sink;
    this.link =
      origin === undefined && layer.link !== undefined ? layer.link : this.linkTo(scheme, origin ?? destination);
  }

  linkTo(scheme: 'http' | 'https', authority: Authority): Link {
    return this.#links.to(scheme, authority, this.upgrade !== undefined);
  }

  trailers(): RawHeaders {
    const { rawTrailers } = this.#request;
    return rawTrailers.length === 0 ? NO_FIELDS : rawTrailers;
  }

  takeOver(): { socket: Socket; firstBytes: Buffer } | undefined {
    return this.#taken;
  }
}

// RFC 9112, section 3.2.2: in absolute-form the target overrides Host.
function withHost(raw: RawHeaders, authority: string, absolute: boolean): RawHeaders {
  if (!absolute) return raw;
  const host = headerValue(raw, 'host');
  if (host === authority) return raw;
  return host === undefined ? ['Host', authority, ...raw] : withHeader(raw, 'Host', authority);
}
