import { Readable } from 'node:stream';
import { TestError } from '../errors.js';
import { contentCoding } from '../http/aws-chunked.js';
import type { CapturedBody } from '../http/captured-body.js';
import { decodeContent } from '../http/content-coding.js';
import { withContentType } from '../http/content-type.js';
import { decodeStream } from '../http/decoded-stream.js';
import { declaredLength, withBodyLength, withoutLength, withUnknownLength } from '../http/framing.js';
import {
  endToEnd,
  endToEndWithUpgrade,
  expectsContinue,
  headerValue,
  withHeader,
  withoutHeaders,
  withoutProxyFields,
} from '../http/headers.js';
import { readableFrom } from '../http/pump.js';
import type { OutgoingRequest } from '../http/sending.js';
import type { BodySink, Failure } from '../http/sink.js';
import type { RequestChange, WholeBody } from '../interceptor.js';
import type { Exchange } from '../journal/exchange.js';
import { defaultPort, parseAuthority } from '../net/authority.js';
import type { Clock } from '../runtime/clock.js';
import type { Link } from '../upstream/link.js';
import type { Incoming } from './incoming.js';
import { called, handlerFailure } from './relay-errors.js';
import type { RequestBody } from './request-body.js';
import { shaped, shapeFailure, shapesBody } from './shape.js';

/** A request on its way out, and the link that carries it. */
export interface Outgoing {
  readonly request: OutgoingRequest;
  readonly link: Link;
}

/**
 * The request that goes to the upstream: the client's request with its changes, end-to-end fields only.
 *
 * @param made see {@link changedBody}
 */
export function outgoingRequest(
  incoming: Incoming,
  body: RequestBody,
  change: RequestChange | undefined,
  made?: WholeBody | Readable,
  shaping?: Shaping,
): Outgoing {
  const changed = isRetyped(made) ? made.bytes : made;
  const target = change?.url === undefined ? incoming : elsewhere(incoming, change.url);
  let headers = change?.headers ?? incoming.headers;
  let { authority } = target;
  if (change !== undefined) {
    const host = headerValue(headers, 'host');
    // The host that the test says, wherever the request goes; else the one of where it goes.
    if (host !== undefined && host !== headerValue(incoming.headers, 'host')) authority = host;
    if (host !== undefined && authority !== incoming.authority) headers = withHeader(headers, 'Host', authority);
  }
  if (isRetyped(made)) headers = withContentType(headers, made.contentType);
  if (Buffer.isBuffer(changed)) headers = withBodyLength(headers, changed.length, change?.coded);
  else if (change?.body?.kind === 'stream') headers = withUnknownLength(headers, change.coded);

  // A body whose length was announced would be complete before a fault beyond it; one in chunks has an end to be left out.
  const fault = change?.shape?.fault;
  if (fault?.after !== undefined && fault.after > (declaredLength(headers) ?? Number.POSITIVE_INFINITY)) {
    headers = withoutLength(headers);
  }
  const expects = !body.complete && expectsContinue(headers);
  if (!expects && headerValue(headers, 'expect') !== undefined) headers = withoutHeaders(headers, EXPECT);
  const passed = incoming.upgrade === undefined ? endToEnd(headers) : endToEndWithUpgrade(headers);
  return {
    link: target.link,
    request: {
      method: change?.method ?? incoming.method,
      scheme: target.scheme,
      authority,
      path: target.path,
      headers: incoming.destination.source === 'absolute-form' ? withoutProxyFields(passed) : passed,
      body: shapedBody(changed === undefined ? body.forward() : changed, change, shaping),
      pseudoFields: incoming.pseudoFields,
      trailers: () => incoming.trailers(),
      exclusive:
        expects || incoming.upgrade !== undefined || announcesTrailers(incoming) || change?.shape?.fault !== undefined,
    },
  };
}

function isRetyped(made: WholeBody | Readable | undefined): made is Exclude<WholeBody, Buffer> {
  return made !== undefined && 'contentType' in made;
}

/** The stages of a body that does not go out as it came in. */
export interface Shaping {
  readonly clock: Clock;
  /** Aborted where nobody wants the body any more. */
  readonly signal: AbortSignal;
  /** The body's change threw, or its fault is due. */
  readonly fail: BodySink['fail'];
}

const EXPECT = new Set(['expect']);

function announcesTrailers({ body, headers, httpVersion }: Incoming): boolean {
  return body !== null && httpVersion === '1.1' && headerValue(headers, 'trailer') !== undefined;
}

function elsewhere(incoming: Incoming, url: string): Pick<Incoming, 'link' | 'scheme' | 'authority' | 'path'> {
  if (!URL.canParse(url)) throw unreachable(url);
  const { protocol, host, pathname, search } = new URL(url);
  const scheme = protocol === 'https:' || protocol === 'wss:' ? 'https' : 'http';
  const path = `${pathname}${search}`;
  if (scheme === incoming.scheme && host === incoming.authority) return { ...incoming, path };
  const authority = parseAuthority(host, defaultPort(scheme));
  if (authority === undefined) throw unreachable(url);
  return { scheme, authority: host, path, link: incoming.linkTo(scheme, authority) };
}

function unreachable(url: string): TestError {
  return new TestError(
    'WAYLAY_INVALID_CHANGE',
    `A request cannot be sent to '${url}'. Write an absolute URL such as 'https://api.test/v2'.`,
  );
}

/**
 * The changed body; undefined where it stays as it is.
 * @param captured where it is kept
 */
export async function changedBody(
  incoming: Incoming,
  body: RequestBody,
  change: RequestChange['body'],
  { exchange, captured, shaping }: { exchange: Exchange; captured: CapturedBody; shaping?: Shaping },
): Promise<WholeBody | Readable | undefined> {
  // Decoded as it was sent, whatever becomes of the field.
  const encoding = contentCoding(incoming.headers);
  const what = `the request ${incoming.method} ${incoming.url}`;
  switch (change?.kind) {
    case undefined:
      return undefined;
    case 'replace':
      body.discard();
      return kept(change.bytes, captured);
    case 'whole': {
      const decoded = decodeContent(await body.whole(), encoding, what);
      return kept(await called(exchange, () => change.change(decoded)), captured);
    }
    case 'stream': {
      const original = body.forward();
      if (shaping === undefined) return original ?? undefined;
      const explain = (cause: unknown): Failure => handlerFailure(exchange, cause);
      // The change may bring a body where there is none.
      const decoded = decodeStream(chunksOf(original ?? Buffer.alloc(0)), encoding, what);
      const made = called(exchange, () => change.change(decoded));
      const changed = readableFrom(keptAsItPasses(made, captured), explain, shaping.fail);
      // Captures, but does not send, the part that the change left unread.
      if (original !== null && !Buffer.isBuffer(original)) changed.on('close', () => original.destroy());
      return changed;
    }
  }
}

function kept(body: WholeBody, captured: CapturedBody): WholeBody {
  captured.append(isRetyped(body) ? body.bytes : body);
  captured.complete = true;
  return body;
}

async function* keptAsItPasses(body: AsyncIterable<Uint8Array>, captured: CapturedBody): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    captured.append(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    yield chunk;
  }
  captured.complete = true;
}

/** The body at its pace, up to its fault; a body that is not there has neither. */
function shapedBody(
  body: Buffer | Readable | null,
  change: RequestChange | undefined,
  shaping: Shaping | undefined,
): Buffer | Readable | null {
  if (body === null || shaping === undefined || change?.shape === undefined || !shapesBody(change.shape)) return body;
  const { clock, signal, fail } = shaping;
  const result = readableFrom(shaped(chunksOf(body), change.shape, clock, signal), shapeFailure, fail);
  if (!Buffer.isBuffer(body)) result.on('close', () => body.destroy());
  return result;
}

/** A body as it comes, or as if it came. */
export function chunksOf(body: Buffer | Readable): AsyncIterable<Buffer> {
  return Buffer.isBuffer(body) ? Readable.from([body]) : body;
}
