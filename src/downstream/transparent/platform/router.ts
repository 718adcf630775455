import type { Socket } from 'node:net';
import type { Authority } from '../../../net/authority.js';

/** Redirects connections on this machine, and remembers their destinations. */
export interface Router {
  /** The destination before the redirection; undefined where the router knows nothing of the connection. */
  originalDestination(socket: Socket): Authority | undefined | Promise<Authority | undefined>;
}
