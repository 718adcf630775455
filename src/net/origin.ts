/** Reads origins as options have them. Pure. */
import { type Authority, defaultPort, formatHost } from './authority.js';
import { HostPatternProblem, readSingleHost } from './host-pattern.js';

/** `scheme://host[:port]` (RFC 6454, section 6.2), the port filled in; the host is canonical. */
export interface Origin extends Authority {
  readonly scheme: 'http' | 'https';
}

/** Reads `http://host[:port]` or `https://host[:port]`, with a slash at its end or without. */
export function readOrigin(text: string): Origin | HostPatternProblem {
  const [, before = '', rest = ''] = /^\s*(?:([a-z][a-z\d+.-]*):\/\/)?(.*)$/is.exec(text) ?? [];
  const scheme = before.toLowerCase() === 'http' || before.toLowerCase() === 'ws' ? 'http' : 'https';
  const read = readSingleHost(rest.replace(/\/$/, ''));
  if (read instanceof HostPatternProblem) return new HostPatternProblem(read.why, `${scheme}://${read.write}`);
  const { host, port = defaultPort(scheme) } = read;
  const write = `${scheme}://${formatHost(scheme, { host, port })}`;
  if (text !== text.trimStart()) return new HostPatternProblem('there are blanks before it', write);
  if (before.toLowerCase() !== scheme) {
    return new HostPatternProblem(
      before === '' ? 'an origin has a scheme' : `'${before}:' is no scheme of an origin`,
      write,
    );
  }
  return { scheme, host, port };
}
