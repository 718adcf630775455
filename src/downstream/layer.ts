import type { Socket } from 'node:net';
import type { ClientInfo } from '../journal/exchange.js';
import type { Destination } from '../net/authority.js';
import type { CertificateAuthority } from '../tls/certificate-authority.js';
import type { Link } from '../upstream/link.js';

/**
 * One client connection as it stands after a step of unwrapping. CONNECT, SOCKS and TLS each make a new
 * layer of the one before and enter it again; what is known is in the layer and nowhere else.
 */
export interface Layer {
  /** The socket that the layer's bytes are read from and written to: TCP, or TLS around it. */
  readonly socket: Socket;
  /** The TCP socket below everything; a reset goes there. */
  readonly raw: Socket;
  readonly client: ClientInfo;
  /** The authority that the client trusts. */
  readonly authority: CertificateAuthority;
  /** TLS has been taken off. */
  readonly secure: boolean;
  /** The destination that the client asked for; undefined while it speaks to the proxy itself. */
  readonly destination: Destination | undefined;
  /** The upstream that this connection owns; there is one as soon as there is a destination. */
  readonly link: Link | undefined;
}
