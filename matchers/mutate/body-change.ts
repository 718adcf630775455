import { headerValue, type RawHeaders } from '../../src/http/headers.js';
import type { BodyChange, WholeBody } from '../../src/interceptor.js';
import type { Exchange } from '../../src/journal/exchange.js';
import { bytesOf } from '../message/content.js';
import { type Refuse, type Written, writeJson, writeText } from '../message/written-body.js';
import { formatWritten } from '../values/written.js';
import { readJson, readText } from './body-text.js';
import { type AnyBodies, BODY_KEYS, type BodyKey } from './change.js';
import { type StreamChange, streamThrough } from './stream-change.js';

/** The body's new value, or a function of the old one. */
export interface BodyStep {
  readonly kind: BodyKey;
  readonly value: unknown;
}

/** The change of the body; undefined where it stays. */
export function bodyStep(side: AnyBodies): BodyStep | undefined {
  const kind = BODY_KEYS.find((key) => Object.hasOwn(side, key));
  return kind === undefined ? undefined : { kind, value: side[kind] };
}

/** The place of a step: what it can say of itself when it fails. */
export interface BodyPlace {
  readonly exchange: Exchange;
  /** An empty body is none, and stays as it is where JSON would be changed. */
  readonly mayBeAbsent: boolean;
  /** The fields before the change: they tell the charset of what comes. */
  readonly headers: RawHeaders;
  /** The fields after it: they tell the charset of what is sent. */
  readonly changedHeaders: RawHeaders;
  readonly refuse: Refuse;
}

/** The changed body, and its content type where that has to be another one. */
export interface ChangedBody {
  readonly body: BodyChange;
  readonly contentType?: string;
}

/** The step after what was to become of the body so far. What can be known now is made now. */
export async function changeBody(
  before: BodyChange | undefined,
  step: BodyStep,
  place: BodyPlace,
): Promise<ChangedBody> {
  if (step.kind === 'stream') return { body: streamAfter(before, step.value as StreamChange, place) };
  if (typeof step.value !== 'function') {
    const type = headerValue(place.changedHeaders, 'content-type');
    return replaced(whole(encode(step.kind, step.value, type, place.refuse), undefined));
  }
  const change = bodyFunction(step.kind, step.value as BodyFunction, place);
  switch (before?.kind) {
    case undefined:
      return { body: { kind: 'whole', change } };
    case 'replace':
      return replaced(await change(before.bytes));
    case 'whole':
      return { body: { kind: 'whole', change: async (decoded) => change(await before.change(decoded)) } };
    case 'stream':
      // A stream may end before what comes from the upstream does, so it is not waited for.
      return { body: { kind: 'stream', change: (decoded) => wholeOf(before.change(decoded), change, place.refuse) } };
  }
}

function replaced(made: WholeBody): ChangedBody {
  return Buffer.isBuffer(made)
    ? { body: { kind: 'replace', bytes: made } }
    : { body: { kind: 'replace', bytes: made.bytes }, contentType: made.contentType };
}

function streamAfter(before: BodyChange | undefined, change: StreamChange, place: BodyPlace): BodyChange {
  const through = (chunks: AsyncIterable<Buffer>) =>
    streamThrough(change, chunks, place.exchange, (value, what) =>
      place.refuse(
        what === 'result'
          ? `the function for stream returned ${formatWritten(value)}, and no stream of strings or bytes`
          : `its stream gave ${formatWritten(value)}, and no string and no bytes`,
      ),
    );
  switch (before?.kind) {
    case undefined:
      return { kind: 'stream', change: through };
    case 'replace':
      return { kind: 'stream', change: () => through(wholeOf(NOTHING, () => before.bytes, place.refuse)) };
    case 'whole':
      return { kind: 'stream', change: (decoded) => through(wholeOf(decoded, before.change, place.refuse)) };
    case 'stream':
      return { kind: 'stream', change: (decoded) => through(buffers(before.change(decoded))) };
  }
}

const NOTHING: Iterable<Uint8Array> = [];

async function* wholeOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  change: (decoded: Buffer) => WholeBody | Promise<WholeBody>,
  refuse: Refuse,
): AsyncGenerator<Buffer, void, undefined> {
  const collected: Uint8Array[] = [];
  for await (const chunk of chunks) collected.push(chunk);
  const made = await change(Buffer.concat(collected));
  if (Buffer.isBuffer(made)) yield made;
  else throw refuse(retyped(made.contentType));
}

// The head of a stream is gone before its end is known.
function retyped(contentType: string): string {
  return `its text has characters that its charset has not, and a stream's content type cannot be changed after it; write { headers: { 'content-type': ${formatWritten(contentType)} } } in the same change`;
}

async function* buffers(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of chunks) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

type BodyFunction = (old: unknown, exchange: Exchange) => unknown;

/** The function as a step from bytes to bytes; what it is told of a content type is what the step before it made. */
function bodyFunction(kind: BodyStep['kind'], fn: BodyFunction, place: BodyPlace) {
  return async (before: WholeBody): Promise<WholeBody> => {
    const { bytes, contentType } = Buffer.isBuffer(before) ? { bytes: before } : before;
    if (kind === 'json' && bytes.length === 0 && place.mayBeAbsent) return before;
    if (kind === 'body')
      return whole(encode(kind, await fn(bytes, place.exchange), undefined, place.refuse), contentType);
    const type = contentType ?? headerValue(place.headers, 'content-type');
    const read = (kind === 'json' ? readJson : readText)(bytes, type, place.refuse);
    const set = headerValue(place.changedHeaders, 'content-type');
    const after = set === headerValue(place.headers, 'content-type') ? type : set;
    const written = read.write(await fn(read.value, place.exchange), after);
    return whole(written, after === set ? undefined : contentType);
  };
}

/** @param contentType what it already has to be */
function whole({ bytes, contentType }: Written, before: string | undefined): WholeBody {
  const type = contentType ?? before;
  return type === undefined ? bytes : { bytes, contentType: type };
}

function encode(kind: BodyStep['kind'], value: unknown, contentType: string | undefined, refuse: Refuse): Written {
  if (kind === 'json') return writeJson(value, contentType, refuse);
  if (kind === 'text') return writeText(value, contentType, refuse);
  const bytes = bytesOf(value);
  if (bytes !== undefined) return { bytes };
  throw refuse(`${kind} is ${formatWritten(value)}, and no string and no bytes`);
}
