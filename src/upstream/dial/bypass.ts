import { BlockList, isIP } from 'node:net';
import { type Authority, defaultPort } from '../../net/authority.js';
import { canonicalHost, isAddress, readHost } from '../../net/host-name.js';
import { HostPatternProblem, nameMatcher, readHostPattern } from '../../net/host-pattern.js';

/** Is an authority exempt from the upstream proxy? */
export type Bypass = (authority: Authority) => boolean;

/**
 * Reads a list of exemptions, as Playwright and Chromium have it: separated by commas or semicolons, each
 *
 * - `shop.test`, `*.shop.test`, `.shop.test` (the same as the one before), `*`
 * - an address or a range of addresses, `10.1.2.3`, `[::1]`, `10.0.0.0/8`
 * - `<local>`: names without a dot
 *
 * each but the ranges and the last with a port or a scheme, which stands for its port. Addresses are held
 * against addresses only: nothing is resolved.
 *
 * This machine goes through the proxy like others, unless the list names it in some way (`localhost`,
 * `127.0.0.1`, `[::1]`, `<loopback>`); `<-loopback>` says that it does all the same.
 *
 * @returns what to write for the first of them that is none of these
 */
export function parseBypass(list: string): Bypass | HostPatternProblem {
  const rules: HostRule[] = [];
  let loopback: boolean | undefined;
  for (const item of list.split(/[,;]/)) {
    const text = item.trim().toLowerCase();
    if (text === '') continue;
    if (text === '<-loopback>') loopback = false;
    else if (LOOPBACK_NAMES.has(text) || LOOPBACK_NAMES.has(canonicalHost(text))) loopback ??= true;
    else {
      const rule = parseRule(text);
      if (rule instanceof HostPatternProblem) return rule;
      rules.push(rule);
    }
  }
  return (authority) => {
    const host = canonicalHost(authority.host);
    if (loopback !== undefined && isLoopback(host)) return loopback;
    return rules.some((rule) => rule(host, authority.port));
  };
}

/** Tells whether one item covers a host in its canonical spelling. */
type HostRule = (host: string, port: number) => boolean;

// Names of this machine; they make Playwright leave out its own `<-loopback>`.
const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '::1', '[::]', '[::1]', '<loopback>']);

// Chromium's implicit rules, net/docs/proxy.md: with them go link-local addresses.
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addSubnet('169.254.0.0', 16);
LOOPBACK.addAddress('::1', 'ipv6');
LOOPBACK.addSubnet('fe80::', 10, 'ipv6');

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || inList(LOOPBACK, host);
}

function inList(list: BlockList, host: string): boolean {
  const family = isIP(host);
  return family !== 0 && list.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

function parseRule(text: string): HostRule | HostPatternProblem {
  if (text === '<local>') return (host) => !isAddress(host) && !host.includes('.');
  const [, scheme, rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/.exec(text) ?? [];
  const range = scheme === undefined ? parseRange(rest) : undefined;
  if (range !== undefined) return range;
  const read = readHostPattern(rest.startsWith('.') ? `*${rest}` : rest);
  if (read instanceof HostPatternProblem)
    return new HostPatternProblem(read.why, scheme ? `${scheme}://${read.write}` : read.write);
  const { port = scheme && defaultPort(scheme) } = read;
  const matches = nameMatcher(read.host);
  return (host, at) => (port === undefined || port === at) && matches(host);
}

function parseRange(text: string): HostRule | undefined {
  const [, written = '', bits = ''] = /^(\[[^\]]*\]|[^/]*)\/(\d{1,3})$/.exec(text) ?? [];
  const address = readHost(written) ?? '';
  const family = isIP(address);
  if (family === 0 || Number(bits) > (family === 6 ? 128 : 32)) return undefined;
  const range = new BlockList();
  range.addSubnet(address, Number(bits), family === 6 ? 'ipv6' : 'ipv4');
  return (host) => inList(range, host);
}
