/** The keys of a pattern that say how the request travels: over what, under which name, and whether it is a WebSocket. */

import type { Handshake } from '../../src/interceptor.js';
import type { HttpVersion, Request } from '../../src/journal/message.js';
import { isAddress, readHost } from '../../src/net/host-name.js';
import { HostPatternProblem, readServerName } from '../../src/net/host-pattern.js';
import { Described, formatValue, quote } from '../values/format.js';
import { invalidPattern } from '../values/invalid-pattern.js';
import { nearestWord } from '../values/text-distance.js';
import { ask, differs, SAME } from '../values/value.js';
import { meantHosts } from './authority-fields.js';
import { anySpelling, type Field, field, readable, type Subject, type ValueMatcher, valueMatcher } from './field.js';
import { hostGlobMatcher, scalar } from './scalar-matcher.js';

const SCHEMES = ['http', 'https', 'ws', 'wss'];

/** Versions by their ALPN names (RFC 7301, section 6). */
const VERSIONS: Record<HttpVersion, string> = { '1.0': 'http/1.0', '1.1': 'http/1.1', '2.0': 'h2' };

const PROTOCOLS = [...SCHEMES, ...Object.values(VERSIONS)];

/** Other spellings that people write for them; what is left over is guessed by its spelling. */
const OTHER_NAMES: Record<string, string> = { '1.0': 'http/1.0', '1.1': 'http/1.1', '2': 'h2', '2.0': 'h2' };

/**
 * The scheme or the version of HTTP, of which either may match; a predicate is asked for both:
 * `(scheme, version) => boolean`. A WebSocket has two schemes.
 */
export function protocolField(value: unknown): Field {
  const literal = (protocol: unknown): ValueMatcher => {
    if (typeof protocol === 'string' && PROTOCOLS.includes(protocol)) return anySpelling(valueMatcher(protocol));
    const word = String(protocol).toLowerCase().replace(/:.*$/, '');
    const write = OTHER_NAMES[word.replace(/^http\/?|^h/, '')] ?? nearestWord(word, PROTOCOLS) ?? 'h2';
    const why = `a protocol is one of ${PROTOCOLS.map((one) => quote(one)).join(', ')}`;
    throw invalidPattern({ protocol: value }, why, `{ protocol: '${write}' }`);
  };
  const read = ({ parsedUrl, httpVersion }: Request, { websocket }: Subject) => {
    const scheme = parsedUrl.protocol.slice(0, -1);
    return websocket ? [scheme, scheme.replace('http', 'ws'), VERSIONS[httpVersion]] : [scheme, VERSIONS[httpVersion]];
  };
  const init = { name: 'protocol', read, preflight: 'as-is' } as const;
  if (typeof value === 'function') return field({ ...init, matcher: protocolPredicate(value) });
  const matcher = anySpelling(scalar(value, literal));
  // A handshake leaves open which version is agreed on, and what is sent over it.
  const secure = value === 'https' || (Array.isArray(value) && value.includes('https'));
  const onlyWebSockets = [value].flat().every((one) => one === 'ws' || one === 'wss');
  return field({ ...init, matcher, onlyWebSockets, ...(secure && { onHandshake: () => true }) });
}

function protocolPredicate(predicate: unknown): ValueMatcher {
  const matches = (actual: unknown) => {
    const spellings = actual as readonly string[];
    return ask(predicate, spellings.at(-2), spellings.at(-1));
  };
  return {
    expected: predicate,
    matches,
    compare: (actual) => {
      try {
        return matches(actual) ? SAME : differs(predicate, actual);
      } catch (error) {
        return differs(predicate, actual, [], 1, `threw ${String(error)}`);
      }
    },
  };
}

/** The server name in the client's handshake (RFC 6066, section 3): as `host`, or null where it sent none. */
export function sniField(value: unknown): Field {
  const literal = (name: unknown): ValueMatcher => {
    const refuse = (why: string, write: string) => invalidPattern({ sni: value }, why, `{ sni: ${write} }`);
    if (name === null) return valueMatcher(null);
    if (typeof name !== 'string' || name === '') {
      throw refuse('a server name is a text, or null where the client sends none', `'*.pay.test'`);
    }
    const read = readServerName(name);
    if (!(read instanceof HostPatternProblem)) return hostGlobMatcher(read.host, name);
    const meant = meantHosts(name);
    if (meant !== undefined) throw refuse(read.why, formatValue(meant));
    throw refuse(read.why, isAddress(readHost(name) ?? '') ? 'null' : quote(read.write));
  };
  const matcher = scalar(value, literal);
  const read = (_: Request, { client }: Subject) => {
    if (client === undefined) return new Described('(not known: a request alone tells nothing of its connection)');
    return client.tls?.serverName?.toLowerCase() ?? null;
  };
  const onHandshake = ({ serverName }: Handshake) => matcher.matches(serverName?.toLowerCase() ?? null);
  return field({ name: 'sni', matcher: readable(matcher), read, preflight: 'as-is', onHandshake });
}

/** True if the request opens a WebSocket. */
export function websocketField(value: unknown): Field {
  if (typeof value !== 'boolean') {
    throw invalidPattern({ websocket: value }, 'websocket is true or false', '{ websocket: true }');
  }
  const read = (_: Request, { websocket = false }: Subject) => websocket;
  return field({ name: 'websocket', matcher: valueMatcher(value), read, preflight: 'as-is', onlyWebSockets: value });
}
