import { isIP } from 'node:net';

/** The SNI of a connection that Waylay opens for a name of its own accord: none for an address. */
export function serverNameFor(host: string): string | undefined {
  return isIP(host) === 0 ? host : undefined;
}
