import { isIP } from 'node:net';
import { TestError } from './errors.js';
import type { JournalLimit } from './journal/journal.js';
import { checkHosts } from './net/host-map.js';
import { HostPatternProblem, readHostPattern } from './net/host-pattern.js';
import { checkTlsPorts } from './net/tls-ports.js';
import { type ClientCertificate, checkClientCertificates } from './upstream/client-certificates.js';
import { checkUpstreamProxy, type UpstreamProxy } from './upstream/dial/proxy-server.js';

/** Options of the proxy. Everything is optional. */
export interface ProxyOptions {
  /** The address to listen on. Default `'127.0.0.1'`: nothing outside this machine can reach the proxy. */
  host?: string | undefined;
  /** The port to listen on: a number, or a list of preferred ones of which the first free one is taken. Default 0: any free port. */
  port?: number | readonly number[] | undefined;
  /**
   * The addresses at which names are dialled, instead of asking DNS: a name or an address, with `:port` or without, to
   * `address` or `address:port`. `*` stands for any characters: `*.cdn.test` is all below it, `*` everything. Names are
   * the same in any case, with Unicode or in punycode, with a dot at their end or without. Certificates are still
   * verified for the name. The most specific entry wins. Two spellings of one name with different addresses are refused.
   *
   * @example { 'shop.test': '127.0.0.1:8443', '*.cdn.test': '127.0.0.1', '[::1]:80': '127.0.0.1:8080' }
   */
  hosts?: Readonly<Record<string, string>> | undefined;
  /** Do not verify upstream certificates. Default false. */
  ignoreHTTPSErrors?: boolean | undefined;
  /** More root certificates to verify upstreams with, PEM. */
  trustedRoots?: string | readonly string[] | undefined;
  /**
   * Another proxy, that upstreams are reached through; it resolves their names. Default none. What `hosts` maps is
   * dialled directly. Plain HTTP goes to an HTTP proxy in absolute-form, everything else by CONNECT. Where the proxy
   * fails or refuses, the error has the code `WAYLAY_UPSTREAM_PROXY`.
   *
   * @example { server: 'http://proxy.corp:3128', bypass: '.corp, <local>', username: 'me', password: '…' }
   */
  upstreamProxy?: UpstreamProxy | undefined;
  /**
   * Certificates that Waylay shows in the client's stead to upstreams that ask for one. Default none. Files are read
   * once, at the start; `WAYLAY_INVALID_OPTION` names the entry that cannot be read or used.
   *
   * @example [{ origin: 'https://api.test:8443', certPath: 'client.pem', keyPath: 'client.key' }]
   */
  clientCertificates?: readonly ClientCertificate[] | undefined;
  /** Offer HTTP/2 to clients and upstreams. Default true. */
  http2?: boolean | undefined;
  /**
   * The result of a failing upstream that a client sees. `'mirror'` (default): the failure it would see without the
   * proxy. `'respond'`: a 502 with the reason as its body.
   */
  upstreamErrors?: 'mirror' | 'respond' | undefined;
  /**
   * Hosts whose TLS is not intercepted, as the names of `hosts`: `name`, `*.name`, `name:port`, an address, `*` for all.
   * What the client asks for by SNI and where it connects to both count. Default none.
   */
  tlsPassthrough?: readonly string[] | undefined;
  /**
   * Serves clients that know nothing of a proxy, beside those that do; default false. docs/transparent.md has the rest.
   *
   * - `'kernel'`: connections that the system redirects here; it is asked where they were going. Linux (with the
   *   package koffi installed) and macOS. What other machines send needs the option `host` as well.
   * - `'name'`: connections that names were made to lead here (Chromium's `--host-resolver-rules`, a hosts file, DNS):
   *   TLS goes to the server name that the client asks for, port 443, plain HTTP to what `Host` says.
   * - `{ by: 'name', ports }`: the same, with the TLS port of names that have another than 443.
   *
   * @example { by: 'name', ports: { 'shop.test': 8443, '*.dev.test': 9443 } }
   */
  transparent?:
    | false
    | 'kernel'
    | 'name'
    | { readonly by: 'name'; readonly ports: Readonly<Record<string, number>> }
    | undefined;
  /** Bytes up to which a body is kept whole; of a longer one the first MiB stays, or this many where that is less. Default 10 MiB. */
  captureLimit?: number | undefined;
  /** Limits of what the journal keeps in all. Default 10,000 exchanges and 256 MiB of bodies. */
  journalLimit?: { readonly [Part in keyof JournalLimit]?: JournalLimit[Part] | undefined } | undefined;
}

/** Options with every default filled in. */
export interface ResolvedOptions {
  readonly host: string;
  readonly port: number | readonly number[];
  readonly hosts: Readonly<Record<string, string>>;
  readonly ignoreHTTPSErrors: boolean;
  readonly trustedRoots: readonly string[];
  readonly upstreamProxy: UpstreamProxy | undefined;
  readonly clientCertificates: readonly ClientCertificate[];
  readonly http2: boolean;
  readonly upstreamErrors: 'mirror' | 'respond';
  readonly tlsPassthrough: readonly string[];
  readonly transparent: false | 'kernel' | 'name';
  /** Ports by name or `*.suffix`. */
  readonly tlsPorts: Readonly<Record<string, number>>;
  readonly captureLimit: number;
  readonly journalLimit: JournalLimit;
}

/** Checks of the options of a higher floor, by name: undefined where the value is good, else a correct example. */
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
  upstreamProxy: checkUpstreamProxy,
  clientCertificates: checkClientCertificates,
  http2: boolean('http2'),
  upstreamErrors: (value) =>
    value === 'mirror' || value === 'respond' ? undefined : `upstreamErrors: 'mirror' or 'respond'`,
  tlsPassthrough: checkTlsPassthrough,
  transparent: checkTransparent,
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
    upstreamProxy: options.upstreamProxy,
    clientCertificates: options.clientCertificates ?? [],
    http2: options.http2 ?? true,
    upstreamErrors: options.upstreamErrors ?? 'mirror',
    tlsPassthrough: options.tlsPassthrough ?? [],
    transparent: typeof options.transparent === 'object' ? options.transparent.by : (options.transparent ?? false),
    tlsPorts: typeof options.transparent === 'object' ? options.transparent.ports : {},
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

function boolean(name: string): (value: unknown) => string | undefined {
  return (value) => (typeof value === 'boolean' ? undefined : `${name}: true or false`);
}

function isInteger(value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function checkTlsPassthrough(value: unknown): string | undefined {
  const example = `tlsPassthrough: ['*.bank.test']`;
  if (!Array.isArray(value)) return example;
  for (const item of value) {
    const read = typeof item === 'string' ? readHostPattern(item) : undefined;
    if (read === undefined) return example;
    if (read instanceof HostPatternProblem) return `tlsPassthrough: ['${read.write}']: ${read.why}`;
  }
  return undefined;
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

function checkTransparent(value: unknown): string | undefined {
  if (value === false || value === 'kernel' || value === 'name') return undefined;
  const { by, ports, ...rest } = Object(value) as Record<string, unknown>;
  const example = `transparent: 'kernel', 'name' or { by: 'name', ports: { 'shop.test': 8443 } }`;
  return by === 'name' && Object.keys(rest).length === 0 ? checkTlsPorts(ports, example) : example;
}

function show(value: unknown): string {
  try {
    return JSON.stringify(value, withoutSecrets) ?? String(value);
  } catch {
    return String(value);
  }
}

const SECRETS = new Set(['password', 'passphrase', 'key', 'cert', 'pfx']);

// A faulty option may be told to everybody who reads a report.
function withoutSecrets(name: string, value: unknown): unknown {
  if (SECRETS.has(name)) return '…';
  return typeof value === 'string' ? value.replace(/^([a-z][a-z\d+.-]*:\/\/)?[^\s/]*:.*@/i, '$1…@') : value;
}
