/** pf, by `rdr`. Written by its manual and never run: see docs/transparent.md. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { InternalError } from '../../../errors.js';
import { findOriginalDestination } from '../pf-state.js';
import type { NatLookup } from './nat-lookup.js';

const PFCTL = '/sbin/pfctl';
const TABLE_LIMIT = 16 * 1024 * 1024;
/** Milliseconds. */
const TIMEOUT = 5_000;

/**
 * pf has an ioctl for this question (DIOCNATLOOK), in a layout that Apple changes and does not publish; its state table
 * as text is what other proxies read as well. Only root may read it, or whom sudoers lets.
 */
export async function macosNatLookup(): Promise<NatLookup> {
  await readTable().catch((cause: Error) => {
    throw new InternalError(
      'WAYLAY_TRANSPARENT',
      `transparent: 'kernel' reads the state table of pf, and may not: ${cause.message.split('\n')[0]}. Run as root, or let sudo run '${PFCTL} -s state' without a password (docs/transparent.md has the line for sudoers).`,
      { cause },
    );
  });
  return {
    async originalDestination({ remoteAddress, remotePort }) {
      if (remoteAddress === undefined || remotePort === undefined) return undefined;
      return findOriginalDestination(await readTable(), { host: remoteAddress, port: remotePort });
    },
  };
}

async function readTable(): Promise<string> {
  const [command = PFCTL, ...args] = [...(process.getuid?.() === 0 ? [] : ['sudo', '-n']), PFCTL, '-s', 'state'];
  const { stdout } = await promisify(execFile)(command, args, { timeout: TIMEOUT, maxBuffer: TABLE_LIMIT });
  return stdout;
}
