import type { Socket } from 'node:net';
import type { Authority } from '../../../net/authority.js';

/** Looks up what redirected a connection on this machine: it keeps where each was going. */
export interface NatLookup {
  /** The destination before the redirection; undefined where it was not redirected. */
  originalDestination(socket: Socket): Authority | undefined | Promise<Authority | undefined>;
}
