import { isIP } from 'node:net';

/** An address that the proxy dials: a name or an IP address (IPv6 without brackets) and a port. */
export interface Authority {
  /** A name in lower case, or an IP address; IPv6 without brackets. */
  readonly host: string;
  /** The port, from 1 to 65535. */
  readonly port: number;
}

/** An authority, or a host at whatever port. */
export interface AnyPort {
  readonly host: string;
  readonly port?: number | undefined;
}

/** The means by which the proxy came to know where to dial. */
export type DestinationSource = 'absolute-form' | 'connect' | 'socks' | 'process' | 'kernel' | 'sni' | 'host-header';

/** An address that the proxy dials, and how it came to know it. */
export interface Destination extends Authority {
  /** The means by which the proxy came to know. */
  readonly source: DestinationSource;
}

/** `host:port`, IPv6 addresses in brackets (RFC 3986, section 3.2). */
export function formatAuthority({ host, port }: Authority): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/** The authority as a URL shows it: without the port that the scheme implies. */
export function formatHost(scheme: string, { host, port }: Authority): string {
  const name = isIP(host) === 6 ? `[${host}]` : host;
  return port === defaultPort(scheme) ? name : `${name}:${port}`;
}

/** 443 for https and wss, 80 otherwise. */
export function defaultPort(scheme: string): number {
  return scheme === 'https' || scheme === 'wss' ? 443 : 80;
}

/**
 * Reads `host`, `host:port` or `[v6]:port`; undefined where that is not what it is. Names are
 * lower-cased, brackets are taken off.
 */
export function parseAuthority(text: string, implicitPort?: number): Authority | undefined {
  const match = /^(?:\[([0-9a-f:.]+(?:%[\w.~-]+)?)\]|([^\s:/?#@[\]\\]+))(?::(\d{1,5}))?$/i.exec(text);
  if (match === null) return undefined;
  // Lowers ASCII alone: other letters are bytes of UTF-8, one by one.
  const host = (match[1] ?? match[2] ?? '').replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  if (match[1] !== undefined && isIP(host) !== 6) return undefined;
  const port = match[3] === undefined ? implicitPort : Number(match[3]);
  if (port === undefined || port < 1 || port > 65535) return undefined;
  return { host, port };
}
