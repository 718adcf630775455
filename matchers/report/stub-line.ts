import { MASKED } from '../../src/journal/mask/mask.js';
import type { Request } from '../../src/journal/message.js';
import { isPreflight, readingOrigin } from '../message/cross-origin.js';
import { escapeGlob } from '../pattern/glob.js';
import { formatValue, isPlainObject, quote } from '../values/format.js';

/** The length of the line that a narrowed pattern is to fit on. */
const LONGEST = 120;

/**
 * The line of code that would have stubbed the request. Where others to the same URL differ only by what
 * is in their body, its pattern says what is in this one. For a page of another origin, it lets that read the answer.
 */
export function stubLine(request: Request, others: readonly Request[] = []): string {
  const [address = '', query] = request.url.split('?', 2);
  // A masked part may be anything.
  const shown = request.secrets.url(address).split(MASKED);
  const glob = shown.map(escapeGlob).join('*') + (query === undefined ? '' : '?**');
  // The stubbed request is, for a preflight, the one that it asks about.
  const method = (isPreflight(request) && request.header('access-control-request-method')) || request.method;
  const options = readingOrigin(request) === undefined ? '' : ', { cors: true }';
  const body = narrowing(
    request,
    others.filter((other) => isTwin(request, other)),
  );
  const pattern =
    body === undefined ? quote(`${method} ${glob}`) : `{ method: ${quote(method)}, url: ${quote(glob)}, ${body} }`;
  return `waylay.stubResponse(${pattern}, { status: 200 }${options});`;
}

function isTwin(request: Request, other: Request): boolean {
  return other !== request && other.method === request.method && other.url === request.url;
}

function narrowing(request: Request, twins: readonly Request[]): string | undefined {
  const json = jsonOf(request);
  const operation = operationName(json);
  if (operation !== undefined) return `graphql: ${quote(operation)}`;
  const others = twins.map(jsonOf).filter((other) => other !== undefined && !isSame(other, json));
  if (json === undefined || others.length === 0) return undefined;
  const told = telling(json, others);
  // A pattern with a mask in it would match nothing.
  if (request.secrets.json(told) !== told) return undefined;
  const written = `json: ${formatValue(told, Number.POSITIVE_INFINITY)}`;
  return written.length <= LONGEST ? written : undefined;
}

/** The smallest part of the body that tells it from the others. */
function telling(json: unknown, others: readonly unknown[]): unknown {
  if (!isPlainObject(json)) return json;
  const differing = Object.keys(json).filter((key) => others.some((other) => !hasSame(other, json, key)));
  const telling = differing.find((key) => others.every((other) => !hasSame(other, json, key)));
  const keys = telling === undefined ? differing : [telling];
  return keys.length === 0 ? json : Object.fromEntries(keys.map((key) => [key, json[key]]));
}

function hasSame(other: unknown, json: Record<string, unknown>, key: string): boolean {
  return isPlainObject(other) && isSame(other[key], json[key]);
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** All operations of a GraphQL service have one URL, so their name is always said (GraphQL over HTTP, section 5.1). */
function operationName(json: unknown): string | undefined {
  if (!isPlainObject(json) || typeof json.query !== 'string') return undefined;
  if (typeof json.operationName === 'string' && json.operationName !== '') return json.operationName;
  return /\b(?:query|mutation|subscription)\s+([A-Za-z_]\w*)/.exec(json.query)?.[1];
}

function jsonOf(request: Request): unknown {
  if (request.captured.size === 0) return undefined;
  try {
    return request.json();
  } catch {
    return undefined;
  }
}
