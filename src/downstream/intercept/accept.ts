import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import { recordTlsOver } from '../../net/reset.js';

/**
 * Continues the handshake that a client began with its ClientHello, which is still in the socket.
 *
 * A TLSSocket is made by hand, instead of by a tls.Server, because a server chooses the certificate
 * by SNI only, and not every client sends one.
 *
 * @param alpn the one protocol to agree on, if any (RFC 7301)
 * @throws the client's alert, or an error without a code where it just closed the connection
 */
export function acceptTls(socket: Socket, secureContext: SecureContext, alpn: string | undefined): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const options = { isServer: true, secureContext, ALPNProtocols: alpn === undefined ? [] : [alpn] };
    const secured = recordTlsOver(new TLSSocket(socket, options), socket);
    const onClose = (): void => reject(new Error('the client closed the connection'));
    secured.once('error', reject);
    secured.once('close', onClose);
    // The socket may be half-open; before the handshake is over that is as good as closed.
    const onEnd = (): void => void secured.destroy();
    secured.once('end', onEnd);
    secured.once('secure', () => {
      secured.off('error', reject);
      secured.off('close', onClose);
      secured.off('end', onEnd);
      secured.on('error', () => {});
      // Only a tls.Server marks its sockets as done, and node:http2 waits for the mark.
      Object.assign(secured, { secureConnecting: false });
      resolve(secured);
    });
  });
}
