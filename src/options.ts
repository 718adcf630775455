import { isIP } from 'node:net';
import { parseAuthority } from './destination.js';
import { TestError } from './errors.js';
import type { JournalLimit } from './exchange/journal.js';

/** How the proxy is set up. Everything is optional. */
export interface ProxyOptions {
  /** The address to listen on. Default `'127.0.0.1'`: nothing outside this machine can reach the proxy. */
  host?: string;
  /** The port to listen on: a number, or a list of preferred ones of which the first free one is taken. Default 0: any free port. */
  port?: number | readonly number[];
  /**
   * Where names are dialled, instead of asking DNS: `name`, `name:port` or `*.suffix` to `address` or
   * `address:port`. Certificates are still verified for the name. The most specific entry wins.
   *
   * @example { 'shop.test': '127.0.0.1:8443', '*.cdn.test': '127.0.0.1' }
   */
  hosts?: Readonly<Record<string, string>>;
  /** Do not verify upstream certificates. Default false. */
  ignoreHTTPSErrors?: boolean;
  /** More root certificates to verify upstreams with, PEM. */
  trustedRoots?: string | readonly string[];
  /** Offer HTTP/2 to clients and upstreams. Default true. */
  http2?: boolean;
  /**
   * What a client sees of a failing upstream. `'mirror'` (default): the failure it would see without
   * the proxy. `'respond'`: a 502 with the reason as its body.
   */
  upstreamErrors?: 'mirror' | 'respond';
  /** Hosts whose TLS is not intercepted: names, `*.suffix` or addresses. Default none. */
  tlsPassthrough?: readonly string[];
  /** Bytes kept of one body. Default 10 MiB. */
  captureLimit?: number;
  /** What the journal keeps in all. Default 10,000 exchanges and 256 MiB of bodies. */
  journalLimit?: Partial<JournalLimit>;
}

/** Options with every default filled in. */
export interface ResolvedOptions {
  readonly host: string;
  readonly port: number | readonly number[];
  readonly hosts: Readonly<Record<string, string>>;
  readonly ignoreHTTPSErrors: boolean;
  readonly trustedRoots: readonly string[];
  readonly http2: boolean;
  readonly upstreamErrors: 'mirror' | 'respond';
  readonly tlsPassthrough: readonly string[];
  readonly captureLimit: number;
  readonly journalLimit: JournalLimit;
}

/** What the options of a higher floor are checked with, by name: undefined where the value is good, else a correct example. */
export type OptionChecks<Options> = {
  readonly [Name in keyof Required<Options>]: (value: unknown) => string | undefined;
};

const checks: OptionChecks<ProxyOptions> = {
  host: (value) => (typeof value === 'string' && isIP(value) !== 0 ? undefined : `host: '127.0.0.1'`),
  port: (value) =>
    (Array.isArray(value) ? value : [value]).every((port) => isInteger(port, 0, 65535))
      ? undefined
      : 'port: 8080 or port: [8080, 8081]',
  hosts: checkHosts,
  ignoreHTTPSErrors: boolean('ignoreHTTPSErrors'),
  trustedRoots: (value) =>
    (Array.isArray(value) ? value : [value]).every((pem) => typeof pem === 'string' && pem.includes('-----BEGIN '))
      ? undefined
      : `trustedRoots: readFileSync('ca.pem', 'utf8')`,
  http2: boolean('http2'),
  upstreamErrors: (value) =>
    value === 'mirror' || value === 'respond' ? undefined : `upstreamErrors: 'mirror' or 'respond'`,
  tlsPassthrough: (value) => (isStrings(value) ? undefined : `tlsPassthrough: ['*.bank.test']`),
  captureLimit: (value) => (isInteger(value, 0) ? undefined : 'captureLimit: 10 * 1024 * 1024 (bytes)'),
  journalLimit: (value) =>
    isLimits(value) ? undefined : 'journalLimit: { exchanges: 10_000, bytes: 256 * 1024 * 1024 }',
};

/**
 * Checks the options and fills in the defaults.
 * @throws {TestError} `WAYLAY_INVALID_OPTION` naming the option, the value and a correct example
 */
export function resolveOptions(options: ProxyOptions = {}): ResolvedOptions {
  checkOptions(options, checks);
  const roots = options.trustedRoots ?? [];
  return {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    hosts: options.hosts ?? {},
    ignoreHTTPSErrors: options.ignoreHTTPSErrors ?? false,
    trustedRoots: typeof roots === 'string' ? [roots] : roots,
    http2: options.http2 ?? true,
    upstreamErrors: options.upstreamErrors ?? 'mirror',
    tlsPassthrough: (options.tlsPassthrough ?? []).map((host) => host.toLowerCase()),
    captureLimit: options.captureLimit ?? 10 * 1024 * 1024,
    journalLimit: {
      exchanges: options.journalLimit?.exchanges ?? 10_000,
      bytes: options.journalLimit?.bytes ?? 256 * 1024 * 1024,
    },
  };
}

/** The checks of the proxy's own options, for a floor that adds more. */
export const proxyOptionChecks = checks;

/**
 * Refuses unknown names and bad values; undefined stands for the default.
 * @throws {TestError} `WAYLAY_INVALID_OPTION`
 */
export function checkOptions(
  options: object,
  known: Readonly<Record<string, (value: unknown) => string | undefined>>,
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TestError(
      'WAYLAY_INVALID_OPTION',
      `Options are an object such as { http2: false }, not ${show(options)}.`,
    );
  }
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(known, name) ? known[name] : undefined;
    if (check === undefined) {
      throw new TestError(
        'WAYLAY_INVALID_OPTION',
        `There is no option '${name}'. The options are: ${Object.keys(known).join(', ')}.`,
      );
    }
    if (value === undefined) continue;
    const example = check(value);
    if (example !== undefined) {
      throw new TestError('WAYLAY_INVALID_OPTION', `The option '${name}' cannot be ${show(value)}. Write ${example}.`);
    }
  }
}

function checkHosts(value: unknown): string | undefined {
  const example = `hosts: { 'shop.test': '127.0.0.1:8443', '*.cdn.test': '127.0.0.1' }`;
  if (typeof value !== 'object' || value === null) return example;
  for (const [name, target] of Object.entries(value)) {
    if (parseAuthority(name.replace(/^\*\./, ''), 1) === undefined) return example;
    if (typeof target !== 'string') return example;
    if (isIP(target) === 0 && parseAuthority(target, 1) === undefined) return example;
  }
  return undefined;
}

function boolean(name: string): (value: unknown) => string | undefined {
  return (value) => (typeof value === 'boolean' ? undefined : `${name}: true or false`);
}

function isInteger(value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '');
}

function isLimits(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.entries(value).every(
      ([name, limit]) => (name === 'exchanges' || name === 'bytes') && (limit === undefined || isInteger(limit, 1)),
    )
  );
}

function show(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
