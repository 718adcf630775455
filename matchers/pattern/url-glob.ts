/** Reads a glob over URLs as it is written in a pattern, and refuses what no request can match. */

import { HostPatternProblem } from '../../src/net/host-pattern.js';
import { quote } from '../values/format.js';
import { invalidPattern } from '../values/invalid-pattern.js';
import { readForeign } from './foreign-syntax.js';
import { globToRegExp, isClosed, resolveGlob } from './glob.js';
import { readHostGlobs } from './origin-glob.js';

/** The schemes that a proxy sees: the beginnings of URLs, up to their slashes. */
const SCHEMES = ['http:', 'https:', 'ws:', 'wss:'];

const EXAMPLE = 'https://api.pay.test/**';

/** An objection to a glob. */
interface Objection {
  readonly why: string;
  /** The glob to write in its stead. */
  readonly instead: string;
  /** Further text about that; the default is nothing. */
  how?(write: (glob: string) => string): string;
}

/**
 * The glob, resolved.
 * @param method what stood before it, for the messages
 * @throws {TestError} `WAYLAY_INVALID_PATTERN`
 */
export function readUrlGlob(glob: string, baseURL: string | undefined, method?: string): string {
  const read = resolved(glob, baseURL, method);
  if (typeof read === 'string') return read;
  const whole = (url: string) => (method === undefined ? url : `${method} ${url}`);
  const write = (url: string) => quote(whole(acceptedGlob(url, baseURL)));
  throw invalidPattern(whole(glob), read.why, read.how?.(write) ?? write(read.instead));
}

/** Writes a glob so that it is accepted, and has nothing in it that is another tool's. */
export function acceptedGlob(glob: string, baseURL: string | undefined): string {
  let meant = glob;
  for (let tries = 0; tries < MOST_MENDED; tries += 1) {
    const read = resolved(meant, baseURL, undefined);
    const foreign = readForeign(meant);
    if (typeof read === 'string' && foreign === undefined) return meant;
    const next = typeof read === 'string' ? foreign?.glob : read.instead;
    if (next === undefined || next === meant) break;
    meant = next;
  }
  return EXAMPLE;
}

/** A text may have this many things wrong with it. */
const MOST_MENDED = 6;

function resolved(glob: string, baseURL: string | undefined, method: string | undefined): string | Objection {
  if (glob === '') return { why: 'it is empty', instead: '**', how: () => `'**' for every request` };
  if (/\s/.test(glob)) {
    return { why: 'a URL has no spaces; on the wire they are %20', instead: glob.replace(/\s/g, '%20') };
  }
  const fragment = glob.replace(/\\[\s\S]/g, '  ').indexOf('#');
  if (fragment !== -1) {
    return { why: 'what follows # is never sent over the wire', instead: glob.slice(0, fragment) || '/' };
  }
  const foreign = readForeign(glob);
  const meant = foreign?.glob ?? glob;
  if (foreign?.certain) {
    const why = 'it has the syntax of a RegExp, and is a glob';
    if (foreign.glob === undefined) return { why, instead: EXAMPLE, how: () => 'a RegExp, or a predicate' };
    return { why, instead: meant, how: (write) => `${write(meant)}, or a RegExp` };
  }
  const hostLike =
    /^(?:localhost|[\w-]+(?:\.[\w-]+)+|\[[\da-f:.]+\])(?::\d+)?(?=\/)|^(?:localhost|[\w.-]+\.[\w-]+):\d+$/i.exec(
      glob,
    )?.[0];
  if (baseURL !== undefined && hostLike !== undefined) {
    const scheme = /^(?:localhost|\d|\[)/.test(hostLike) ? 'http' : 'https';
    const instead = `${scheme}://${meant}`;
    return {
      why: `'${hostLike}' reads as a host, and would be a path below the baseURL ${baseURL}`,
      instead,
      how: (write) => `${write(instead)} for the host, or ${write(`/${meant}`)} for the path`,
    };
  }
  const whole = resolveGlob(glob, baseURL);
  try {
    globToRegExp(whole);
  } catch (error) {
    const braces = glob.replace(/\\[\s\S]|[{}]/g, (token) => (token.length === 1 ? `\\${token}` : token));
    return {
      why: (error as Error).message,
      instead: braces,
      how: (write) => `${write('https://shop.test/{cart,checkout}')}, or ${write(braces)} for braces as they are`,
    };
  }
  const [scheme = '', slashes, host = ''] = whole.split('/');
  // A piece that reaches over a slash may stand for a scheme and more.
  if (!isClosed(scheme)) return whole;
  const expression = globToRegExp(scheme);
  const known = SCHEMES.some((one) => expression.test(one));
  if (known && slashes !== undefined && mayBeEmpty(slashes)) return withHost(whole, host, foreign?.glob);
  if (glob.startsWith('*')) {
    return { why: 'a single * matches no slash, and the scheme of a URL ends with two', instead: `*${meant}` };
  }
  if (/^\.{0,2}\/(?!\/)/.test(glob)) {
    const instead = meant.replace(/^[./]*/, '**/');
    return {
      why: 'it is a path, and there is no baseURL to resolve it against',
      instead,
      how: (write) => {
        const path = acceptedGlob(instead, baseURL).slice('**'.length);
        const key = `{ ${method === undefined ? '' : `method: ${quote(method)}, `}path: ${quote(path)} }`;
        const byKey = glob.startsWith('/') && !meant.includes('?') ? ` without a query, ${key} with any` : '';
        return `${write(instead)}${byKey}, or the whole URL`;
      },
    };
  }
  const name = /^([^/{]*:)\/\/|^(?:about|data|chrome|edge|file):/.exec(whole)?.[0].replace('//', '');
  if (name !== undefined) {
    const rest = /:\/\/([^/].*)/.exec(meant)?.[1];
    return {
      why: `'${name}' does not go through a proxy`,
      instead: rest === undefined ? EXAMPLE : `https://${rest}`,
    };
  }
  return { why: 'it has no scheme', instead: withScheme(meant) };
}

/** Gives a glob without a scheme the one that is meant. */
function withScheme(glob: string): string {
  const [, said, slashes, rest = ''] = /^(https?|wss?)?(\/\/)?(.*)$/.exec(glob) ?? [];
  if (slashes !== undefined) return `${said ?? 'https'}://${rest}`;
  if (/^(?:localhost|\d)/.test(glob)) return `http://${glob}`;
  // A word is the beginning of a path, and no host.
  return /^[^/]*[.:[]/.test(glob) ? `https://${glob}` : `**/${glob}`;
}

function withHost(whole: string, host: string, meant: string | undefined): string | Objection {
  const at = host.lastIndexOf('@');
  if (at !== -1) {
    const why = 'user names and passwords are not sent in the URL but in the header authorization';
    return { why, instead: whole.replace(host, () => host.slice(at + 1)) };
  }
  if (host !== '' && !isClosed(host)) return whole;
  const hosts = host === '' ? undefined : readHostGlobs(host);
  if (hosts instanceof HostPatternProblem) {
    const better = meant ?? whole.replace(host, () => hosts.write);
    return { why: `'${host}' is no host, with or without a port: ${hosts.why}`, instead: better };
  }
  return host === '' ? { why: `'' is no host, with or without a port`, instead: EXAMPLE } : whole;
}

function mayBeEmpty(piece: string): boolean {
  return !isClosed(piece) || globToRegExp(piece).test('');
}
