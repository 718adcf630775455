import { headerValue, type RawHeaders, withHeader } from '../../src/exchange/headers.js';
import type { BodyChange } from '../../src/interceptor.js';
import { bytesOf, jsonText } from '../message/content.js';
import { formatValue } from '../report/format.js';

/** The keys that change a body; of these a change has at most one. */
export const BODY_KEYS = ['json', 'text', 'body'] as const;

/** The body's new value, or a function of the old one. */
export interface BodyStep {
  readonly kind: (typeof BODY_KEYS)[number];
  readonly value: unknown;
}

/** Where a step happens: what it can say of itself when it fails. */
export interface BodyPlace {
  /** An empty body is none, and stays as it is where JSON would be changed. */
  readonly mayBeAbsent: boolean;
  /** The fields before the change: they tell the charset of what comes. */
  readonly headers: RawHeaders;
  refuse(why: string, cause?: unknown): Error;
}

/** The step after what was to become of the body so far. */
export function changeBody(before: BodyChange | undefined, step: BodyStep, place: BodyPlace): BodyChange {
  if (typeof step.value !== 'function') return { kind: 'replace', bytes: encode(step.kind, step.value, place) };
  const change = bodyFunction(step.kind, step.value as (old: unknown) => unknown, place);
  switch (before?.kind) {
    case 'replace':
      return { kind: 'whole', change: () => change(before.bytes) };
    case 'whole':
      return { kind: 'whole', change: async (decoded) => change(await before.change(decoded)) };
    default:
      return { kind: 'whole', change };
  }
}

function bodyFunction(kind: BodyStep['kind'], fn: (old: unknown) => unknown, place: BodyPlace) {
  return async (decoded: Buffer): Promise<Buffer> => {
    if (kind === 'json' && decoded.length === 0 && place.mayBeAbsent) return decoded;
    return encode(kind, await fn(decode(kind, decoded, place)), place);
  };
}

function decode(kind: BodyStep['kind'], bytes: Buffer, place: BodyPlace): unknown {
  if (kind === 'body') return bytes;
  const text = decodeText(bytes, charsetOf(place.headers));
  if (kind === 'text') return text;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw place.refuse(`its body is not JSON: ${formatValue(text, 80)}`, cause);
  }
}

function encode(kind: BodyStep['kind'], value: unknown, place: Pick<BodyPlace, 'refuse'>): Buffer {
  if (kind === 'json') return Buffer.from(jsonText(value, (why, cause) => place.refuse(why, cause)));
  const bytes = kind === 'text' && typeof value !== 'string' ? undefined : bytesOf(value);
  if (bytes !== undefined) return bytes;
  throw place.refuse(
    `${kind} is ${formatValue(value)}, and ${kind === 'text' ? 'no string' : 'no string and no bytes'}`,
  );
}

function decodeText(bytes: Buffer, charset: string | undefined): string {
  try {
    return new TextDecoder(charset ?? 'utf-8').decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes); // A charset that nobody knows.
  }
}

const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]+)"?/i;

function charsetOf(headers: RawHeaders): string | undefined {
  return CHARSET.exec(headerValue(headers, 'content-type') ?? '')?.[1];
}

/** The fields for text that is now in UTF-8: another charset would be a lie. */
export function withUtf8(headers: RawHeaders): RawHeaders {
  const charset = charsetOf(headers)?.toLowerCase();
  if (charset === undefined || charset === 'utf-8' || charset === 'utf8') return headers;
  const type = headerValue(headers, 'content-type') ?? '';
  return withHeader(headers, 'content-type', type.replace(CHARSET, '; charset=utf-8'));
}
