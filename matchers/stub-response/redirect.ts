import { headerValue } from '../../src/http/headers.js';
import { canParseUrl } from '../../src/runtime/realm.js';
import { kindOf } from '../message/content.js';
import { quote } from '../values/format.js';
import { formatWritten } from '../values/written.js';
import type { BodyForm } from './body-form.js';

/** RFC 9110, section 15.4: the statuses that send a client to another place; 302 is the default. */
export const REDIRECTS = [302, 301, 303, 307, 308] as const;

const EXAMPLE = `{ redirect: 'https://shop.test/login' }`;

/** `redirect`: where the client is sent, absolute or relative to what it asked for. */
export const redirectBody: BodyForm = (value, refuse, headers) => {
  const target = value instanceof URL ? value.href : value;
  if (typeof target !== 'string') throw refuse(`redirect is ${kindOf(value)} and no URL`, EXAMPLE);
  if (target === '') throw refuse('redirect is empty', EXAMPLE);
  // RFC 3986: a URL is ASCII without spaces, and node:http refuses what is not Latin-1.
  if (/[^\x21-\x7e]/.test(target)) {
    const write = `{ redirect: ${quote(encoded(target))} }`;
    throw refuse(`${formatWritten(target)} has characters that a URL has percent-encoded`, write);
  }
  if (!canParseUrl(target, 'http://relative.test/')) throw refuse(`${formatWritten(target)} is no URL`, EXAMPLE);
  if (headerValue(headers, 'location') !== undefined) {
    throw refuse('redirect and the header location are two places to go to', `{ redirect: ${quote(target)} }`);
  }
  return { field: ['location', target], statuses: REDIRECTS, bytes: Buffer.alloc(0) };
};

function encoded(target: string): string {
  return canParseUrl(target) ? new URL(target).href : encodeURI(target.trim());
}
