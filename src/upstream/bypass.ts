import { BlockList, isIP } from 'node:net';
import { type Authority, defaultPort, parseAuthority } from '../destination.js';

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
 * @returns undefined where one of them is none of these
 */
export function parseBypass(list: string): Bypass | undefined {
  const rules: Bypass[] = [];
  let loopback: boolean | undefined;
  for (const item of list.split(/[,;]/)) {
    const text = item.trim().toLowerCase();
    if (text === '') continue;
    if (text === '<-loopback>') loopback = false;
    else if (LOOPBACK_NAMES.has(text)) loopback ??= true;
    else {
      const rule = parseRule(text);
      if (rule === undefined) return undefined;
      rules.push(rule);
    }
  }
  return (authority) => {
    if (loopback !== undefined && isLoopback(authority.host)) return loopback;
    return rules.some((rule) => rule(authority));
  };
}

// What makes Playwright leave out its own `<-loopback>`.
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

function parseRule(text: string): Bypass | undefined {
  if (text === '<local>') return ({ host }) => isIP(host) === 0 && !host.includes('.');
  const [, scheme, rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/.exec(text) ?? [];
  if (rest.includes('/')) return scheme === undefined ? parseRange(rest) : undefined;
  if (isIP(rest) === 6) return ({ host }) => host === rest;
  const [, name = '', portText] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(rest) ?? [];
  const named = parseAuthority(name, 1);
  if (named === undefined) return undefined;
  const port = portText === undefined ? scheme && defaultPort(scheme) : Number(portText);
  const matches = hostMatcher(named.host);
  return (authority) => (port === undefined || authority.port === port) && matches(authority.host);
}

function hostMatcher(pattern: string): (host: string) => boolean {
  if (isIP(pattern) !== 0 || !/[*]|^\./.test(pattern)) return (host) => host === pattern;
  const parts = (pattern.startsWith('.') ? `*${pattern}` : pattern).split('*');
  const expression = new RegExp(`^${parts.map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`);
  return (host) => expression.test(host);
}

function parseRange(text: string): Bypass | undefined {
  const [, address = '', bits = ''] = /^\[?([\d.a-f:]+)\]?\/(\d{1,3})$/.exec(text) ?? [];
  const family = isIP(address);
  if (family === 0 || Number(bits) > (family === 6 ? 128 : 32)) return undefined;
  const range = new BlockList();
  range.addSubnet(address, Number(bits), family === 6 ? 'ipv6' : 'ipv4');
  return ({ host }) => inList(range, host);
}
