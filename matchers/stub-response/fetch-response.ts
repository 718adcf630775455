/** A `Response` of the Fetch standard as a reply, of whichever realm: the sandbox of Jest has its own classes. */
import { TestError } from '../../src/errors.js';
import { type RawHeaders, withoutHeaders } from '../../src/http/headers.js';
import type { Answer } from '../../src/interceptor.js';
import { invalidReply, type Refuse } from './invalid-reply.js';
import type { ReadyReply, StubbedRequest, StubOutcome } from './ready-reply.js';
import { isSource, listSource, openSource } from './source.js';
import { chunkPiece } from './stream-body.js';
import { StreamedBody } from './streamed-body.js';

/** A `Response` of the Fetch standard, as far as Waylay looks at it. */
export interface FetchResponse {
  /** The status, from 200 to 599; 0 of a network error. */
  readonly status: number;
  /** The reason phrase, which HTTP/2 does not have. */
  readonly statusText: string;
  /** The fields. */
  readonly headers: Iterable<[string, string]> & { getSetCookie?(): string[] };
  /** True if the body has been read, so that it cannot be sent. */
  readonly bodyUsed: boolean;
  /** The same with a body of its own, for an answer that is given again. */
  clone(): FetchResponse;
}

/** The part that only the messages and the body are made of. */
interface WholeResponse extends FetchResponse {
  readonly type?: string;
  readonly url?: string;
  readonly body?: unknown;
  arrayBuffer(): Promise<ArrayBuffer>;
  clone(): WholeResponse;
}

const EXAMPLE = `() => new Response('Hello')`;
const USED = 'its body has been read already; a function makes a response for each answer';

export function isFetchResponse(value: unknown): value is FetchResponse {
  return (
    Object.prototype.toString.call(value) === '[object Response]' &&
    typeof (value as { clone?: unknown }).clone === 'function'
  );
}

/**
 * Makes it ready.
 *
 * @param again it may be asked for again, so that each answer takes a clone
 */
export function fetchResponseReply(given: FetchResponse, again: boolean): ReadyReply {
  const response = given as WholeResponse;
  const refuse: Refuse = (why, write, cause) => invalidReply(given, why, write, cause);
  if (response.type === 'error') return { needsBody: false, outcome: networkError };
  if (response.status === 0) throw refuse(`a response of type '${response.type}' has nothing to send`, EXAMPLE);
  const checkUnused = () => {
    const { body } = response;
    const locked = typeof body === 'object' && body !== null && (body as { locked?: unknown }).locked === true;
    if (response.bodyUsed || locked) throw refuse(USED, EXAMPLE);
  };
  checkUnused();
  const head = { status: response.status, statusText: response.statusText, headers: headersOf(response) };
  return {
    needsBody: false,
    outcome: async (asked): Promise<StubOutcome> => {
      checkUnused();
      if (asked.exchange.request.method === 'HEAD') return { action: 'answer', answer: { ...head, body: NONE } };
      const body = await openBody(again ? response.clone() : response, refuse, asked);
      return { action: 'answer', answer: { ...head, body } };
    },
  };
}

const NONE = Buffer.alloc(0);

async function openBody(response: WholeResponse, refuse: Refuse, asked: StubbedRequest): Promise<Answer['body']> {
  const { body } = response;
  if (body === null) return NONE;
  const source = isSource(body) ? openSource(body) : listSource([await response.arrayBuffer()]);
  if (source === undefined) throw refuse(USED, EXAMPLE);
  return new StreamedBody(source, (chunk) => chunkPiece(chunk, refuse), asked);
}

// The result of `fetch` has been decoded; its coding and its length are those of bytes that are gone.
const OF_CODED_BYTES = new Set(['content-encoding', 'content-length']);

function headersOf({ headers, url = '' }: WholeResponse): RawHeaders {
  const raw: string[] = [];
  for (const [name, value] of headers) if (name !== 'set-cookie') raw.push(name, value);
  for (const cookie of setCookies(headers)) raw.push('set-cookie', cookie);
  return url === '' ? raw : withoutHeaders(raw, OF_CODED_BYTES);
}

function setCookies(headers: FetchResponse['headers']): string[] {
  if (typeof headers.getSetCookie === 'function') return headers.getSetCookie();
  return [...headers].flatMap(([name, value]) => (name === 'set-cookie' ? [value] : []));
}

// A page sees of it what it sees of a connection that breaks (Fetch standard, network error).
function networkError({ exchange, stub }: StubbedRequest): StubOutcome {
  const message = `The stub written at ${stub.site} answered ${exchange} with a network error: Response.error().`;
  return { action: 'fail', fault: { kind: 'reset', error: new TestError('WAYLAY_FAULT', message) } };
}
