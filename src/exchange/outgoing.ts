import { Duplex, pipeline, type Readable } from 'node:stream';
import { defaultPort, parseAuthority } from '../destination.js';
import { TestError } from '../errors.js';
import type { RequestChange } from '../interceptor.js';
import type { OutgoingRequest } from '../upstream/connection.js';
import type { Link } from '../upstream/link.js';
import { decodeContent } from './content-coding.js';
import {
  endToEnd,
  endToEndWithUpgrade,
  expectsContinue,
  headerValue,
  type RawHeaders,
  withBodyLength,
  withHeader,
  withoutHeaders,
} from './headers.js';
import type { Incoming } from './incoming.js';
import type { RequestBody } from './request-body.js';

/** A request on its way out, and the link that carries it. */
export interface Outgoing {
  readonly request: OutgoingRequest;
  readonly link: Link;
}

/** What goes to the upstream: the client's request with its changes, end-to-end fields only. */
export async function outgoingRequest(
  incoming: Incoming,
  body: RequestBody,
  change: RequestChange | undefined,
): Promise<Outgoing> {
  const target = change?.url === undefined ? incoming : elsewhere(incoming, change.url);
  let headers = change?.headers ?? incoming.headers;
  if (target.authority !== incoming.authority && headerValue(headers, 'host') === incoming.authority) {
    headers = withHeader(headers, 'Host', target.authority);
  }
  const changed = await changedBody(body, change, headers);
  if (Buffer.isBuffer(changed)) headers = withBodyLength(headers, changed.length);

  const expects = !body.complete && expectsContinue(headers);
  if (!expects) headers = withoutHeaders(headers, EXPECT);
  return {
    link: target.link,
    request: {
      method: change?.method ?? incoming.method,
      scheme: target.scheme,
      authority: target.authority,
      path: target.path,
      headers: incoming.upgrade === undefined ? endToEnd(headers) : endToEndWithUpgrade(headers),
      body: changed === undefined ? body.forward() : changed,
      trailers: () => incoming.trailers(),
      exclusive: expects || incoming.upgrade !== undefined || announcesTrailers(incoming),
    },
  };
}

const EXPECT = new Set(['expect']);

function announcesTrailers({ body, headers, httpVersion }: Incoming): boolean {
  return body !== null && httpVersion === '1.1' && headerValue(headers, 'trailer') !== undefined;
}

function elsewhere(incoming: Incoming, url: string): Pick<Incoming, 'link' | 'scheme' | 'authority' | 'path'> {
  const { protocol, host, pathname, search } = new URL(url);
  const scheme = protocol === 'https:' || protocol === 'wss:' ? 'https' : 'http';
  const path = `${pathname}${search}`;
  if (scheme === incoming.scheme && host === incoming.authority) return { ...incoming, path };
  const authority = parseAuthority(host, defaultPort(scheme));
  if (authority === undefined) {
    throw new TestError(
      'WAYLAY_INVALID_CHANGE',
      `A request cannot be sent to '${url}'. Write an absolute URL such as 'https://api.test/v2'.`,
    );
  }
  return { scheme, authority: host, path, link: incoming.linkTo(scheme, authority) };
}

/** The changed body; undefined where it stays as it is. */
async function changedBody(
  body: RequestBody,
  change: RequestChange | undefined,
  headers: RawHeaders,
): Promise<Buffer | Readable | undefined> {
  switch (change?.body?.kind) {
    case undefined:
      return undefined;
    case 'replace':
      body.discard();
      return change.body.bytes;
    case 'whole': {
      const bytes = await body.whole();
      return change.body.change(decodeContent(bytes, headerValue(headers, 'content-encoding'), 'the request'));
    }
    case 'stream': {
      const original = body.forward();
      if (original === null) return undefined;
      const through = Duplex.from(change.body.change);
      // Whoever reads the result hears of its failure.
      through.on('error', () => {});
      if (Buffer.isBuffer(original)) through.end(original);
      else pipeline(original, through, () => {});
      return through;
    }
  }
}
