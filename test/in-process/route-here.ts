/** A Waylay that this process is routed to, for one test. */
import { onTestFinished } from 'vitest';
import { splitOptions, type WaylayOptions } from '../../fixtures/options.js';
import { type ProcessWaylay, startProcessWaylay } from '../../fixtures/runner/process-waylay.js';
import { Route } from '../../src/in-process/route.js';
import { publicAuthority } from '../servers.js';

/** Routes this process to a new Waylay, which trusts the test servers, until the test ends. */
export async function routeHere(options: WaylayOptions = {}, route = new Route()): Promise<ProcessWaylay> {
  const own = await startProcessWaylay(splitOptions({ trustedRoots: publicAuthority.pem, ...options }), route);
  onTestFinished(() => own.stop());
  return own;
}
