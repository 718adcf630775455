import type { Http2Session, Http2Stream } from 'node:http2';
import { StreamTable } from './stream-table.js';

/** The newest version of Node whose sessions are known to be as is said here. */
const KNOWN = 26;

/** The internal state of a session of node:http2. */
interface SessionState {
  /** The open streams, by their ids. */
  streams: Map<number, Http2Stream>;
}

/**
 * Has a session keep its open streams in a {@link StreamTable} instead of a Map, which has V8 keep those that are over: a sixth of
 * a request with 100 streams at a time. Where Node has no such Map, all stays as it is.
 *
 * @param session one that has just been made
 */
export function keepStreamsById(session: Http2Session): void {
  if (Number.parseInt(process.versions.node, 10) > KNOWN) return;
  const key = Object.getOwnPropertySymbols(session).find(({ description }) => description === 'state');
  const state = key && (session as unknown as Record<symbol, Partial<SessionState> | undefined>)[key];
  // Its class is one of Node's own, which is no Map for `instanceof`.
  if (state?.streams?.size === 0) state.streams = new StreamTable();
}
