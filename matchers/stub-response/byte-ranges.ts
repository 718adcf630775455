/** Parts of a representation that a request asks for (RFC 9110, section 14). */
import { randomUUID } from 'node:crypto';
import type { RawHeaders } from '../../src/http/headers.js';

/** Bytes of a representation, both positions inclusive and from 0. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** More of them are asked for by nobody who means it: the whole is sent (RFC 9110, section 14.2). */
const MOST_RANGES = 100;

/**
 * Reads a `Range` field for a representation of so many bytes: the ranges in it, in their order; `'unsatisfiable'` where
 * none begins within it; undefined where the field is none, or in another unit than bytes, so that it says nothing.
 */
export function readRanges(
  field: string | undefined,
  length: number,
): readonly ByteRange[] | 'unsatisfiable' | undefined {
  const set = /^\s*bytes\s*=(.*)$/i.exec(field ?? '')?.[1];
  if (set === undefined) return undefined;
  const ranges: ByteRange[] = [];
  // Empty elements of a list are nothing (RFC 9110, section 5.6.1.2).
  const specs = set.split(',').filter((spec) => spec.trim() !== '');
  if (specs.length === 0 || specs.length > MOST_RANGES) return undefined;
  for (const spec of specs) {
    const [, from = '', to = ''] = /^\s*(\d*)-(\d*)\s*$/.exec(spec) ?? [];
    if (from === '' && to === '') return undefined;
    if (from === '') {
      // The last so many bytes; of a shorter representation, all of it.
      if (Number(to) > 0 && length > 0) ranges.push({ first: Math.max(0, length - Number(to)), last: length - 1 });
      continue;
    }
    if (to !== '' && Number(to) < Number(from)) return undefined;
    if (Number(from) < length) {
      ranges.push({ first: Number(from), last: to === '' ? length - 1 : Math.min(Number(to), length - 1) });
    }
  }
  return ranges.length === 0 ? 'unsatisfiable' : ranges;
}

/** A `Content-Range` of so many bytes in all. */
function contentRange({ first, last }: ByteRange, length: number): string {
  return `bytes ${first}-${last}/${length}`;
}

/** The number of bytes that it has. */
export function sizeOf({ first, last }: ByteRange): number {
  return last - first + 1;
}

/** The parts of a 206's body, in order. */
export interface PartialBody {
  readonly fields: RawHeaders;
  readonly parts: readonly (Buffer | ByteRange)[];
}

/** One range alone, or several as `multipart/byteranges` (RFC 9110, section 14.6). */
export function partialBody(ranges: readonly ByteRange[], length: number, type: string | undefined): PartialBody {
  const [only] = ranges;
  if (only !== undefined && ranges.length === 1) {
    const fields = ['Content-Range', contentRange(only, length)];
    return { fields: type === undefined ? fields : ['content-type', type, ...fields], parts: [only] };
  }
  const boundary = randomUUID();
  const parts = ranges.flatMap((range) => {
    const head = [`--${boundary}`, ...(type === undefined ? [] : [`Content-Type: ${type}`])];
    head.push(`Content-Range: ${contentRange(range, length)}`, '', '');
    return [Buffer.from(head.join('\r\n'), 'latin1'), range, Buffer.from('\r\n')];
  });
  parts.push(Buffer.from(`--${boundary}--\r\n`));
  return { fields: ['content-type', `multipart/byteranges; boundary=${boundary}`], parts };
}
