import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { types } from 'node:util';
import { TestError } from '../errors.js';
import { type Authority, formatAuthority } from '../net/authority.js';
import { canonicalHost } from '../net/host-name.js';
import { HostPatternProblem } from '../net/host-pattern.js';
import { readOrigin } from '../net/origin.js';
import type { UpstreamRoots } from './dial/roots.js';

/** A client certificate, shown to one origin: a certificate with its key, or a PFX with both. Playwright's shape. */
export interface ClientCertificate {
  /**
   * Scheme, host and port: `'https://api.test:8443'`. Several entries may have the same. One of `http:` is never shown, as
   * in Playwright.
   */
  origin: string;
  /** PEM. */
  cert?: string | Uint8Array | undefined;
  /** Path of a PEM file, absolute or relative to the working directory. */
  certPath?: string | undefined;
  /** PEM. */
  key?: string | Uint8Array | undefined;
  /** Path of a PEM file. */
  keyPath?: string | undefined;
  /** PKCS #12. */
  pfx?: Uint8Array | undefined;
  /** Path of a PKCS #12 file. */
  pfxPath?: string | undefined;
  /** Passphrase of the key or the PFX, where it has one. */
  passphrase?: string | undefined;
}

/** The TLS context for an upstream that is shown a client certificate; undefined for all others. */
export type ClientContexts = (authority: Authority) => SecureContext | undefined;

/** Credentials as {@link createSecureContext} takes them. */
interface Credentials {
  readonly cert: readonly Buffer[];
  readonly key: readonly { readonly pem: Buffer; readonly passphrase: string | undefined }[];
  readonly pfx: readonly { readonly buf: Buffer; readonly passphrase: string | undefined }[];
}

/**
 * Reads the option `clientCertificates`, which has been checked, and its files.
 * @throws {TestError} `WAYLAY_INVALID_OPTION` naming the entry, where it cannot be read or used
 */
export function clientContexts(entries: readonly ClientCertificate[], roots: UpstreamRoots): ClientContexts {
  const byAuthority = new Map<string, Credentials>();
  entries.forEach((entry, index) => {
    const credentials = readEntry(entry, index);
    const origin = readOrigin(entry.origin);
    // Without TLS nothing is shown. Playwright takes such an entry all the same, and looks into its files.
    if (origin instanceof HostPatternProblem || origin.scheme !== 'https') return;
    const key = formatAuthority(origin);
    const before = byAuthority.get(key);
    // OpenSSL takes, of several for one origin, the one that the server's signature algorithms ask for.
    byAuthority.set(key, before === undefined ? credentials : both(before, credentials));
  });
  const made = new Map<string, SecureContext>();
  return (authority) => {
    if (byAuthority.size === 0) return undefined;
    const key = formatAuthority({ host: canonicalHost(authority.host), port: authority.port });
    const credentials = byAuthority.get(key);
    if (credentials === undefined) return undefined;
    // Reading the roots again takes milliseconds, so it is left to the tests that go there.
    let context = made.get(key);
    if (context === undefined) made.set(key, (context = contextOf(credentials, roots.options)));
    return context;
  };
}

function both(one: Credentials, other: Credentials): Credentials {
  return {
    cert: [...one.cert, ...other.cert],
    key: [...one.key, ...other.key],
    pfx: [...one.pfx, ...other.pfx],
  };
}

// Node's types want arrays that could be written to.
function contextOf(credentials: Credentials, options: SecureContextOptions = {}): SecureContext {
  return createSecureContext({
    ...options,
    cert: [...credentials.cert],
    key: [...credentials.key],
    pfx: [...credentials.pfx],
  });
}

function readEntry(entry: ClientCertificate, index: number): Credentials {
  const { origin, passphrase } = entry;
  const name = `The entry ${index} of the option 'clientCertificates' (${origin})`;
  const read = (kind: 'cert' | 'key' | 'pfx'): Buffer[] => {
    const given = entry[kind];
    const path = entry[`${kind}Path`];
    if (given !== undefined) return [Buffer.from(given as Buffer)];
    if (path === undefined) return [];
    try {
      return [readFileSync(path)];
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      throw new TestError(
        'WAYLAY_INVALID_OPTION',
        `${name} has a ${kind}Path that cannot be read: ${code ?? message}, '${path}'. Give the path of a file, absolute or relative to ${process.cwd()}.`,
        { cause },
      );
    }
  };
  const credentials: Credentials = {
    cert: read('cert'),
    key: read('key').map((pem) => ({ pem, passphrase })),
    pfx: read('pfx').map((buf) => ({ buf, passphrase })),
  };
  try {
    contextOf(credentials);
  } catch (cause) {
    throw new TestError(
      'WAYLAY_INVALID_OPTION',
      `${name} cannot be used: ${(cause as Error).message}. Is the passphrase right, and does the key belong to the certificate?`,
      { cause },
    );
  }
  return credentials;
}

const example = `clientCertificates: [{ origin: 'https://api.test:8443', certPath: 'client.pem', keyPath: 'client.key' }]`;

/** Checks the option `clientCertificates` but for what is in its files: undefined where it is good, else a correct example. */
export function checkClientCertificates(value: unknown): string | undefined {
  if (!Array.isArray(value)) return example;
  for (const entry of value) {
    const { origin } = Object(entry) as { readonly origin?: unknown };
    const read = typeof origin === 'string' ? readOrigin(origin) : undefined;
    if (read instanceof HostPatternProblem)
      return `${example}, and '${read.write}' for the origin that it has: ${read.why}`;
    if (!isEntry(entry)) return example;
  }
  return undefined;
}

function isEntry(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const entry = value as Record<string, unknown>;
  for (const [name, part] of Object.entries(entry)) {
    if (part === undefined) continue;
    if (!Object.hasOwn(PARTS, name) || !PARTS[name]?.(part)) return false;
  }
  if (typeof entry.origin !== 'string') return false;
  const has = (kind: string): boolean => entry[kind] !== undefined || entry[`${kind}Path`] !== undefined;
  return has('pfx') ? !has('cert') && !has('key') : has('cert') && has('key');
}

const isText = (part: unknown): boolean => typeof part === 'string' && part !== '';
const isBytes = (part: unknown): boolean => types.isUint8Array(part);
const isPem = (part: unknown): boolean => isText(part) || isBytes(part);

const PARTS: Readonly<Record<string, (part: unknown) => boolean>> = {
  origin: isText,
  cert: isPem,
  certPath: isText,
  key: isPem,
  keyPath: isText,
  pfx: isBytes,
  pfxPath: isText,
  passphrase: (part) => typeof part === 'string',
};
