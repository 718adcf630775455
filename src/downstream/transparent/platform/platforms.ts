import { InternalError } from '../../../errors.js';
import type { NatLookup } from './nat-lookup.js';

/** Lookups by `process.platform`. A platform's needs are loaded only where it is used. */
const PLATFORMS: Readonly<Record<string, () => Promise<NatLookup>>> = {
  linux: async () => (await import('./linux.js')).linuxNatLookup(),
  darwin: async () => (await import('./macos.js')).macosNatLookup(),
};

/**
 * The lookup in what redirects connections on this machine.
 * @throws {InternalError} `WAYLAY_TRANSPARENT` where it cannot be asked, with the remedy
 */
export function loadNatLookup(platform: string = process.platform): Promise<NatLookup> {
  const load = Object.hasOwn(PLATFORMS, platform) ? PLATFORMS[platform] : undefined;
  if (load !== undefined) return load();
  const known = Object.keys(PLATFORMS).join(', ');
  return Promise.reject(
    new InternalError(
      'WAYLAY_TRANSPARENT',
      `transparent: 'kernel' cannot ask ${platform} where a connection was going (it can ask: ${known}). Use transparent: 'name', which needs no system, or set the proxy in the client.`,
    ),
  );
}
