import { memoize } from '../runtime/memoize.js';
import { type Authority, defaultPort, formatHost, parseAuthority } from './authority.js';
import { nameOfSynthetic } from './synthetic-addresses.js';

/** The host that a message names. */
export interface NamedHost {
  readonly authority: Authority;
  /** `host[:port]`, without the port that the scheme implies. */
  readonly name: string;
  /** `scheme://host[:port]`, what its URLs begin with. */
  readonly origin: string;
}

type Scheme = 'http' | 'https';

// The same few come with every request, and reading one takes three regular expressions.
const readers = { http: memoize(readerOf('http')), https: memoize(readerOf('https')) };

/** Reads what a `Host` or an `:authority` says; undefined where that is no host. */
export function readNamedHost(scheme: Scheme, text: string): NamedHost | undefined {
  return readers[scheme](text) ?? undefined;
}

function readerOf(scheme: Scheme): (text: string) => NamedHost | null {
  return (text) => {
    const authority = parseAuthority(text.trim(), defaultPort(scheme));
    if (authority === undefined) return null;
    // A client of this process may name the address that it was told for a name.
    const { host, port } = authority;
    return namedHost(scheme, { host: nameOfSynthetic(host) ?? host, port });
  };
}

/** An authority as a message names it. */
export function namedHost(scheme: Scheme, authority: Authority): NamedHost {
  const name = formatHost(scheme, authority);
  return { authority, name, origin: `${scheme}://${name}` };
}

/** The absolute URL of a request's path; the path `*` of OPTIONS becomes `/*` (RFC 9110, section 7.1). */
export function urlOf({ origin }: NamedHost, path: string): string {
  return origin + (path === '*' ? '/*' : path);
}
