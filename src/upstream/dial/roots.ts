import { readFileSync } from 'node:fs';
import * as tls from 'node:tls';
import { createSecureContext, rootCertificates, type SecureContext, type SecureContextOptions } from 'node:tls';

/** The trust store that upstream certificates are verified with. */
export interface UpstreamRoots {
  readonly context: SecureContext;
  /** The options that the context is made of, for one that has more in it. */
  readonly options: SecureContextOptions;
}

// Parsing some 140 roots takes milliseconds, so stores are kept for the life of the worker, one
// for each set of extra roots.
const stores = new Map<string, UpstreamRoots>();

/** Node's own roots (with `NODE_EXTRA_CA_CERTS`) and the given ones, PEM. */
export function upstreamRoots(extra: readonly string[]): UpstreamRoots {
  const key = extra.join('\n');
  let store = stores.get(key);
  if (store === undefined) {
    const roots = extra.length === 0 ? {} : { ca: [...defaultRoots(), ...extra] };
    const options: SecureContextOptions = { ...roots, minVersion: 'TLSv1.2' };
    store = { context: createSecureContext(options), options };
    stores.set(key, store);
  }
  return store;
}

// Giving `ca` replaces Node's default list, so it has to be repeated.
function defaultRoots(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] };
  if (getCACertificates !== undefined) return getCACertificates('default'); // from Node 22.15
  const file = process.env.NODE_EXTRA_CA_CERTS;
  if (file === undefined) return rootCertificates;
  try {
    return [...rootCertificates, readFileSync(file, 'utf8')];
  } catch {
    return rootCertificates; // Node itself warns of a file that cannot be read
  }
}
