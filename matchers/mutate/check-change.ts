/** Checks changes where they are written. */
import { TestError } from '../../src/errors.js';
import { FAULTS, faultsOf, rowOf } from '../../src/faults.js';
import { isToken } from '../../src/http/token.js';
import { canParseUrl } from '../../src/runtime/realm.js';
import { bytesOf, jsonText } from '../message/content.js';
import { isPlainObject } from '../values/format.js';
import { nearestWord } from '../values/text-distance.js';
import { formatWritten, withoutSecrets } from '../values/written.js';
import { BODY_KEYS, type Change, type MessageChange } from './change.js';
import { ALERT_NAMES, LEAVES } from './handshake-change.js';
import { headersChangeProblem } from './header-change.js';
import { SHAPE_KEYS, type ShapeKey } from './shape-change.js';

/** The keys of a head beside its fields. */
export type HeadKey = 'method' | 'url' | 'status' | 'statusText';

/** The problem of a value; undefined where there is none. */
type Check = (value: unknown) => string | undefined;

/** Checks of the head's values. */
export const HEAD_CHECKS: Readonly<Record<HeadKey, Check>> = {
  method: (value) => {
    if (value === 'CONNECT') return 'opens a tunnel and sends no request';
    return typeof value === 'string' && isToken(value) ? undefined : 'is no method such as PUT';
  },
  url: (value) =>
    (typeof value === 'string' || value instanceof URL) &&
    /^(?:https?|wss?):\/\/[^/]/.test(String(value)) &&
    canParseUrl(value)
      ? undefined
      : `is no absolute URL such as 'https://api.test/v2/cart'`,
  status: (value) => wholeNumber(value, 200, 599),
  // RFC 9112, section 4.
  statusText: (value) =>
    typeof value === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
      ? undefined
      : 'is no reason phrase such as Not Today',
};

/** setTimeout's longest: what is longer would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

const SHAPE_CHECKS: Readonly<Record<Exclude<ShapeKey, 'fault'>, Check>> = {
  delay: (value) => number(value, 0, LONGEST_TIMER, 'of milliseconds'),
  jitter: (value) => number(value, 0, LONGEST_TIMER, 'of milliseconds'),
  bandwidth: (value) => number(value, 1, Number.MAX_SAFE_INTEGER, 'of bytes a second'),
  slice: (value) => wholeNumber(value, 1, Number.MAX_SAFE_INTEGER),
  after: (value) => wholeNumber(value, 0, Number.MAX_SAFE_INTEGER),
};

function wholeNumber(value: unknown, least: number, most: number): string | undefined {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return undefined;
  return `is no whole number ${range(least, most)}`;
}

function number(value: unknown, least: number, most: number, of: string): string | undefined {
  if (typeof value === 'number' && value >= least && value <= most) return undefined;
  return `is no number ${of} ${range(least, most)}`;
}

function range(least: number, most: number): string {
  return most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
}

type Side = 'request' | 'response';

const SIDES: Readonly<Record<Side, readonly string[]>> = {
  request: ['method', 'url', 'headers', ...BODY_KEYS, ...SHAPE_KEYS],
  response: ['status', 'statusText', 'headers', ...BODY_KEYS, 'trailers', ...SHAPE_KEYS],
};

/** An example of each key, below `request` or `response`. */
const EXAMPLES: Readonly<Record<string, string>> = {
  method: `method: 'PUT'`,
  url: `url: 'https://api.test/v2/cart'`,
  status: 'status: 500',
  statusText: `statusText: 'Not Today'`,
  headers: `headers: { 'x-trace': '1', 'x-debug': null }`,
  json: `json: { currency: 'EUR' }`,
  text: `text: (old) => old.replace('a', 'b')`,
  body: `body: Buffer.from('…')`,
  stream: 'stream: async function* (chunks) { for await (const chunk of chunks) yield chunk; }',
  trailers: `trailers: { 'server-timing': 'db;dur=53' }`,
  delay: 'delay: 300',
  jitter: 'delay: 300, jitter: 100',
  bandwidth: 'bandwidth: 50_000',
  slice: 'slice: 10',
  fault: `fault: 'reset'`,
  after: `fault: 'truncate', after: 1000`,
  tls: `tls: { leaf: 'expired' }`,
  ...Object.fromEntries(Object.keys(FAULTS).map((fault) => [`fault: ${fault}`, `fault: '${fault}'`])),
};

function example(side: string, key = side === 'request' ? 'headers' : 'json'): string {
  return `{ ${side}: { ${EXAMPLES[key] ?? EXAMPLES.headers} } }`;
}

/**
 * Refuses what is no change.
 * @throws {TestError} `WAYLAY_INVALID_CHANGE` with the offending value and how to write it
 */
export function checkChange(change: unknown): asserts change is Change {
  if (isPlainObject(change) && change.tls !== undefined) checkTls(change);
  else checkMessageChange(change);
}

/** {@link checkChange} for what a function decided on: the handshake was before it. */
export function checkMessageChange(change: unknown): asserts change is MessageChange {
  if (!isPlainObject(change)) {
    throw invalidChange(change, 'a change is an object with request, response or both', example('response'));
  }
  const sides = Object.entries(change);
  const stray = sides.find(([name]) => name !== 'request' && name !== 'response' && name !== 'tls');
  if (stray !== undefined) throw strayKey(change, stray[0]);
  if (sides.every(([, side]) => side === undefined || (isPlainObject(side) && Object.keys(side).length === 0))) {
    throw invalidChange(change, 'it changes nothing', example('response'));
  }
  for (const [name, side] of sides) {
    if (name === 'request' || name === 'response') {
      if (side !== undefined) checkSide(name, side);
    } else if (side !== undefined) {
      throw invalidChange(
        change,
        'a function is asked when the request has come, and the TLS handshake was before',
        `mutate('https://api.test/**', { ${EXAMPLES.tls} })`,
      );
    }
  }
}

function strayKey(change: object, name: string): TestError {
  const below = (['request', 'response'] as const).filter((side) => SIDES[side].includes(name));
  const nearest = below.length > 0 ? undefined : nearestWord(name, ['request', 'response', 'tls']);
  if (nearest === 'tls') {
    return invalidChange(change, `there is no key '${name}'; the nearest is 'tls'`, `{ ${EXAMPLES.tls} }`);
  }
  if (nearest !== undefined) {
    return invalidChange(change, `there is no key '${name}'; the nearest is '${nearest}'`, example(nearest));
  }
  const write = example(below.includes('response') || below.length === 0 ? 'response' : 'request', name);
  return invalidChange(change, `there is no key '${name}' beside request and response`, write);
}

function checkTls(change: Record<string, unknown>): void {
  const { tls, ...others } = change;
  const write = `{ ${EXAMPLES.tls} } or { tls: { alert: 'handshake_failure' } }`;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw invalidChange(
      change,
      `tls stands alone, since a handshake that fails has no requests; '${other}' is one too many`,
      write,
    );
  }
  if (!isPlainObject(tls)) throw invalidChange(change, 'tls is an object with an alert or a leaf', write);
  const keys = Object.keys(tls);
  for (const key of keys) {
    if (key === 'alert' || key === 'leaf') continue;
    const nearest = nearestWord(key, ['alert', 'leaf']);
    const hint = nearest === undefined ? 'the keys are alert and leaf' : `the nearest is '${nearest}'`;
    throw invalidChange(change, `there is no key '${key}' in tls; ${hint}`, write);
  }
  if (keys.length !== 1) throw invalidChange(change, 'tls has either an alert or a leaf', write);
  const problem = 'alert' in tls ? alertProblem(tls.alert) : leafProblem(tls.leaf);
  if (problem !== undefined) throw invalidChange(change, `tls.${problem}`, write);
}

function alertProblem(alert: unknown): string | undefined {
  if (typeof alert === 'number') {
    const problem = wholeNumber(alert, 0, 255);
    return problem && `alert ${alert} ${problem}`;
  }
  if ((ALERT_NAMES as unknown[]).includes(alert)) return undefined;
  const nearest = typeof alert === 'string' ? nearestWord(alert, ALERT_NAMES) : undefined;
  const hint = nearest === undefined ? `the names are ${ALERT_NAMES.join(', ')}` : `the nearest is '${nearest}'`;
  return `alert ${formatWritten(alert)} is no alert of RFC 8446, section 6.2; ${hint}`;
}

function leafProblem(leaf: unknown): string | undefined {
  if ((LEAVES as readonly unknown[]).includes(leaf)) return undefined;
  return `leaf ${formatWritten(leaf)} is none of ${LEAVES.join(', ')}`;
}

function checkSide(name: Side, side: unknown): void {
  const refuse = (why: string, key?: string) => invalidChange({ [name]: side }, why, example(name, key));
  if (!isPlainObject(side)) throw refuse(`${name} is an object of what to change`);
  for (const [key, value] of Object.entries(side)) {
    if (!SIDES[name].includes(key)) throw unknownKey(name, side, key);
    if (value === undefined)
      throw refuse(`${name}.${key} is undefined; leave it out, or use null to delete a header`, key);
    const problem = problemOf(name, key, value);
    if (problem !== undefined) throw refuse(`${name}.${problem}`, key === 'fault' ? nearestFault(name, value) : key);
  }
  const bodies = BODY_KEYS.filter((key) => Object.hasOwn(side, key));
  if (bodies.length > 1) throw refuse(`${bodies.join(' and ')} are two bodies`, bodies[0]);
  if (side.jitter !== undefined && side.delay === undefined) {
    throw refuse('jitter is by how much a delay varies, and there is none', 'jitter');
  }
  if (side.after === undefined) return;
  if (side.fault === undefined) throw refuse('after says when a fault happens, and there is none', 'after');
  const never = rowOf(side.fault)?.neverAfter;
  if (never !== undefined) throw refuse(never, 'fault');
}

function unknownKey(name: Side, side: object, key: string): TestError {
  const other = name === 'request' ? 'response' : 'request';
  if (SIDES[other].includes(key)) {
    return invalidChange({ [name]: side }, `a ${name} has no ${key}`, example(other, key));
  }
  const nearest = nearestWord(key, SIDES[name]);
  const hint = nearest === undefined ? `the keys are ${SIDES[name].join(', ')}` : `the nearest is '${nearest}'`;
  return invalidChange({ [name]: side }, `there is no key '${key}' in ${name}; ${hint}`, example(name, nearest));
}

function problemOf(side: Side, key: string, value: unknown): string | undefined {
  if (key === 'fault') return faultProblem(side, value);
  if (Object.hasOwn(SHAPE_CHECKS, key)) {
    if (typeof value === 'function') {
      return `${key} is a function; to decide by the exchange, give a function that returns the whole change`;
    }
    const why = SHAPE_CHECKS[key as keyof typeof SHAPE_CHECKS](value);
    return why && `${key} ${formatWritten(value)} ${why}`;
  }
  if (key === 'stream') {
    return typeof value === 'function' ? undefined : `stream is ${formatWritten(value)}, and no function`;
  }
  if (typeof value === 'function') return undefined;
  if (key === 'headers' || key === 'trailers') return headersChangeProblem(value)?.replace(/^/, `${key}: `);
  if (key === 'text') return typeof value === 'string' ? undefined : `text is ${formatWritten(value)}, and no string`;
  if (key === 'body') return bytesOf(value) ? undefined : `body is ${formatWritten(value)}, and no string and no bytes`;
  if (key === 'json') return jsonProblem(value);
  const why = HEAD_CHECKS[key as HeadKey](value);
  return why && `${key} ${formatWritten(value)} ${why}`;
}

/** The key of its example: of the fault that was meant, as far as that can be told. */
function nearestFault(side: Side, fault: unknown): string {
  const nearest = typeof fault === 'string' ? nearestWord(fault, faultsOf(side)) : undefined;
  return nearest === undefined ? 'fault' : `fault: ${nearest}`;
}

function faultProblem(side: Side, fault: unknown): string | undefined {
  const those = faultsOf(side);
  if ((those as readonly unknown[]).includes(fault)) return undefined;
  if (rowOf(fault) !== undefined) {
    return `fault ${formatWritten(fault)} is one of responses; those of requests are ${those.join(', ')}`;
  }
  const nearest = typeof fault === 'string' ? nearestWord(fault, those) : undefined;
  const hint = nearest === undefined ? '' : `; the nearest is '${nearest}'`;
  return `fault ${formatWritten(fault)} is none of ${those.join(', ')}${hint}`;
}

function jsonProblem(value: unknown): string | undefined {
  let problem: string | undefined;
  try {
    jsonText(value, (why) => new Error((problem = why)));
  } catch {
    return problem;
  }
  return undefined;
}

export function invalidChange(value: unknown, why: string, write: string): TestError {
  return new TestError(
    'WAYLAY_INVALID_CHANGE',
    `Invalid change ${formatWritten(value)}: ${withoutSecrets(why)}. Write ${withoutSecrets(write)}.`,
  );
}
