import { headerValues, type RawHeaders } from '../../http/headers.js';
import { type HarCookie, isoDate } from './har-format.js';

/** The cookies of a request's `Cookie` fields (RFC 6265, section 4.2). */
export function requestCookies(raw: RawHeaders): HarCookie[] {
  return headerValues(raw, 'cookie')
    .flatMap((value) => value.split(';'))
    .filter((pair) => pair.trim() !== '')
    .map(nameAndValue);
}

/**
 * The cookies of a response's `Set-Cookie` fields with their attributes (RFC 6265, section 5.2).
 * @param received milliseconds since the epoch, from which `Max-Age` counts
 */
export function responseCookies(raw: RawHeaders, received: number): HarCookie[] {
  return headerValues(raw, 'set-cookie').map((value) => setCookie(value, received));
}

function setCookie(value: string, received: number): HarCookie {
  const [pair = '', ...attributes] = value.split(';');
  const cookie: { -readonly [K in keyof HarCookie]: HarCookie[K] } = {
    ...nameAndValue(pair),
    httpOnly: false,
    secure: false,
  };
  let lifetime: string | undefined;
  for (const attribute of attributes) {
    const [name, argument] = split(attribute);
    switch (name.toLowerCase()) {
      case 'path':
        cookie.path = argument;
        break;
      case 'domain':
        cookie.domain = argument;
        break;
      case 'samesite':
        cookie.sameSite = argument;
        break;
      case 'httponly':
        cookie.httpOnly = true;
        break;
      case 'secure':
        cookie.secure = true;
        break;
      case 'expires':
        cookie.expires = isoDate(cookieDate(argument));
        break;
      case 'max-age':
        if (/^-?\d+$/.test(argument)) lifetime = argument;
        break;
    }
  }
  // Max-Age has precedence (RFC 6265, section 4.1.2.2); zero or less means at once.
  if (lifetime !== undefined) cookie.expires = isoDate(Number(lifetime) > 0 ? received + Number(lifetime) * 1000 : 0);
  return cookie;
}

// A pair without `=` is a value without a name, as browsers read it (RFC 6265bis, section 5.6).
function nameAndValue(pair: string): { name: string; value: string } {
  if (!pair.includes('=')) return { name: '', value: pair.trim() };
  const [name, value] = split(pair);
  return { name, value };
}

// Only the first `=` separates: a value may have more of them.
function split(pair: string): [name: string, value: string] {
  const at = pair.indexOf('=');
  return at === -1 ? [pair.trim(), ''] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
}

// A cookie's date is in UTC whether it says so or not (RFC 6265, section 5.1.1).
function cookieDate(text: string): number {
  return Date.parse(/(?:GMT|UTC|Z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text} GMT`);
}
