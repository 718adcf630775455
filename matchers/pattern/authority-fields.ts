/** The keys of a pattern that say whom the client asked: host and port. */
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { types } from 'node:util';
import { type AnyPort, defaultPort } from '../../src/destination.js';
import type { Request } from '../../src/exchange/message.js';
import type { Handshake } from '../../src/interceptor.js';
import { quote } from '../report/format.js';
import { type Field, field, type ValueMatcher, valueMatcher } from './field.js';
import { invalidPattern } from './invalid-pattern.js';
import { globMatcher, scalar } from './scalar.js';

/** The host without its port: a name (`*` stands for any characters), a list of which one must match, … */
export function hostField(value: unknown): Field {
  const literal = (host: unknown): ValueMatcher => {
    if (typeof host !== 'string' || host === '') {
      throw invalidPattern({ host: value }, 'a host is a name or an address', `{ host: 'api.pay.test' }`);
    }
    const port = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(host);
    if (port !== null) {
      const write = `{ host: '${port[1] ?? port[2]}', port: ${port[3]} }`;
      throw invalidPattern({ host: value }, 'the port has a key of its own', write);
    }
    if (/[/\s?#@{}]/.test(host)) {
      const only = /^[a-z]+:\/\/([^/\s?#@{}]+)/i.exec(host)?.[1] ?? 'api.pay.test';
      throw invalidPattern(
        { host: value },
        'a host is a name or an address and nothing else',
        `{ host: ${quote(only)} }`,
      );
    }
    const name = host.includes('*') ? host.toLowerCase() : domainToASCII(host) || host.toLowerCase();
    return globMatcher(name.replace(/^\[(.*)\]$/, '$1'), host);
  };
  const matcher = scalar(value, literal);
  // Whoever dials an address names the host in the handshake only.
  const onHandshake = ({ host, serverName }: Handshake) =>
    matcher.matches(host) || (isIP(host) !== 0 && serverName !== undefined && matcher.matches(serverName));
  const init = { name: 'host', weight: 2, matcher, read: hostOf, preflight: 'as-is', onHandshake } as const;
  // A predicate is asked of requests only, since it may have effects.
  if (typeof value === 'function') return field(init);
  return field({ ...init, mayMatch: ({ host }: AnyPort) => matcher.matches(host) });
}

/** The port, also where the URL leaves it out. */
export function portField(value: unknown): Field {
  const literal = (port: unknown): ValueMatcher => {
    if (!Number.isInteger(port) || (port as number) < 1 || (port as number) > 65535) {
      throw invalidPattern({ port: value }, 'a port is a number from 1 to 65535', '{ port: 8443 }');
    }
    return valueMatcher(port);
  };
  if (types.isRegExp(value)) throw invalidPattern({ port: value }, 'a port is a number', '{ port: [8080, 8443] }');
  const matcher = scalar(value, literal);
  const onHandshake = ({ port }: Handshake) => matcher.matches(port);
  const init = { name: 'port', matcher, read: portOf, preflight: 'as-is', onHandshake } as const;
  if (typeof value === 'function') return field(init);
  return field({ ...init, mayMatch: ({ port }: AnyPort) => port === undefined || matcher.matches(port) });
}

function hostOf(request: Request): string {
  return request.parsedUrl.hostname.replace(/^\[(.*)\]$/, '$1');
}

function portOf(request: Request): number {
  const { port, protocol } = request.parsedUrl;
  return port === '' ? defaultPort(protocol.slice(0, -1)) : Number(port);
}
