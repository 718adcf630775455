import type { Authority } from './authority.js';
import { canonicalHost } from './host-name.js';
import { HostPatternProblem, nameMatcher, readHostPattern, readSingleHost, writeHostPattern } from './host-pattern.js';

/** Says where an authority is dialled. */
export type HostMap = (authority: Authority) => Authority;

interface Target {
  readonly host: string;
  /** Undefined: as it was asked for. */
  readonly port: number | undefined;
}

interface WildEntry {
  readonly matches: (host: string) => boolean;
  readonly port: number | undefined;
  readonly target: Target;
  /** The length of the part of a name that it gives. */
  readonly length: number;
}

/**
 * Compiles `{ 'name': 'address', 'name:port': 'address:port', '*.name': … }`, which has been checked. The most specific
 * entry wins: name with port, name, then of those with `*` the longest, with a port before without. Without a port on
 * the right the port stays. What is not mapped is returned as it is.
 */
export function hostMap(hosts: Readonly<Record<string, string>>): HostMap {
  const names = new Map<string, Target>();
  const wild: WildEntry[] = [];
  for (const [name, address] of Object.entries(hosts)) {
    const pattern = readHostPattern(name);
    const target = readSingleHost(address);
    if (pattern instanceof HostPatternProblem || target instanceof HostPatternProblem) continue;
    const { host, port } = pattern;
    if (!host.includes('*')) names.set(writeHostPattern(pattern), target);
    else wild.push({ matches: nameMatcher(host), port, target, length: host.length });
  }
  wild.sort((a, b) => b.length - a.length || Number(a.port === undefined) - Number(b.port === undefined));

  return (authority) => {
    const { port } = authority;
    const host = canonicalHost(authority.host);
    const target =
      names.get(writeHostPattern({ host, port })) ??
      names.get(writeHostPattern({ host, port: undefined })) ??
      wild.find((entry) => (entry.port === undefined || entry.port === port) && entry.matches(host))?.target;
    return target === undefined ? authority : { host: target.host, port: target.port ?? port };
  };
}

/** Tells whether a name is mapped, for whatever port. */
export function namesOf(hosts: Readonly<Record<string, string>>): (name: string) => boolean {
  const matchers = Object.keys(hosts).flatMap((name) => {
    const read = readHostPattern(name);
    return read instanceof HostPatternProblem ? [] : [nameMatcher(read.host)];
  });
  return (name) => {
    const host = canonicalHost(name);
    return matchers.some((matches) => matches(host));
  };
}

const EXAMPLE = `hosts: { 'shop.test': '127.0.0.1:8443', '*.cdn.test': '127.0.0.1' }`;

/** Checks the option `hosts`: undefined where it is good, else a correct example. */
export function checkHosts(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return EXAMPLE;
  const targets = new Map<string, [name: string, target: string]>();
  for (const [name, target] of Object.entries(value)) {
    const pattern = readHostPattern(name);
    const address = typeof target === 'string' ? readSingleHost(target) : undefined;
    if (address === undefined) return EXAMPLE;
    const refused = pattern instanceof HostPatternProblem ? pattern : address;
    if (refused instanceof HostPatternProblem) {
      const key = pattern instanceof HostPatternProblem ? pattern.write : name;
      const to = address instanceof HostPatternProblem ? address.write : target;
      return `hosts: { '${key}': '${to}' }: ${refused.why}`;
    }
    if (pattern instanceof HostPatternProblem || address instanceof HostPatternProblem) continue;
    const key = writeHostPattern(pattern);
    const before = targets.get(key);
    const at = writeHostPattern(address);
    if (before !== undefined && before[1] !== at) {
      return `hosts: { '${key}': '${before[1]}' } or '${at}': '${before[0]}' and '${name}' are the same host`;
    }
    targets.set(key, [name, at]);
  }
  return undefined;
}
