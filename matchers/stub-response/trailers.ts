import type { RawHeaders } from '../../src/http/headers.js';
import { rawHeaderList } from '../message/header-list.js';
import type { Refuse } from './invalid-reply.js';

const EXAMPLE = `{ text: 'Hello', trailers: { 'server-timing': 'db;dur=53' } }`;

// RFC 9110, section 6.5.1: what frames, routes or explains the body is too late after it.
const TOO_LATE = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** `trailers`: fields after the body, written as headers are. */
export function readTrailers(value: unknown, refuse: Refuse): RawHeaders {
  const trailers = rawHeaderList(value, 'trailers', (why) => refuse(why, EXAMPLE));
  const late = trailers.find((name, index) => index % 2 === 0 && TOO_LATE.has(name.toLowerCase()));
  if (late === undefined) return trailers;
  throw refuse(`'${late}' cannot be a trailer (RFC 9110, section 6.5.1)`, EXAMPLE);
}
