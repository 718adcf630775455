import { type Authority, formatAuthority } from '../../net/authority.js';
import { HostPatternProblem, readSingleHost } from '../../net/host-pattern.js';
import { parseBypass } from './bypass.js';

/** Another proxy that upstreams are reached through: Playwright's `proxy`. */
export interface UpstreamProxy {
  /**
   * `http://host:port`, `https://…` (TLS to the proxy, verified as upstreams are), `socks5://…`, `socks4://…`; without
   * a scheme, `http`. Ports default to 80, 443 and 1080. It may have `username:password@`, percent-encoded.
   */
  server: string;
  /**
   * Hosts that are dialled directly: `'.corp, shop.test, 10.0.0.0/8, <local>'`, separated by commas; names by the text,
   * without asking DNS. As in Playwright's browsers, `.corp` is all below it, `shop.test` that name alone; this machine
   * goes through the proxy too, unless `localhost` or `<loopback>` is listed. `<-loopback>` says so where it is.
   */
  bypass?: string | undefined;
  /** Basic authentication (RFC 7617) of HTTP proxies, that of RFC 1929 of SOCKS5; the user of SOCKS4. */
  username?: string | undefined;
  /** The password that belongs to `username`. */
  password?: string | undefined;
}

/** The proxy, parsed. */
export interface ProxyServer {
  readonly protocol: 'http' | 'https' | 'socks4' | 'socks5';
  readonly address: Authority;
  /** Its name in messages: without credentials. */
  readonly name: string;
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
}

/** Says which proxy an authority is reached through; undefined where it is dialled directly. */
export type ProxySelector = (authority: Authority) => ProxyServer | undefined;

/** Compiles the option `upstreamProxy`, which has been checked. */
export function proxySelector(option: UpstreamProxy | undefined): ProxySelector {
  const server = option && parseProxyServer(option);
  const bypass = parseBypass(option?.bypass ?? '');
  return (authority) =>
    server === undefined || (!(bypass instanceof HostPatternProblem) && bypass(authority)) ? undefined : server;
}

const example = `upstreamProxy: { server: 'http://proxy.corp:3128', bypass: '.corp, 10.0.0.0/8', username: '…', password: '…' }`;

/** Checks the option `upstreamProxy`: undefined where it is good, else a correct example. */
export function checkUpstreamProxy(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return example;
  for (const [name, part] of Object.entries(value)) {
    if (!NAMES.has(name) || (part !== undefined && typeof part !== 'string')) return example;
  }
  const option = value as UpstreamProxy;
  if (typeof option.server !== 'string') return example;
  const server = parseProxyServer(option);
  if (server === undefined) return `${example}, its server with http://, https://, socks5:// or socks4://`;
  if (server.protocol === 'socks4' && server.credentials?.password) {
    return `upstreamProxy: { server: 'socks5://…' }: SOCKS4 knows no passwords`;
  }
  const bypass = parseBypass(option.bypass ?? '');
  if (!(bypass instanceof HostPatternProblem)) return undefined;
  const { write, why } = bypass;
  return `upstreamProxy: { server: '…', bypass: '.corp, shop.test:8443, 10.0.0.0/8, <local>' }, and '${write}' for what cannot be read in this one: ${why}`;
}

const NAMES = new Set(['server', 'bypass', 'username', 'password']);

// Names are always resolved by the proxy, which the schemes with a letter at their end ask for.
const SCHEMES: Readonly<Record<string, { readonly protocol: ProxyServer['protocol']; readonly port: number }>> = {
  http: { protocol: 'http', port: 80 },
  https: { protocol: 'https', port: 443 },
  socks: { protocol: 'socks5', port: 1080 },
  socks5: { protocol: 'socks5', port: 1080 },
  socks5h: { protocol: 'socks5', port: 1080 },
  socks4: { protocol: 'socks4', port: 1080 },
  socks4a: { protocol: 'socks4', port: 1080 },
};

/** Reads `[scheme://][username[:password]@]host[:port]`; undefined where that is not what it is. */
export function parseProxyServer({ server, username, password }: UpstreamProxy): ProxyServer | undefined {
  const match = /^(?:([a-z\d]+):\/\/)?(?:(.*)@)?([^/?#@]+)\/?$/i.exec(server.trim());
  const name = (match?.[1] ?? 'http').toLowerCase();
  const scheme = Object.hasOwn(SCHEMES, name) ? SCHEMES[name] : undefined;
  const read = readSingleHost(match?.[3] ?? '');
  const inUrl = readCredentials(match?.[2] ?? '');
  if (scheme === undefined || read instanceof HostPatternProblem || inUrl === undefined) return undefined;
  const address = { host: read.host, port: read.port ?? scheme.port };
  const credentials = username ? { username, password: password ?? '' } : inUrl;
  return {
    protocol: scheme.protocol,
    address,
    name: `${scheme.protocol}://${formatAuthority(address)}`,
    credentials: credentials.username === '' && credentials.password === '' ? undefined : credentials,
  };
}

// RFC 3986, section 3.2.1: what is special in a URL is percent-encoded.
function readCredentials(text: string): { username: string; password: string } | undefined {
  const colon = text.indexOf(':');
  try {
    return {
      username: decodeURIComponent(colon === -1 ? text : text.slice(0, colon)),
      password: decodeURIComponent(colon === -1 ? '' : text.slice(colon + 1)),
    };
  } catch {
    return undefined;
  }
}

/** The field that lets us in (RFC 7617), as a list to be spread; empty where there are no credentials. */
export function proxyAuthorization({ credentials }: ProxyServer): string[] {
  if (credentials === undefined) return [];
  const { username, password } = credentials;
  return ['Proxy-Authorization', `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`];
}
