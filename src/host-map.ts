import { isIP } from 'node:net';
import { type Authority, parseAuthority } from './destination.js';

/** Says where an authority is dialled. */
export type HostMap = (authority: Authority) => Authority;

/**
 * Compiles `{ 'name': 'address', 'name:port': 'address:port', '*.suffix': … }`. The most specific
 * entry wins: name with port, name, then the longest suffix. Without a port on the right the port
 * stays. What is not mapped is returned as it is.
 */
export function hostMap(hosts: Readonly<Record<string, string>>): HostMap {
  const names = new Map<string, string>();
  const suffixes: [suffix: string, target: string][] = [];
  for (const [name, target] of Object.entries(hosts)) {
    if (name.startsWith('*.')) suffixes.push([name.slice(1).toLowerCase(), target]);
    else names.set(name.toLowerCase(), target);
  }
  suffixes.sort(([a], [b]) => b.length - a.length);

  return (authority) => {
    const { host, port } = authority;
    const target =
      names.get(`${host}:${port}`) ??
      names.get(host) ??
      suffixes.find(([suffix]) => host.endsWith(suffix) || `${host}:${port}`.endsWith(suffix))?.[1];
    if (target === undefined) return authority;
    return isIP(target) === 6 ? { host: target, port } : (parseAuthority(target, port) ?? authority);
  };
}

/** Does a list of names, `*.suffix` and addresses name this host? */
export function namesHost(list: readonly string[], host: string): boolean {
  return list.some((entry) => (entry.startsWith('*.') ? host.endsWith(entry.slice(1)) : entry === host));
}
