/**
 * Validators of changed bodies (RFC 9110, section 8.8). What the upstream says of its body is not
 * true of another one: a client that revalidates with it would keep the changed body when the
 * mutation is gone, or the unchanged one while it is there.
 */
import { isAwsStreaming } from '../../src/http/aws-chunked.js';
import { headerValue, headerValues, type RawHeaders, withHeader, withoutHeaders } from '../../src/http/headers.js';

/** Digests of the body: RFC 9530, and what came before it. */
const DIGESTS = ['content-digest', 'repr-digest', 'digest', 'content-md5'];
const OF_THE_BODY = [...DIGESTS, 'last-modified', 'accept-ranges'];
/** Fields that ask for less than a whole body. */
const CONDITIONS = new Set(['if-none-match', 'if-modified-since', 'if-range', 'range']);

const ETAG = /^((?:W\/)?"[^"]*)"$/;
const MARK = /;waylay-\d+(?=")/g;

/**
 * The fields of a response whose body was changed. Its `etag` is marked as that of another body,
 * what else is true of the upstream's body only is left out; but not what the test has set itself.
 *
 * @param before the fields as they came
 * @param id what no other changed body of the test is marked with
 */
export function ofAnotherBody(headers: RawHeaders, before: RawHeaders, id: number): RawHeaders {
  const changed = withoutUnset(headers, before, OF_THE_BODY);
  const etag = headerValue(changed, 'etag');
  if (etag === undefined || etag !== headerValue(before, 'etag')) return changed;
  return withHeader(changed, 'etag', ETAG.test(etag) ? etag.replace(ETAG, `$1;waylay-${id}"`) : null);
}

/** The fields of a request whose body was changed: no digests of the client's body. */
export function withoutDigests(headers: RawHeaders, before: RawHeaders): RawHeaders {
  const changed = withoutUnset(headers, before, DIGESTS);
  if (!isAwsStreaming(before) || !isAwsStreaming(changed)) return changed;
  // The body is no longer in signed chunks, and has no trailers after them.
  return withHeader(withoutUnset(changed, before, OF_AWS_CHUNKS), 'x-amz-content-sha256', 'UNSIGNED-PAYLOAD');
}

const OF_AWS_CHUNKS = ['x-amz-decoded-content-length', 'x-amz-trailer'];

function withoutUnset(headers: RawHeaders, before: RawHeaders, names: readonly string[]): RawHeaders {
  const stale = names.filter((name) => {
    const value = headerValue(headers, name);
    return value !== undefined && value === headerValue(before, name);
  });
  return stale.length === 0 ? headers : withoutHeaders(headers, new Set(stale));
}

/** The fields of a request whose response's body will be changed: they ask for the whole of it. */
export function unconditional(headers: RawHeaders): RawHeaders {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (CONDITIONS.has((headers[i] as string).toLowerCase())) return withoutHeaders(headers, CONDITIONS);
  }
  return headers;
}

/**
 * The fields of a request to an upstream that knows nothing of marked etags. A precondition for a
 * change (`if-match`) is about the upstream's state, so its own etag stands for the marked one. A
 * client that has a changed body, or a part of it, needs the whole unchanged one.
 */
export function withoutMarks(headers: RawHeaders): RawHeaders {
  let changed = headers;
  if (isMarked(headers, 'if-match')) {
    changed = withHeader(
      changed,
      'if-match',
      headerValues(headers, 'if-match').map((value) => value.replace(MARK, '')),
    );
  }
  if (isMarked(headers, 'if-range')) changed = withoutHeaders(changed, new Set(['if-range', 'range']));
  if (isMarked(headers, 'if-none-match')) {
    const others = (headerValue(headers, 'if-none-match') ?? '')
      .match(/(?:W\/)?"[^"]*"/g)
      ?.filter((etag) => etag.search(MARK) === -1);
    changed =
      others === undefined || others.length === 0
        ? withoutHeaders(changed, new Set(['if-none-match', 'if-modified-since']))
        : withHeader(changed, 'if-none-match', others.join(', '));
  }
  return changed;
}

function isMarked(headers: RawHeaders, name: string): boolean {
  return headerValues(headers, name).some((value) => value.search(MARK) !== -1);
}
