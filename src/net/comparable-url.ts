/** The one spelling in which URLs are compared (RFC 3986, section 6.2.2). Pure. */
import { defaultPort } from './authority.js';
import { canonicalHost, PLAIN_HOST } from './host-name.js';
import { wireText } from './wire-text.js';

/**
 * Percent-encoded bytes; and what no URI may have but encoded, with the apostrophe, which the URL parser of clients
 * encodes in some places and leaves in others.
 */
const TO_NORMALISE = /%[0-9a-f]{2}|[^a-z0-9\-._~!$&()*+,;=:@/?#[\]%]/giu;

const IS_NORMAL = /^[A-Za-z0-9\-._~!$&()*+,;=:@/?#[\]]*$/;

/** A URL that is its own comparable spelling, as nearly all are. */
const PLAIN = new RegExp(`^[a-z]+://(?:${PLAIN_HOST.source})(?::(?!80/|443/)[1-9]\\d*)?/${IS_NORMAL.source.slice(1)}`);

/**
 * The text of a URL with its percent-encoding normalised: in upper case, needless encoding undone (unreserved
 * characters), and everything encoded that has to be.
 *
 * @example comparableText('/caf%c3%a9/%7Eme') // '/caf%C3%A9/~me'
 */
export function comparableText(text: string): string {
  return IS_NORMAL.test(text) ? text : text.replace(TO_NORMALISE, normalised);
}

function normalised(part: string): string {
  if (part.length !== 3 || !part.startsWith('%')) return encoded(part);
  const char = String.fromCharCode(Number.parseInt(part.slice(1), 16));
  return /[a-z0-9\-._~]/i.test(char) ? char : part.toUpperCase();
}

function encoded(char: string): string {
  return Buffer.from(char).toString('hex').toUpperCase().replace(/../g, '%$&');
}

// A request is held against many patterns, one after the other.
let lastUrl = '';
let lastComparable = '';

/** An absolute URL as it is compared: its host {@link canonicalHost | canonical}, the rest as {@link comparableText}. */
export function comparableUrl(url: string): string {
  if (url !== lastUrl) {
    lastComparable = PLAIN.test(url) ? url : makeComparable(url);
    lastUrl = url;
  }
  return lastComparable;
}

function makeComparable(url: string): string {
  const [, scheme = '', host = '', port, rest] =
    /^([a-z][a-z\d+.-]*):\/\/(\[[^\]/?#]*\]|[^:/?#]*)(?::(\d+))?([/?#].*)?$/is.exec(wireText(url)) ?? [];
  if (scheme === '') return comparableText(url);
  const name = canonicalHost(host);
  const at = name.includes(':') ? `[${name}]` : name;
  const end = port === undefined || Number(port) === defaultPort(scheme) ? '' : `:${Number(port)}`;
  return `${scheme}://${at}${end}${comparableText(rest ?? '')}`;
}
