/** Reads names of hosts as options and patterns have them, and says how to write those that it refuses. Pure. */
import type { Authority } from './authority.js';
import { canonicalHost, isAddress, readHost } from './host-name.js';

/** Hosts, and where one is named a port, as they were written in an option or a pattern. */
export interface HostPattern {
  /** Canonical; `*` stands for any characters. */
  readonly host: string;
  /** Undefined for any. */
  readonly port: number | undefined;
}

/** A text that is no name that could match, and what to write in its stead. */
export class HostPatternProblem {
  /** The problem, as the end of a sentence. */
  readonly why: string;
  /** Is accepted in the same place. */
  readonly write: string;

  constructor(why: string, write: string) {
    this.why = why;
    this.write = write;
  }
}

const EXAMPLE = 'shop.test';

/**
 * Reads `name`, `*.name`, `*`, an address, each with `:port` or without; an IPv6 address with a port is in brackets.
 * `*` may be anywhere in a name and stands for any characters, dots included.
 */
export function readHostPattern(text: string): HostPattern | HostPatternProblem {
  const trimmed = text.trim();
  if (trimmed === '') return new HostPatternProblem('it is empty', EXAMPLE);
  if (trimmed !== text) return instead('there are blanks around it', trimmed);
  const [, scheme, user, rest = '', path] = /^(?:([a-z][a-z\d+.-]*):)?\/\/([^/?#]*@)?([^/?#]*)(.*)$/is.exec(text) ?? [];
  if (path !== undefined) {
    const what = user === undefined ? (scheme === undefined ? 'no slashes' : 'no scheme') : 'no user';
    return instead(`the name of a host has ${what}`, rest);
  }
  const afterHost = /^([^/?#]*)[/?#]/.exec(text)?.[1];
  if (afterHost !== undefined) return instead('the name of a host has no path', afterHost);
  if (text.includes('@')) return instead('the name of a host has no user', text.slice(text.lastIndexOf('@') + 1));
  if (/[,;\s]/.test(text)) return instead('it is more than one name', text.split(/[,;\s]+/).find(Boolean) ?? '');
  return readHostAndPort(text);
}

/** Reads the one host that a name without `*` stands for; its port too, where it has one. */
export function readSingleHost(text: string): HostPattern | HostPatternProblem {
  return narrowed(text, ({ host, port }) =>
    host.includes('*')
      ? new HostPatternProblem('one host is meant, and * stands for many', writeHostPattern({ host: EXAMPLE, port }))
      : undefined,
  );
}

/** Reads names as a client's TLS may have them (RFC 6066, section 3): no addresses, and no port. */
export function readServerName(text: string): HostPattern | HostPatternProblem {
  return narrowed(text, ({ host, port }) => {
    if (isAddress(host))
      return new HostPatternProblem('addresses are not sent as server names (RFC 6066, section 3)', EXAMPLE);
    return port === undefined ? undefined : new HostPatternProblem('a server name has no port', host);
  });
}

/** Reads a pattern, and refuses it where that is not enough. */
function narrowed(
  text: string,
  refuse: (read: HostPattern) => HostPatternProblem | undefined,
): HostPattern | HostPatternProblem {
  const read = readHostPattern(text);
  if (!(read instanceof HostPatternProblem)) return refuse(read) ?? read;
  const instead = narrowed(read.write, refuse);
  return instead instanceof HostPatternProblem ? new HostPatternProblem(read.why, instead.write) : read;
}

/** The pattern as it is written. */
export function writeHostPattern({ host, port }: HostPattern): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === undefined ? name : `${name}:${port}`;
}

/** Compiles what one pattern says of authorities. */
export function hostMatcher({ host: pattern, port }: HostPattern): (authority: Authority) => boolean {
  const matches = nameMatcher(pattern);
  return (authority) => (port === undefined || port === authority.port) && matches(canonicalHost(authority.host));
}

/** Compiles a list of patterns that were read before: does one of them name the host, or one of its other names? */
export function hostList(list: readonly string[]): (authority: Authority, otherName?: string) => boolean {
  const matchers = list.flatMap((text) => {
    const read = readHostPattern(text);
    return read instanceof HostPatternProblem ? [] : [hostMatcher(read)];
  });
  return ({ host, port }, otherName) =>
    matchers.some(
      (matches) => matches({ host, port }) || (otherName !== undefined && matches({ host: otherName, port })),
    );
}

/** Compiles the name of a pattern; what it is asked for is {@link canonicalHost | canonical}. */
export function nameMatcher(pattern: string): (host: string) => boolean {
  if (pattern === '*') return () => true;
  if (!pattern.includes('*')) return (host) => host === pattern;
  // No expression: with many `*` it would try every way to share out a name among them.
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop() ?? '';
  return (host) => {
    const end = host.length - last.length;
    if (end < first.length || !host.startsWith(first) || !host.endsWith(last)) return false;
    let from = first.length;
    for (const part of others) {
      const at = host.indexOf(part, from);
      if (at === -1 || at + part.length > end) return false;
      from = at + part.length;
    }
    return true;
  };
}

// The text that is left when something was taken away may not do either: then that says what to write.
function instead(why: string, text: string): HostPatternProblem {
  const read = readHostPattern(text);
  return new HostPatternProblem(why, read instanceof HostPatternProblem ? read.write : text);
}

function readHostAndPort(text: string): HostPattern | HostPatternProblem {
  // An address of IPv6 alone: its colons separate no port.
  if (readHost(text) !== undefined && text.includes(':')) return readName(text, undefined);
  const [, name, port] = /^(\[[^\]]*\]|[^:[\]]*):([^:[\]]*)$/.exec(text) ?? [];
  if (name === undefined || port === undefined) return readName(text, undefined);
  if (port === '*') return readName(name, undefined);
  if (name === '') return instead('it has no name', `*${text}`);
  if (port === '') return instead('there is no port after the colon', name);
  if (!/^\d+$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
    return instead(`a port is a number from 1 to 65535, and '${port}' is none`, name);
  }
  return readName(name, Number(port));
}

function readName(text: string, port: number | undefined): HostPattern | HostPatternProblem {
  const refuse = (why: string, host = EXAMPLE): HostPatternProblem => {
    const read = host === text ? new HostPatternProblem(why, EXAMPLE) : readName(host, port);
    return new HostPatternProblem(
      why,
      read instanceof HostPatternProblem ? read.write : writeHostPattern({ host, port }),
    );
  };
  if (text.startsWith('.')) return refuse('what is below a name is written with *', `*${text}`);
  const below = /^\*\.(.+)$/.exec(text)?.[1];
  const address = below === undefined || below.includes('*') ? undefined : readHost(below);
  if (address !== undefined && isAddress(address)) return refuse('nothing is below an address', address);
  if (/[[\]:%]/.test(text)) {
    const host = readHost(text);
    return host === undefined ? refuse('it is no address of IPv6', '::1') : { host, port };
  }
  if (/^\d+$/.test(text) && Number(text) < 65_536) return refuse('a number is a port and no host', '*');
  const host = text.includes('*') ? readGlob(text) : readHost(text);
  if (host === undefined) return refuse('it is no name of a host');
  if (host instanceof HostPatternProblem) return refuse(host.why, host.write);
  const labels = host.split('.');
  if (labels.includes('')) return refuse('it has an empty label', labels.filter(Boolean).join('.'));
  if (host.length > 253 || labels.some((label) => label.length > 63)) {
    return refuse('it is too long: a label has at most 63 characters, a name 253 (RFC 1035, section 2.3.4)');
  }
  if (!/^[a-z0-9_*.-]+$/.test(host)) return refuse('it has characters that no name of a host has');
  return { host, port };
}

/** The dots of UTS 46. */
const DOTS = /[.\u3002\uff0e\uff61]/;

// Label by label: the whole, with its stars, would be read otherwise.
function readGlob(text: string): string | undefined | HostPatternProblem {
  const labels = text.split(DOTS);
  if (labels.length > 1 && labels.at(-1) === '') labels.pop();
  const read: string[] = [];
  for (const [index, label] of labels.entries()) {
    const isAscii = /^[\u0021-\u007e]*$/.test(label);
    if (!isAscii && label.includes('*')) {
      const why = `'${label}' can be told by the whole of it only, since it has other letters than those of ASCII`;
      return new HostPatternProblem(why, labels.with(index, '*').join('.'));
    }
    const ascii = isAscii ? label.toLowerCase() : readHost(label);
    if (ascii === undefined) return undefined;
    read.push(ascii);
  }
  return read.join('.');
}
