/** The conditions of a request on the representation that would answer it (RFC 9110, section 13). */
import type { Request } from '../../src/journal/message.js';

/**
 * The validators that tell one state of a file from another (RFC 9110, section 8.8); as fields have it, absent where it
 * has none.
 */
export interface Validators {
  /** `"5-18f"`, or `W/"…"` for a weak one. */
  readonly etag: string | undefined;
  /** An HTTP date. */
  readonly lastModified: string | undefined;
}

/** The status that answers a GET or HEAD in the place of the representation; undefined where nothing stands against it. */
export function failedPrecondition(request: Request, validators: Validators): 304 | 412 | undefined {
  const { etag, lastModified } = validators;
  // The order is that of RFC 9110, section 13.2.2.
  const match = request.header('if-match');
  const unmodifiedSince = request.header('if-unmodified-since');
  if (match !== undefined) {
    if (!isListed(match, etag, isStrongMatch)) return 412;
  } else if (unmodifiedSince !== undefined && isLater(lastModified, unmodifiedSince)) return 412;
  const noneMatch = request.header('if-none-match');
  const modifiedSince = request.header('if-modified-since');
  if (noneMatch !== undefined) return isListed(noneMatch, etag, isWeakMatch) ? 304 : undefined;
  return modifiedSince !== undefined && isKnown(lastModified, modifiedSince) && !isLater(lastModified, modifiedSince)
    ? 304
    : undefined;
}

/** True if a part may be sent: without `If-Range`, or where that names the state that is there (RFC 9110, section 13.1.5). */
export function mayBePartial(request: Request, { etag, lastModified }: Validators): boolean {
  const ifRange = request.header('if-range');
  if (ifRange === undefined) return true;
  if (ifRange.includes('"')) return etag !== undefined && isStrongMatch(ifRange.trim(), etag);
  return lastModified !== undefined && Date.parse(ifRange) === Date.parse(lastModified);
}

const ENTITY_TAG = /(?:W\/)?"[^"]*"/g;

function isListed(list: string, etag: string | undefined, compare: (one: string, other: string) => boolean): boolean {
  if (list.trim() === '*') return true;
  return etag !== undefined && (list.match(ENTITY_TAG) ?? []).some((one) => compare(one, etag));
}

// RFC 9110, section 8.8.3.2.
function isStrongMatch(one: string, other: string): boolean {
  return one === other && !one.startsWith('W/');
}

function isWeakMatch(one: string, other: string): boolean {
  return one.replace(/^W\//, '') === other.replace(/^W\//, '');
}

// Dates that cannot be read are no condition (RFC 9110, section 13.1.3).
function isKnown(lastModified: string | undefined, date: string): boolean {
  return !Number.isNaN(Date.parse(lastModified ?? '')) && !Number.isNaN(Date.parse(date));
}

function isLater(lastModified: string | undefined, date: string): boolean {
  return Date.parse(lastModified ?? '') > Date.parse(date);
}
