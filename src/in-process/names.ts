import { Resolver } from 'node:dns';
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { getSystemErrorName } from 'node:util';
import { asksDirectly } from '../net/direct.js';
import { syntheticAddress } from '../net/synthetic-addresses.js';
import { clearTimeout, nextTick, setTimeout } from '../runtime/realm.js';
import { lookupRequests, type NameRequest } from './name-requests.js';
import { replace } from './replace.js';
import { routeIfKnown } from './routes.js';

/** Node's connection to the DNS servers, as far as it asks for addresses. */
interface Channel {
  queryA(request: NameRequest, name: string): unknown;
  queryAaaa(request: NameRequest, name: string): unknown;
  queryAny(request: NameRequest, name: string): unknown;
}

type Outcome = Parameters<NameRequest['oncomplete']>;

/** Makes the answer that is passed on in place of one that did not come. */
type MakeAnswer = (name: string) => readonly unknown[];

// Answers are not to be kept: seconds.
const TTL = 0;

/**
 * Milliseconds after which a name that may be answered here waits no longer: where there is no network, the system asks in
 * vain for many seconds.
 */
const LOOKUP_LIMIT = 250;

/** Codes which say that a name has no address, or that nobody could be asked for it. */
const UNRESOLVED: ReadonlySet<unknown> = new Set([
  ...['EAI_NONAME', 'EAI_NODATA', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_ADDRFAMILY'],
  ...['ENOTFOUND', 'ENODATA', 'ESERVFAIL', 'EREFUSED', 'ECONNREFUSED', 'ETIMEOUT', 'ENOTIMP', 'EFORMERR', 'EBADRESP'],
]);

/**
 * Gives names that the system does not know an address while a test runs that may answer for them, for clients that
 * resolve names by themselves and then connect to an address: `dns.lookup`, `dns.resolve4` and their like, called
 * whichever way. It is Node's own requests that are answered, so that functions which clients hold already do the same.
 * Real answers stay what they are, and so do failures of all other names. Returns what undoes it.
 */
export function resolveNames(): () => void {
  const { queryA, queryAaaa, queryAny }: Record<keyof Channel, MakeAnswer> = {
    queryA: (name) => [[syntheticAddress(name, 4)], [TTL]],
    queryAaaa: (name) => [[syntheticAddress(name, 6)], [TTL]],
    queryAny: (name) => [[{ type: 'A', address: syntheticAddress(name, 4), ttl: TTL }]],
  };
  const undo = [
    answerLookups(),
    answerQueries('queryA', queryA),
    answerQueries('queryAaaa', queryAaaa),
    answerQueries('queryAny', queryAny),
  ];
  return () => {
    for (const restore of undo) restore();
  };
}

/** `dns.lookup`: Node gives each request its callback last, when all else is known of it. */
function answerLookups(): () => void {
  const prototype = lookupRequests();
  if (prototype === undefined) return () => {};
  Object.defineProperty(prototype, 'oncomplete', {
    configurable: true,
    set(this: NameRequest, done: NameRequest['oncomplete']) {
      const { hostname, family } = this;
      const value = asksDirectly()
        ? done
        : answeringCallback(this, hostname, done, (name) => [[syntheticAddress(name, family === 6 ? 6 : 4)]]);
      Object.defineProperty(this, 'oncomplete', { value, writable: true, enumerable: true, configurable: true });
    },
  });
  return () => {
    delete (prototype as Partial<NameRequest>).oncomplete;
  };
}

function answerQueries(method: keyof Channel, makeAnswer: MakeAnswer): () => void {
  const { _handle: channel } = new Resolver() as unknown as { readonly _handle?: Channel };
  const prototype = channel && (Object.getPrototypeOf(channel) as Channel);
  if (typeof prototype?.[method] !== 'function') return () => {};
  return replace(prototype, method, (original) => {
    return function (this: Channel, request, name) {
      const value = answeringCallback(request, name, request.oncomplete, makeAnswer);
      Object.assign(request, { oncomplete: value });
      return original.call(this, request, name);
    };
  });
}

/** The function that a request is to call in place of its own. */
function answeringCallback(
  request: NameRequest,
  hostname: unknown,
  done: NameRequest['oncomplete'],
  makeAnswer: MakeAnswer,
): NameRequest['oncomplete'] {
  const name = readName(hostname);
  const route = name === undefined ? undefined : routeIfKnown();
  if (name === undefined || route === undefined) return done;
  const known = route.proxy.knowsName(name);
  if (known === false) return done;

  let over = false;
  const finish = (outcome: Outcome): void => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    done.apply(request, outcome);
  };
  const inStead = async (outcome?: Outcome): Promise<void> => {
    const best: Outcome | undefined = (await known) ? [null, ...makeAnswer(name)] : outcome;
    // Not from here: what a callback throws is no rejection.
    if (best !== undefined) nextTick(() => finish(best));
  };
  const timer = setTimeout(() => void inStead(), LOOKUP_LIMIT);
  return (error, ...answer) => {
    if (over) return;
    if (error && UNRESOLVED.has(nameOfError(error))) {
      void inStead([error, ...answer]);
      return;
    }
    if (!error) route.names.add(name, addressesIn(answer[0]));
    finish([error, ...answer]);
  };
}

/** The name, as rules know it; undefined where it is none that could be resolved. */
function readName(hostname: unknown): string | undefined {
  if (typeof hostname !== 'string' || hostname === '' || isIP(hostname) !== 0) return undefined;
  const name = hostname.replace(/\.$/, '');
  return domainToASCII(name) || name.toLowerCase();
}

/** The system's errors are numbers, those of DNS servers have names. */
function nameOfError(error: unknown): unknown {
  return typeof error === 'number' ? getSystemErrorName(error) : error;
}

function addressesIn(answer: unknown): string[] {
  if (!Array.isArray(answer)) return [];
  return answer
    .map((one: unknown) => (typeof one === 'string' ? one : (one as { address?: unknown }).address))
    .filter((address) => typeof address === 'string');
}
