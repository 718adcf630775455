/**
 * Globs over URLs as they are compared: the origin is read as what it is, so that every spelling of a host and a default
 * port match, and the rest by Playwright's rules, whatever is percent-encoded.
 */
import { type AnyPort, type Authority, defaultPort, formatHost } from '../../src/net/authority.js';
import { comparableText } from '../../src/net/comparable-url.js';
import { canonicalHost } from '../../src/net/host-name.js';
import { HostPatternProblem, readHostPattern, writeHostPattern } from '../../src/net/host-pattern.js';
import { expandBraces, globToRegExp, isClosed } from './glob.js';

const SCHEMES = ['http', 'https', 'ws', 'wss'] as const;

/** The end of a glob that says which origins it is for. */
interface PinnedGlob {
  /** The schemes of which it may be. */
  readonly schemes: readonly string[];
  readonly hosts: readonly HostGlob[];
  /** The path, from its slash on. */
  readonly path: string;
}

interface HostGlob {
  /** The name as an expression. */
  readonly name: string;
  readonly port: string | undefined;
}

/** Resolved globs, of which one must match, as an expression over {@link comparableUrl | comparable} URLs. */
export function urlGlobExpression(globs: readonly string[]): RegExp {
  const all = globs.flatMap((resolved) => [resolved, ...withHostRead(resolved)]);
  return new RegExp(`^(?:${all.flatMap(sourcesOf).join('|')})$`);
}

/** The glob with its percent-encoding as it is compared. */
export function comparableGlob(glob: string): string {
  return glob.replace(GLOB_TOKEN, (token, escaped?: string) => {
    if (escaped === undefined) return SYNTAX.has(token) ? token : comparableText(token);
    const text = comparableText(escaped);
    return text === escaped ? token : text;
  });
}

const GLOB_TOKEN = /\\([\s\S])|%[0-9a-f]{2}|[\s\S]/giu;
const SYNTAX = new Set('*{}\\');

/**
 * Tells by the schemes and hosts of resolved globs whether a URL at an authority could match one of them.
 * Undefined where a glob does not pin them (`**` + `/cart`, or braces that span a slash).
 */
export function globAuthority(...globs: readonly string[]): ((authority: AnyPort) => boolean) | undefined {
  const pinned = globs.map(authorityOf);
  if (pinned.includes(undefined)) return undefined;
  return (authority) => pinned.some((matches) => matches?.(authority));
}

function authorityOf(resolved: string): ((authority: AnyPort) => boolean) | undefined {
  const pinned = pinnedGlob(resolved);
  if (pinned === undefined) return undefined;
  const origin = originMatcher(pinned.schemes, pinned.hosts);
  const name = new RegExp(`^(?:${pinned.hosts.map((host) => host.name).join('|')})$`);
  return ({ host, port }) => {
    if (port !== undefined) return origin({ host, port });
    return pinned.schemes.length > 0 && name.test(writeHostPattern({ host: canonicalHost(host), port }));
  };
}

/**
 * Tells whether every URL that is asked for over a TLS connection to an authority matches the resolved
 * glob. Undefined where that depends on more than the connection: on a path, or on what is opened over it.
 */
export function globHandshake(resolved: string): ((authority: Authority) => boolean) | undefined {
  if (resolved === '**') return () => true;
  const pinned = pinnedGlob(resolved);
  if (pinned?.path !== '/**' || !pinned.schemes.includes('https')) return undefined;
  return originMatcher(['https'], pinned.hosts);
}

/** The hosts that a closed piece of a glob stands for; undefined, or why, where one of them cannot be read. */
export function readHostGlobs(piece: string): readonly HostGlob[] | HostPatternProblem | undefined {
  const alternatives = expandBraces(piece);
  if (alternatives === undefined) return undefined;
  const hosts: HostGlob[] = [];
  for (const alternative of alternatives) {
    const host = readHostGlob(alternative.replace(/\\([\s\S])/g, '$1'));
    if (host instanceof HostPatternProblem) return host;
    hosts.push(host);
  }
  return hosts;
}

function readHostGlob(text: string): HostGlob | HostPatternProblem {
  const [, name = text, port] = /^(\[[^\]]*\]|[^:]*):([\d*]+)$/.exec(text) ?? [];
  const isWild = port?.includes('*') ?? false;
  // A port in part, `80*`, is known to globs alone.
  const read = readHostPattern(isWild ? name : text);
  if (read instanceof HostPatternProblem) return read;
  const host = writeHostPattern({ host: read.host, port: undefined });
  const source = globToRegExp(host).source.slice(1, -1);
  return { name: source, port: isWild ? port : read.port?.toString() };
}

function pinnedGlob(resolved: string): PinnedGlob | undefined {
  const [, scheme = '', host = '', path = '/'] = /^([^/]*):\/\/([^/]*)(\/.*)?$/s.exec(resolved) ?? [];
  if (scheme === '' || host === '' || !isClosed(scheme) || !isClosed(host)) return undefined;
  const hosts = readHostGlobs(host);
  if (hosts === undefined || hosts instanceof HostPatternProblem) return undefined;
  const expression = globToRegExp(scheme);
  return { schemes: SCHEMES.filter((one) => expression.test(one)), hosts, path };
}

function originMatcher(schemes: readonly string[], hosts: readonly HostGlob[]): (authority: Authority) => boolean {
  const expressions = schemes.map((scheme) => new RegExp(`^(?:${hostSource(scheme, hosts)})$`));
  return ({ host, port }) => {
    const authority = { host: canonicalHost(host), port };
    return schemes.some((scheme, index) => expressions[index]?.test(formatHost(scheme, authority)));
  };
}

// URLs leave out the port that their scheme implies.
function hostSource(scheme: string, hosts: readonly HostGlob[]): string {
  const sources = hosts.map(({ name, port }) => {
    if (port === undefined) return name;
    const expression = globToRegExp(port);
    const source = `:${expression.source.slice(1, -1)}`;
    return expression.test(String(defaultPort(scheme))) ? `${name}(?:${source})?` : name + source;
  });
  return sources.join('|');
}

function sourcesOf(glob: string): string[] {
  const pinned = pinnedGlob(glob);
  if (pinned !== undefined) {
    const path = globToRegExp(comparableGlob(pinned.path)).source.slice(1, -1);
    return pinned.schemes.map((scheme) => `${scheme}:\\/\\/(?:${hostSource(scheme, pinned.hosts)})${path}`);
  }
  return [globToRegExp(comparableGlob(glob)).source.slice(1, -1)];
}

/**
 * The globs that are meant as well by one whose `**` reaches over the beginning of a host: with that host read as
 * one, where that says something else than its text does.
 */
function withHostRead(resolved: string): string[] {
  const [, before = '', host = '', path] =
    /^((?:[^/*]*:\/\/)?\*\*(?::?\/\/?)?)([^/*{}\\][^/{}\\]*|[^/{}\\]*\.[^/{}\\]*)(\/.*)$/s.exec(resolved) ?? [];
  if (path === undefined || !/[.:\u0080-\uffff]/.test(host)) return [];
  const scheme = /^([^/*]+):\/\//.exec(before)?.[1] ?? '*';
  // Not after a slash, the stars are the beginning of a name too.
  const names = before.endsWith('/') ? [host] : [host, `*${host}`];
  return names
    .filter((name) => {
      const read = readHostPattern(name);
      return !(read instanceof HostPatternProblem) && (read.host !== name || read.port !== undefined);
    })
    .map((name) => `${scheme}://${name}${path}`);
}
