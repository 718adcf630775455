/** Tells of stubs and mutations that no request met. */
import type { Exchange } from '../../src/journal/exchange.js';
import type { Mutation } from '../mutate/mutate.js';
import type { FieldVerdict } from '../pattern/verdict.js';
import type { Stub } from '../stub-response/stub-response.js';
import type { Style } from '../values/style.js';
import { formatDiff } from './diff.js';
import { indent, shortTitleOf } from './listing.js';
import { nearMisses } from './near-miss.js';
import { forbiddenBy } from './unreadable.js';

/** The rules that are registered at the end of a test. */
export interface RegisteredRules {
  readonly stubs: readonly Stub[];
  readonly mutations: readonly Mutation[];
}

/** A stub or a mutation that no request met, with the request that came nearest. */
export interface UnusedRule {
  readonly rule: Stub | Mutation;
  /** `the stub POST https://api.pay.test/v1/charges` */
  readonly name: string;
  /** The nearest request's line; undefined where none came near. */
  readonly nearest: string | undefined;
  /** The difference of the nearest request, in a few words. */
  readonly why: string;
  /** The difference as a diff. */
  readonly diff: readonly string[];
}

/** The rules that are registered and were met by no request, in the order in which they were written. */
export function findUnused(
  { stubs, mutations }: RegisteredRules,
  exchanges: readonly Exchange[],
  style: Style,
): UnusedRule[] {
  const unused = (kind: string, rules: readonly (Stub | Mutation)[]) =>
    rules
      .filter(({ hits }) => hits === 0)
      .map((rule) => describe(rule, `the ${kind} ${rule}`, stubs, exchanges, style));
  return [...unused('stub', [...stubs].reverse()), ...unused('mutation', mutations)];
}

function describe(
  rule: Stub | Mutation,
  name: string,
  stubs: readonly Stub[],
  exchanges: readonly Exchange[],
  style: Style,
): UnusedRule {
  const preflight = 'cors' in rule ? exchanges.find((exchange) => forbiddenBy([rule], exchange)) : undefined;
  if (preflight !== undefined) {
    const why =
      'asks whether a page may send the request, which nothing permitted: give the stub the option { cors: true }';
    return { rule, name, nearest: shortTitleOf(preflight), why, diff: [`(${why})`] };
  }
  if ('ofHandshakes' in rule && rule.ofHandshakes) {
    const handshaken = describeHandshake(rule, name, exchanges);
    if (handshaken !== undefined) return handshaken;
  }
  const [nearest] = nearMisses(rule.pattern, exchanges);
  if (nearest === undefined) {
    const far = exchanges.length === 0 ? 'no request at all reached the proxy' : 'no request came near it';
    const why = [far, ...(exchanges.length === 0 ? [] : rule.pattern.hints)].join('; ');
    return { rule, name, nearest: undefined, why, diff: [] };
  }
  const { exchange, verdict } = nearest;
  const title = shortTitleOf(exchange);
  if (verdict.pass) {
    const why = `matches, but ${whyNot(rule, stubs, exchange)}`;
    return { rule, name, nearest: title, why, diff: [`(${why})`] };
  }
  const fields = verdict.fields.filter((field) => !field.pass).map(fieldName);
  const diff = formatDiff(verdict, style, exchange.request);
  const why = [`differs in ${fields.join(', ')}`, ...rule.pattern.hints].join('; ');
  return { rule, name, nearest: title, why, diff };
}

/** A predicate's exception is no difference of the request. */
function fieldName({ field, differences }: FieldVerdict): string {
  return differences.some(({ reason }) => reason?.startsWith('threw ')) ? `${field}, which threw` : field;
}

/**
 * The reason why a mutation of handshakes had none to fail on a connection that it is for; undefined where there was no
 * connection.
 */
function describeHandshake(rule: Mutation, name: string, exchanges: readonly Exchange[]): UnusedRule | undefined {
  const exchange = exchanges.find(({ destination, client }) =>
    rule.pattern.matchesAuthority({ ...destination, serverName: client.tls?.serverName }),
  );
  if (exchange === undefined) return undefined;
  const isTls = exchange.source === 'tunnel' || exchange.request.parsedUrl.protocol === 'https:';
  const handshake =
    exchange.source === 'tunnel'
      ? 'made its TLS handshake with the upstream, if any (tlsPassthrough)'
      : 'had its TLS handshake before the mutation was written: change those of new connections';
  const why = isTls ? handshake : 'has no TLS handshake';
  return { rule, name, nearest: shortTitleOf(exchange), why, diff: [`(${why})`] };
}

/** The reason why a rule took no part in an exchange that it matches. */
function whyNot(rule: Stub | Mutation, stubs: readonly Stub[], exchange: Exchange): string {
  if (exchange.error?.code === 'WAYLAY_HANDLER') return 'a function that was to handle it failed';
  // Mutations are of what stubs answer, too.
  if ('passedOver' in rule) return rule.passedOver ?? 'came before it was registered';
  const newer = stubs.find((stub) => stub !== rule && stub.exchanges.includes(exchange));
  return newer === undefined
    ? 'came before it was registered'
    : `was answered by a newer stub: ${newer} (${newer.site})`;
}

/** One line. */
export function warnOfUnused({ name, rule, nearest, why }: UnusedRule): string {
  const reason = nearest === undefined ? why : `nearest: ${nearest} ${why}`;
  return `No request met ${name} (${rule.site}); ${reason}.`;
}

/** The whole of it, several lines. */
export function reportUnused({ name, rule, nearest, why, diff }: UnusedRule): string {
  const kind = name.split(' ', 2)[1];
  return [
    `No request met ${name}.`,
    '',
    `Written:  ${rule.site}`,
    '',
    ...(nearest === undefined
      ? [`${why.charAt(0).toUpperCase()}${why.slice(1)}.`]
      : ['Nearest request (- expected, + received):', '', ...indent([nearest, ...indent(diff)])]),
    '',
    `Correct its pattern, or remove the ${kind} (handle.remove() where only some tests need it).`,
  ].join('\n');
}
