/** The common part of the two kinds of HTTP connection to an upstream. */

import type { OutgoingRequest, Sending } from '../http/sending.js';
import type { ResponseSink } from '../http/sink.js';
import type { UpstreamInfo } from '../journal/exchange.js';
import type { Transport } from './transport.js';

/** An HTTP connection to an upstream. */
export interface UpstreamConnection {
  readonly transport: Transport;
  /** Has carried a request before. */
  readonly used: boolean;
  /** Reserves the connection for one request; false where it cannot take one now. */
  claim(exclusive: boolean): boolean;
  /** Gives back a claim that is not going to be used. */
  release(): void;
  /** Sends the request that the connection was claimed for. */
  send(request: OutgoingRequest, sink: ResponseSink): Sending;
  /** Called once, when the connection has ended for whatever reason. */
  onClose: (() => void) | undefined;
  destroy(): void;
}

const reusedInfos = new WeakMap<Transport, UpstreamInfo>();

/** The exchange's view of a connection; one for all that find it in use. */
export function upstreamInfo({ transport, used }: UpstreamConnection): UpstreamInfo {
  if (!used) return { ...transport.info, reused: false };
  let info = reusedInfos.get(transport);
  if (info === undefined) {
    info = { ...transport.info, reused: true };
    reusedInfos.set(transport, info);
  }
  return info;
}
