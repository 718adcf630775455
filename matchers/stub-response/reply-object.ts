/** A reply written as an object. */
import { STATUS_CODES } from 'node:http';
import { hasNoContent } from '../../src/http/framing.js';
import { headerValue, type RawHeaders } from '../../src/http/headers.js';
import type { ResponseHead } from '../../src/http/response-head.js';
import type { Answer } from '../../src/interceptor.js';
import { EXAMPLE_HEADERS, rawHeaderList } from '../message/header-list.js';
import { headerProblem } from '../message/header-syntax.js';
import { hopByHopProblemOfResponse } from '../message/hop-by-hop.js';
import { isMilliseconds } from '../message/milliseconds.js';
import { nearestWord } from '../values/text-distance.js';
import { formatWritten } from '../values/written.js';
import type { BodyForm, ReplyBody } from './body-form.js';
import { eventStreamBody } from './event-stream.js';
import { fileBody } from './file-body.js';
import { readInformational } from './informational.js';
import { EXAMPLE_REPLY, invalidReply, type Refuse } from './invalid-reply.js';
import { bytesBody, jsonBody, textBody } from './plain-body.js';
import { type ReadyReply, sameForAll } from './ready-reply.js';
import { redirectBody } from './redirect.js';
import { streamBody } from './stream-body.js';
import { readTrailers } from './trailers.js';
import type { ReplyBodies, ReplyHead } from './written-reply.js';

/** The keys that say what the body is, those of their type: how each is read. */
const BODIES = {
  json: jsonBody,
  text: textBody,
  body: bytesBody,
  file: fileBody,
  stream: streamBody,
  sse: eventStreamBody,
  redirect: redirectBody,
} satisfies Record<keyof ReplyBodies, BodyForm>;

const BODY_KEYS = Object.keys(BODIES) as (keyof typeof BODIES)[];

/** All keys, those of their type, in the order in which messages tell them. */
const KEYS = Object.keys({
  status: true,
  statusText: true,
  headers: true,
  ...BODIES,
  trailers: true,
  delay: true,
  informational: true,
} satisfies Record<keyof (ReplyHead & ReplyBodies), unknown>);
const NONE = Buffer.alloc(0);

/**
 * Checks the object and makes it ready.
 *
 * @param written the test wrote it so; what a function returns may have the fields of a response that it was given
 * @throws {TestError} `WAYLAY_INVALID_REPLY`
 */
export function readReplyObject(reply: Readonly<Record<string, unknown>>, written: boolean): ReadyReply {
  const refuse: Refuse = (why, write, cause) => invalidReply(reply, why, write, cause);
  for (const key of Object.keys(reply)) checkKey(key, reply[key], refuse);
  const given = rawHeaderList(reply.headers ?? {}, 'headers', (why) => refuse(why, `{ headers: ${EXAMPLE_HEADERS} }`));
  if (written) checkHops(given, refuse);
  const body = readBody(reply, given, refuse);
  const status = readStatus(reply.status, body, refuse);
  const { field } = body;
  const isSaid = field === undefined || headerValue(given, field[0]) !== undefined;
  const head = {
    status,
    statusText: readStatusText(reply.statusText, refuse) ?? STATUS_CODES[status] ?? '',
    headers: isSaid ? given : [...given, ...field],
    ...readExtras(reply, refuse),
  };
  checkFraming(head, body, refuse);
  if ('bytes' in body) {
    const { bytes } = body;
    // Made here and not for each answer, whose fields would be a list of their own; an empty one may be a HEAD's.
    const headers = withLength(head, bytes.length === 0 ? undefined : bytes.length);
    return sameForAll({ action: 'answer', answer: { ...head, headers, body: bytes } });
  }
  if ('answer' in body) {
    return {
      needsBody: false,
      outcome: async (asked) => ({ action: 'answer', answer: await body.answer(head, asked) }),
    };
  }
  return {
    needsBody: body.needsBody ?? false,
    outcome: async (asked) => {
      // An answer without a body (RFC 9110, section 9.3.2) needs none opened.
      const isHead = asked.exchange.request.method === 'HEAD';
      return { action: 'answer', answer: { ...head, body: isHead ? NONE : await body.open(asked) } };
    },
  };
}

type Head = Omit<Answer, 'body'>;

/** The fields with the length, where it is known and may be said. */
function withLength({ headers, trailers }: Head, length: number | undefined): RawHeaders {
  const isLeftOut =
    length === undefined || trailers !== undefined || headerValue(headers, 'content-length') !== undefined;
  return isLeftOut ? headers : [...headers, 'Content-Length', String(length)];
}

function checkKey(key: string, value: unknown, refuse: Refuse): void {
  if (KEYS.includes(key)) return;
  if (key === 'times' || key === 'cors') {
    throw refuse(
      `'${key}' is an option of the stub`,
      `stubResponse(pattern, reply, { ${key}: ${formatWritten(value, 60)} })`,
    );
  }
  const nearest = nearestWord(key, KEYS);
  const hint = nearest === undefined ? `the keys are ${KEYS.join(', ')}` : `the nearest is '${nearest}'`;
  const write = nearest === undefined ? EXAMPLE_REPLY : `{ ${nearest}: ${formatWritten(value, 60)} }`;
  throw refuse(`there is no key '${key}'; ${hint}`, write);
}

function readBody(reply: Readonly<Record<string, unknown>>, headers: RawHeaders, refuse: Refuse): ReplyBody {
  const given = BODY_KEYS.filter((key) => Object.hasOwn(reply, key));
  const [key] = given;
  if (key === undefined) return { bytes: NONE };
  if (given.length > 1) throw refuse(`${given.join(' and ')} are two bodies`, EXAMPLE_REPLY);
  return BODIES[key](reply[key], refuse, headers);
}

function readStatus(status: unknown, { statuses }: ReplyBody, refuse: Refuse): number {
  if (status === undefined) return statuses?.[0] ?? 200;
  if (status === 101) {
    throw refuse(
      'a stub cannot accept a WebSocket yet, it can only refuse one',
      `{ status: 401 } to refuse it, or lead it to a server of your own, such as one of the package ws: ` +
        `mutate(pattern, { request: { url: 'ws://127.0.0.1:8080' } }), or the option ` +
        `hosts: { 'chat.test': '127.0.0.1:8080' }`,
    );
  }
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599) {
    throw refuse(`the status ${formatWritten(status)} is no whole number from 200 to 599`, EXAMPLE_REPLY);
  }
  if (statuses?.includes(status) === false) {
    const write = `{ redirect: 'https://shop.test/login', status: ${statuses[0]} }`;
    throw refuse(`a ${status} is no redirect; those are ${[...statuses].sort().join(', ')}`, write);
  }
  return status;
}

function readStatusText(text: unknown, refuse: Refuse): string | undefined {
  if (text === undefined) return undefined;
  if (typeof text === 'string' && headerProblem('reason', text) === undefined) return text;
  throw refuse('statusText is a line of text', `{ status: 402, statusText: 'Declined' }`);
}

function readExtras(
  { trailers, delay, informational }: Readonly<Record<string, unknown>>,
  refuse: Refuse,
): Pick<Answer, 'trailers' | 'delay' | 'informational'> {
  if (delay !== undefined && !isMilliseconds(delay)) {
    throw refuse(`delay is ${formatWritten(delay)} and no number of milliseconds`, `{ delay: 500, json: [] }`);
  }
  const fields = trailers === undefined ? [] : readTrailers(trailers, refuse);
  return {
    ...(fields.length > 0 && { trailers: fields }),
    ...(delay !== undefined && { delay }),
    ...(informational !== undefined && { informational: readInformational(informational, refuse) }),
  };
}

/** Refuses fields that go no further than to the proxy's connection: they come to nothing. */
function checkHops(headers: RawHeaders, refuse: Refuse): void {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const problem = hopByHopProblemOfResponse(headers[i] as string, headers[i + 1]);
    if (problem !== undefined) throw refuse(problem.why, problem.write);
  }
}

/** Refuses what would leave the client waiting for bytes that never come, or with bytes that it cannot tell apart. */
function checkFraming(
  { status, headers, trailers }: ResponseHead & Pick<Answer, 'trailers'>,
  body: ReplyBody,
  refuse: Refuse,
): void {
  const bytes = 'bytes' in body ? body.bytes : undefined;
  if (hasNoContent(status)) {
    const write = `{ status: ${status} }`;
    if (bytes?.length !== 0) throw refuse(`a ${status} response has no body (RFC 9110, section 15)`, write);
    if (trailers !== undefined) throw refuse(`a ${status} response has no body, and so no trailers`, write);
  }
  const length = headerValue(headers, 'content-length');
  if (length === undefined) return;
  if (trailers !== undefined) {
    const why = 'trailers follow a body in chunks, which excludes content-length (RFC 9112, section 6.2)';
    throw refuse(why, `{ trailers: { 'x-checksum': 'abc' }, text: 'Hello' }`);
  }
  if (!/^\d+$/.test(length)) {
    throw refuse(`content-length is ${formatWritten(length)} and no number of bytes`, 'no content-length: it is added');
  }
  // The length of an empty body may be what a HEAD is to be told.
  if (bytes !== undefined && bytes.length > 0 && length !== String(bytes.length)) {
    throw refuse(
      `content-length is ${length}, and the body has ${bytes.length} bytes`,
      'no content-length: it is added',
    );
  }
}
