import type { Exchange } from '../../src/exchange/exchange.js';
import { headerValue, type RawHeaders, withHeader } from '../../src/exchange/headers.js';
import type { BodyChange } from '../../src/interceptor.js';
import { TextDecoder } from '../../src/realm.js';
import { bytesOf, jsonText } from '../message/content.js';
import { formatValue } from '../report/format.js';
import { BODY_KEYS, type Bodies, type BodyKey } from './change.js';
import { type StreamChange, streamThrough } from './stream-change.js';

/** The body's new value, or a function of the old one. */
export interface BodyStep {
  readonly kind: BodyKey;
  readonly value: unknown;
}

/** What becomes of the body; undefined where it stays. */
export function bodyStep(side: Partial<Bodies>): BodyStep | undefined {
  const kind = BODY_KEYS.find((key) => Object.hasOwn(side, key));
  return kind === undefined ? undefined : { kind, value: side[kind] };
}

/** Where a step happens: what it can say of itself when it fails. */
export interface BodyPlace {
  readonly exchange: Exchange;
  /** An empty body is none, and stays as it is where JSON would be changed. */
  readonly mayBeAbsent: boolean;
  /** The fields before the change: they tell the charset of what comes. */
  readonly headers: RawHeaders;
  refuse(why: string, cause?: unknown): Error;
}

/** The step after what was to become of the body so far. What can be known now is made now. */
export async function changeBody(
  before: BodyChange | undefined,
  step: BodyStep,
  place: BodyPlace,
): Promise<BodyChange> {
  if (step.kind === 'stream') return streamAfter(before, step.value as StreamChange, place);
  if (typeof step.value !== 'function') return { kind: 'replace', bytes: encode(step.kind, step.value, place) };
  const change = bodyFunction(step.kind, step.value as BodyFunction, place);
  switch (before?.kind) {
    case undefined:
      return { kind: 'whole', change };
    case 'replace':
      return { kind: 'replace', bytes: await change(before.bytes) };
    case 'whole':
      return { kind: 'whole', change: async (decoded) => change(await before.change(decoded)) };
    case 'stream':
      // A stream may end before what comes from the upstream does, so it is not waited for.
      return { kind: 'stream', change: (decoded) => wholeOf(before.change(decoded), change) };
  }
}

function streamAfter(before: BodyChange | undefined, change: StreamChange, place: BodyPlace): BodyChange {
  const through = (chunks: AsyncIterable<Buffer>) =>
    streamThrough(change, chunks, place.exchange, (value, what) =>
      place.refuse(
        what === 'result'
          ? `the function for stream returned ${formatValue(value)}, and no stream of strings or bytes`
          : `its stream gave ${formatValue(value)}, and no string and no bytes`,
      ),
    );
  switch (before?.kind) {
    case undefined:
      return { kind: 'stream', change: through };
    case 'replace':
      return { kind: 'stream', change: () => through(wholeOf(NOTHING, () => before.bytes)) };
    case 'whole':
      return { kind: 'stream', change: (decoded) => through(wholeOf(decoded, before.change)) };
    case 'stream':
      return { kind: 'stream', change: (decoded) => through(buffers(before.change(decoded))) };
  }
}

const NOTHING: Iterable<Uint8Array> = [];

async function* wholeOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  change: (decoded: Buffer) => Buffer | Promise<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  const collected: Uint8Array[] = [];
  for await (const chunk of chunks) collected.push(chunk);
  yield await change(Buffer.concat(collected));
}

async function* buffers(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of chunks) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

type BodyFunction = (old: unknown, exchange: Exchange) => unknown;

function bodyFunction(kind: BodyStep['kind'], fn: BodyFunction, place: BodyPlace) {
  return async (decoded: Buffer): Promise<Buffer> => {
    if (kind === 'json' && decoded.length === 0 && place.mayBeAbsent) return decoded;
    return encode(kind, await fn(decode(kind, decoded, place), place.exchange), place);
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
