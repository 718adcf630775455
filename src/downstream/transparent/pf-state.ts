import { isIP } from 'node:net';
import type { Authority } from '../../net/authority.js';
import { unmapped } from '../../net/own-address.js';

/**
 * Finds where a redirected connection was going, in the state table of pf as `pfctl -s state` prints it:
 *
 *     ALL tcp 192.168.0.10:9999 <- 13.115.189.183:443 <- 192.168.2.2:51782       ESTABLISHED:ESTABLISHED
 *     ALL tcp ::1[9999] <- 2001:db8::5[443] <- 2001:db8::2[51782]                ESTABLISHED:ESTABLISHED
 *     ALL tcp 192.168.0.10:9999 (13.115.189.183:443) <- 192.168.2.2:51782        ESTABLISHED:ESTABLISHED
 *
 * From the right: the client, where it was going, where it was led. macOS prints the first two, FreeBSD the third.
 *
 * @param from the client's address and port
 * @returns undefined where no redirection is that client's
 */
export function findOriginalDestination(table: string, from: Authority): Authority | undefined {
  const host = unmapped(from.host).replace(/%.*$/, '');
  for (const line of table.split('\n')) {
    const [, proxy = '', parentheses, between, client = ''] = STATE.exec(line) ?? [];
    const at = readAddress(client);
    if (proxy === '' || at?.host !== host || at.port !== from.port) continue;
    const destination = readAddress(parentheses ?? between ?? '');
    if (destination !== undefined) return destination;
  }
  return undefined;
}

const STATE = /^\S+ tcp (\S+)(?: \((\S+)\))? <- (?:(\S+) <- )?(\S+)(?:\s|$)/;

/** `192.0.2.1:443` or `2001:db8::5[443]`. */
function readAddress(text: string): Authority | undefined {
  const match = /^(?:([\d.]+):(\d+)|([\da-f:.]+)(?:%\w+)?\[(\d+)\])$/i.exec(text);
  const host = (match?.[1] ?? match?.[3])?.toLowerCase();
  const port = Number(match?.[2] ?? match?.[4]);
  return host === undefined || isIP(host) === 0 || port < 1 || port > 65535 ? undefined : { host, port };
}
