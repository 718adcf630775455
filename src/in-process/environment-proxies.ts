import type { ReplacedProxy } from '../downstream/known-client.js';
import { type Authority, formatAuthority } from '../net/authority.js';
import { parseProxyServer } from '../upstream/dial/proxy-server.js';

/** Variables that name a proxy in the environment, for one client or another, in lower case too. */
const NAMES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'WSS_PROXY', 'WS_PROXY', 'GRPC_PROXY'].flatMap((name) => [
  name,
  name.toLowerCase(),
  `npm_config_${name.toLowerCase()}`,
]);

/** The proxies by their variables' values: undefined where a value names none. */
const read = new Map<string, Named | undefined>();

interface Named {
  readonly address: Authority;
  readonly proxy: ReplacedProxy;
}

/**
 * The proxy at an address that a variable of the environment names, now. A client that connects there has read it, and asks
 * for others by this connection.
 */
export function environmentProxy({ host, port }: Authority): ReplacedProxy | undefined {
  for (const name of NAMES) {
    const server = process.env[name];
    if (server === undefined || server === '') continue;
    if (!read.has(server)) read.set(server, named(server));
    const { address, proxy } = read.get(server) ?? {};
    if (address?.port === port && address.host === host.toLowerCase()) return proxy;
  }
  return undefined;
}

function named(server: string): Named | undefined {
  const { protocol, address } = parseProxyServer({ server }) ?? {};
  if (protocol === undefined || address === undefined) return undefined;
  // The proxy itself is not reached through itself.
  const upstreamProxy = { server, bypass: formatAuthority(address) };
  return { address, proxy: { entrance: { upstreamProxy }, http: protocol === 'http' } };
}
