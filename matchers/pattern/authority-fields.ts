/** The keys of a pattern that say whom the client asked: host and port. */
import { isIP } from 'node:net';
import { types } from 'node:util';
import type { Handshake } from '../../src/interceptor.js';
import type { Request } from '../../src/journal/message.js';
import { type AnyPort, defaultPort } from '../../src/net/authority.js';
import { canonicalHost } from '../../src/net/host-name.js';
import { HostPatternProblem, readHostPattern } from '../../src/net/host-pattern.js';
import { formatValue, quote } from '../values/format.js';
import { invalidPattern } from '../values/invalid-pattern.js';
import { type Field, field, type ValueMatcher, valueMatcher } from './field.js';
import { readForeign } from './foreign-syntax.js';
import { expandBraces } from './glob.js';
import { hostGlobMatcher, scalar } from './scalar-matcher.js';
import { acceptedGlob } from './url-glob.js';

/** The host without its port: a name (`*` stands for any characters), a list of which one must match, … */
export function hostField(value: unknown): Field {
  const literal = (host: unknown): ValueMatcher => {
    if (typeof host !== 'string' || host === '') {
      throw invalidPattern({ host: value }, 'a host is a name or an address', `{ host: 'api.pay.test' }`);
    }
    if (/[{}]/.test(host)) {
      const names = (expandBraces(host) ?? ['api.pay.test']).map((name) => writable(name).host);
      throw invalidPattern(
        { host: value },
        'braces are for URLs, several hosts for a list',
        `{ host: ${formatValue(names)} }`,
      );
    }
    const read = readHostPattern(host);
    if (read instanceof HostPatternProblem) {
      const meant = meantHosts(host);
      const write = meant === undefined ? writeUrl(host, read.write) : `{ host: ${formatValue(meant)} }`;
      throw invalidPattern({ host: value }, read.why, write);
    }
    if (read.port !== undefined)
      throw invalidPattern({ host: value }, 'the port has a key of its own', writeHost(host));
    return hostGlobMatcher(read.host, host);
  };
  const matcher = scalar(value, literal);
  // A client that dials an address names the host in the handshake only.
  const onHandshake = ({ host, serverName }: Handshake) =>
    matcher.matches(host) || (isIP(host) !== 0 && serverName !== undefined && matcher.matches(serverName));
  const init = { name: 'host', weight: 2, matcher, read: hostOf, preflight: 'as-is', onHandshake } as const;
  // A predicate is asked of requests only, since it may have effects.
  if (typeof value === 'function') return field(init);
  const mayMatch = ({ host }: AnyPort) => matcher.matches(host) || matcher.matches(canonicalHost(host));
  return field({ ...init, mayMatch });
}

/** The names that a text stands for which is written as a RegExp is, or as another tool's; undefined where it is not. */
export function meantHosts(text: string): string | readonly string[] | undefined {
  if (/[/@:]/.test(text) && !text.startsWith(':')) return undefined;
  const bare = text.replace(/^\^|\$$/g, '');
  const glob = readForeign(`https://${bare}/`)?.glob ?? `https://${bare}/`;
  const name = glob.slice('https://'.length, -1).replace(/\\([.-])/g, '$1');
  const names = name === text ? undefined : expandBraces(name);
  if (names === undefined || names.some((one) => readHostPattern(one) instanceof HostPatternProblem)) return undefined;
  return names.length === 1 ? names[0] : names;
}

/** Writes what has more than a host. */
function writeUrl(text: string, host: string): string {
  const [, name = '', path = ''] = /^(?:[a-z][a-z\d+.-]*:)?(?:\/\/)?([^/?#]*)([^?#]*)/i.exec(text) ?? [];
  if (path.length < 2) return writeHost(host);
  const below = `path: ${quote(acceptedGlob(`**${path}`, undefined).slice('**'.length))} }`;
  return name === '' ? `{ ${below}` : writeHost(host).replace(/ \}$/, `, ${below}`);
}

/** Writes the host of a text that {@link readHostPattern} accepts, and its port. */
function writeHost(text: string): string {
  const { host, port } = writable(text);
  return port === undefined ? `{ host: ${quote(host)} }` : `{ host: ${quote(host)}, port: ${port} }`;
}

function writable(text: string): { host: string; port: number | undefined } {
  const read = readHostPattern(text);
  if (read instanceof HostPatternProblem) return writable(read.write);
  const host = read.port === undefined ? text : text.replace(/:\d+$/, '');
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: read.port };
}

/** The port, also where the URL leaves it out. */
export function portField(value: unknown): Field {
  const literal = (port: unknown): ValueMatcher => {
    if (!Number.isInteger(port) || (port as number) < 1 || (port as number) > 65535) {
      throw invalidPattern({ port: value }, 'a port is a number from 1 to 65535', '{ port: 8443 }');
    }
    return valueMatcher(port);
  };
  if (types.isRegExp(value)) throw invalidPattern({ port: value }, 'a port is a number', '{ port: [8080, 8443] }');
  const matcher = scalar(value, literal);
  const onHandshake = ({ port }: Handshake) => matcher.matches(port);
  const init = { name: 'port', matcher, read: portOf, preflight: 'as-is', onHandshake } as const;
  if (typeof value === 'function') return field(init);
  return field({ ...init, mayMatch: ({ port }: AnyPort) => port === undefined || matcher.matches(port) });
}

function hostOf(request: Request): string {
  return request.parsedUrl.hostname.replace(/^\[(.*)\]$/, '$1');
}

function portOf(request: Request): number {
  const { port, protocol } = request.parsedUrl;
  return port === '' ? defaultPort(protocol.slice(0, -1)) : Number(port);
}
