import { handlerError } from '../../exchange/relay-errors.js';
import type { Handshake, HandshakeFault, Interceptor } from '../../interceptor.js';
import { formatAuthority } from '../../net/authority.js';
import { ALERTS } from '../../tls/alert.js';

/**
 * Asks whether the handshake is to fail. Where the answer is an exception, it is: with internal_error,
 * which the protocol has for what is neither the peer's fault nor its own (RFC 8446, section 6.2).
 */
export function handshakeFault(interceptor: Interceptor, handshake: Handshake): HandshakeFault | undefined {
  try {
    return interceptor.onHandshake(handshake);
  } catch (cause) {
    const authority = formatAuthority(handshake);
    const error = handlerError(`the TLS handshake for ${authority}`, cause, { authority });
    return { alert: ALERTS.internal_error, error };
  }
}
