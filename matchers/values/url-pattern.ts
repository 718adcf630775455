/** `URLPattern` (WHATWG), Node's own or a polyfill's, known by its shape: Node has one from 23.8 on. */
import { isIP } from 'node:net';
import type { AnyPort } from '../../src/net/authority.js';
import { defaultPort } from '../../src/net/authority.js';
import { comparableText } from '../../src/net/comparable-url.js';
import { canonicalHost } from '../../src/net/host-name.js';

/** The part that is needed of a `URLPattern`. */
export interface UrlPatternLike {
  /** The pattern of the scheme. */
  readonly protocol: string;
  /** The pattern of the host. */
  readonly hostname: string;
  /** The pattern of the port. */
  readonly port: string;
  /** The pattern of the path. */
  readonly pathname: string;
  /** The pattern of the query. */
  readonly search: string;
  /** True if the URL matches. */
  test(url: string): boolean;
  /** The matches of the URL's parts; null where it does not match. */
  exec(url: string): unknown;
}

/** The components that a request's URL can differ in. */
export const COMPONENTS = ['protocol', 'hostname', 'port', 'pathname', 'search'] as const;
export type Component = (typeof COMPONENTS)[number];

type Parts = { readonly [name in Component]?: string };

export function isUrlPattern(value: unknown): value is UrlPatternLike {
  if (typeof value !== 'object' || value === null) return false;
  const pattern = value as Record<string, unknown>;
  if (typeof pattern.test !== 'function' || typeof pattern.exec !== 'function') return false;
  return COMPONENTS.every((name) => typeof pattern[name] === 'string');
}

/** The pattern as one line: `URLPattern(https://*.pay.test/v1/:id)`. */
export function writeUrlPattern({ protocol, hostname, port, pathname, search }: UrlPatternLike): string {
  const query = search === '' || search === '*' ? '' : `?${search}`;
  return `URLPattern(${protocol}://${hostname}${port === '' || port === '*' ? '' : `:${port}`}${pathname}${query})`;
}

/** The components that do not match, each alone; none where that cannot be told. */
export function failingComponents(pattern: UrlPatternLike, url: URL): Component[] {
  const parts = componentsOf(url);
  return COMPONENTS.filter((name) => testParts(pattern, { [name]: pattern[name] }, { [name]: parts[name] }) === false);
}

/** The components as a `URLPattern` is held against them: without the `:` and `?` between them. */
export function componentsOf(url: URL): { readonly [name in Component]: string } {
  const { protocol, hostname, port, pathname, search } = url;
  return { protocol: protocol.slice(0, -1), hostname, port, pathname, search: search.slice(1) };
}

/** The same pattern as URLs are compared: its percent-encoding normalised, its host without the root's dot. */
export function comparablePattern(pattern: UrlPatternLike): UrlPatternLike {
  const { protocol, hostname, port, pathname, search } = pattern;
  const parts = {
    protocol,
    hostname: hostname.replace(/\.$/, ''),
    port,
    pathname: comparableEncoding(pathname),
    search: comparableEncoding(search),
  };
  if (COMPONENTS.every((name) => parts[name] === pattern[name])) return pattern;
  return withParts(pattern, parts) ?? pattern;
}

// Text that is left after a group's name would become a part of it.
function comparableEncoding(part: string): string {
  return part.replace(/(:[\w$]*)?(%[0-9a-f]{2})/gi, (_, group: string | undefined, byte: string) =>
    group === undefined ? comparableText(byte) : group + byte.toUpperCase(),
  );
}

/** True if a URL at this authority could match, or where that cannot be told. */
export function urlPatternAuthority(pattern: UrlPatternLike, schemes: readonly string[]): (to: AnyPort) => boolean {
  const { protocol, hostname: written, port } = pattern;
  const hostname = written.replace(/\.$/, '');
  return (to) =>
    schemes.some((scheme) => {
      const host = canonicalHost(to.host);
      const at = { protocol: scheme, hostname: isIP(host) === 6 ? `[${host}]` : host };
      if (to.port === undefined) return testParts(pattern, { protocol, hostname }, at) ?? true;
      const atPort = { ...at, port: to.port === defaultPort(scheme) ? '' : String(to.port) };
      return testParts(pattern, { protocol, hostname, port }, atPort) ?? true;
    });
}

/** True if every URL at an authority that the pattern allows matches. */
export function isOpenBelowAuthority({ pathname, search }: UrlPatternLike): boolean {
  return (pathname === '*' || pathname === '/*') && search === '*';
}

function testParts(pattern: UrlPatternLike, parts: Parts, actual: Parts): boolean | undefined {
  return withParts(pattern, parts)?.test(actual);
}

// A pattern of the same class with fewer components; undefined where there can be none.
function withParts<T extends Parts>(
  pattern: UrlPatternLike,
  parts: T,
): (UrlPatternLike & { test(actual: Parts): boolean }) | undefined {
  try {
    const Class = pattern.constructor as new (parts: Parts) => UrlPatternLike & { test(actual: Parts): boolean };
    return new Class(parts);
  } catch {
    return undefined;
  }
}
