/** The TLS ports of names, for clients that say no port. Pure. */
import { defaultPort } from './authority.js';
import { canonicalHost } from './host-name.js';
import { HostPatternProblem, nameMatcher, readServerName } from './host-pattern.js';

/** The port of a name's TLS: what is said of the name, else of the longest entry with `*` that has it, else 443. */
export function tlsPort(ports: Readonly<Record<string, number>>, name: string): number {
  const asked = canonicalHost(name);
  let best = '';
  let port = defaultPort('https');
  for (const [entry, said] of Object.entries(ports)) {
    const read = readServerName(entry);
    if (read instanceof HostPatternProblem) continue;
    if (read.host === asked) return said;
    if (read.host.length > best.length && nameMatcher(read.host)(asked)) {
      best = read.host;
      port = said;
    }
  }
  return port;
}

/** Checks the ports of `transparent: { by: 'name', ports }`: undefined where they are good, else a correct example. */
export function checkTlsPorts(ports: unknown, example: string): string | undefined {
  if (typeof ports !== 'object' || ports === null || Array.isArray(ports)) return example;
  for (const [name, port] of Object.entries(ports)) {
    if (!Number.isInteger(port) || port < 1 || port > 65_535) return example;
    const read = readServerName(name);
    if (read instanceof HostPatternProblem) {
      return `transparent: { by: 'name', ports: { '${read.write}': ${port} } }: ${read.why}`;
    }
  }
  return undefined;
}
