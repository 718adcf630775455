/** Reads a glob over URLs as it is written in a pattern, and refuses what no request can match. */

import { Refused } from '../../src/net/host-pattern.js';
import { quote } from '../report/format.js';
import { withoutRegExp } from './foreign-syntax.js';
import { globToRegExp, isClosed, resolveGlob } from './glob.js';
import { invalidPattern } from './invalid-pattern.js';
import { readHostGlobs } from './origin-glob.js';

/** What a proxy sees: the beginnings of URLs, up to their slashes. */
const SCHEMES = ['http:', 'https:', 'ws:', 'wss:'];

const EXAMPLE = 'https://api.pay.test/**';

/**
 * The glob, resolved.
 * @param method what stood before it, for the messages
 * @param proposes what a message proposes is tried first; not within that trial, which would have no end
 * @throws {TestError} `WAYLAY_INVALID_PATTERN`
 */
export function readUrlGlob(glob: string, baseURL: string | undefined, method?: string, proposes = true): string {
  const whole = (url: string) => (method === undefined ? url : `${method} ${url}`);
  const write = (url: string) => quote(whole(!proposes || isAccepted(url, baseURL) ? url : EXAMPLE));
  const refuse = (why: string, how: string) => invalidPattern(whole(glob), why, how);
  if (glob === '') throw refuse('it is empty', `'**' for every request`);
  if (/\s/.test(glob)) throw refuse('a URL has no spaces; on the wire they are %20', write(glob.replace(/\s/g, '%20')));
  const fragment = glob.replace(/\\[\s\S]/g, '  ').indexOf('#');
  if (fragment !== -1) throw refuse('what follows # is never sent over the wire', write(glob.slice(0, fragment)));
  const meant = withoutRegExp(glob);
  if (meant !== undefined) {
    throw refuse('it has the syntax of a RegExp, and is a glob', `${write(meant)}, or a RegExp`);
  }
  const hostLike =
    /^(?:localhost|[\w-]+(?:\.[\w-]+)+|\[[\da-f:.]+\])(?::\d+)?(?=\/)|^(?:localhost|[\w.-]+\.[\w-]+):\d+$/i.exec(
      glob,
    )?.[0];
  if (baseURL !== undefined && hostLike !== undefined) {
    const scheme = /^(?:localhost|\d|\[)/.test(hostLike) ? 'http' : 'https';
    throw refuse(
      `'${hostLike}' reads as a host, and would be a path below the baseURL ${baseURL}`,
      `${write(`${scheme}://${glob}`)} for the host, or ${write(`/${glob}`)} for the path`,
    );
  }
  const resolved = resolveGlob(glob, baseURL);
  try {
    globToRegExp(resolved);
  } catch (error) {
    const braces = write(glob.replace(/\\[\s\S]|[{}]/g, (token) => (token.length === 1 ? `\\${token}` : token)));
    throw refuse(
      (error as Error).message,
      `${write('https://shop.test/{cart,checkout}')}, or ${braces} for braces as they are`,
    );
  }
  const [scheme = '', slashes, host = ''] = resolved.split('/');
  // What reaches over a slash may stand for a scheme and more.
  if (!isClosed(scheme)) return resolved;
  const expression = globToRegExp(scheme);
  const known = SCHEMES.some((one) => expression.test(one));
  if (known && slashes !== undefined && mayBeEmpty(slashes)) {
    const at = host.lastIndexOf('@');
    if (at !== -1) {
      const why = 'user names and passwords are not sent in the URL but in the header authorization';
      throw refuse(why, write(resolved.replace(host, () => host.slice(at + 1))));
    }
    if (host !== '' && !isClosed(host)) return resolved;
    const hosts = host === '' ? undefined : readHostGlobs(host);
    if (hosts instanceof Refused) {
      const better = resolved.replace(host, () => hosts.write);
      throw refuse(`'${host}' is no host, with or without a port: ${hosts.why}`, write(better));
    }
    if (host !== '') return resolved;
    throw refuse(`'' is no host, with or without a port`, write(EXAMPLE));
  }
  if (glob.startsWith('*')) {
    throw refuse('a single * matches no slash, and the scheme of a URL ends with two', write(`*${glob}`));
  }
  if (/^\.{0,2}\/(?!\/)/.test(glob)) {
    const path = glob.replace(/^[./]*/, '**/');
    const key = `{ ${method === undefined ? '' : `method: ${quote(method)}, `}path: ${quote(glob)} }`;
    const byKey = glob.startsWith('/') && !glob.includes('?') ? ` without a query, ${key} with any` : '';
    const why = 'it is a path, and there is no baseURL to resolve it against';
    throw refuse(why, `${write(path)}${byKey}, or the whole URL`);
  }
  const name = /^([^/{]*:)\/\/|^(?:about|data|chrome|edge|file):/.exec(resolved)?.[0].replace('//', '');
  if (name !== undefined) {
    const rest = /:\/\/([^/].*)/.exec(glob)?.[1];
    throw refuse(`'${name}' does not go through a proxy`, write(rest === undefined ? EXAMPLE : `https://${rest}`));
  }
  const [, before = /^(?:localhost|\d)/.test(glob) ? 'http' : 'https', rest] =
    /^(?:(https?|wss?)?\/\/)?(.*)$/.exec(glob) ?? [];
  throw refuse('it has no scheme', write(`${before}://${rest}`));
}

/** Whether what a message says to write would be refused next. */
function isAccepted(glob: string, baseURL: string | undefined): boolean {
  try {
    readUrlGlob(glob, baseURL, undefined, false);
    return true;
  } catch {
    return false;
  }
}

function mayBeEmpty(piece: string): boolean {
  return !isClosed(piece) || globToRegExp(piece).test('');
}
