import { isIP, type Socket } from 'node:net';
import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import { UpstreamError } from '../errors.js';
import type { TlsInfo, UpstreamInfo } from '../journal/exchange.js';
import { type Authority, formatAuthority } from '../net/authority.js';
import { recordTlsOver } from '../net/reset.js';
import { alertOf } from '../tls/alert.js';
import { readUpstreamCertificate, type UpstreamCertificate } from '../tls/upstream-certificate.js';
import type { UpstreamContext } from './context.js';
import type { Dialled } from './dial/dial.js';
import type { ProxyServer } from './dial/proxy-server.js';

/** An upstream connection that is ready to carry a protocol: TCP, or TLS over it. */
export interface Transport {
  readonly socket: Socket;
  /** The TCP connection beneath. */
  readonly raw: Socket;
  /** The proxy that takes requests in absolute-form; undefined where the socket is the upstream's own. */
  readonly forwarder: ProxyServer | undefined;
  readonly info: Omit<UpstreamInfo, 'reused'>;
  readonly certificate: UpstreamCertificate | undefined;
  /**
   * The error of TLS after the handshake, such as the alert of a server that misses a client certificate (RFC 8446,
   * section 4.4.2.4): the end of the connection follows, and says less.
   */
  alert?: Error | undefined;
  /** Milliseconds since the epoch. */
  readonly times: { connectStart: number; connected: number; secureStart?: number; secured?: number };
}

/** The parameters of TLS with an upstream. */
export interface TlsTarget {
  /** The name as the client sent it; undefined where it sent none, as for a bare address. */
  readonly serverName: string | undefined;
  /** Protocols to offer (RFC 7301), the client's offer as far as Waylay can speak them. */
  readonly alpn: readonly string[];
  /** The roots that the client itself would trust, and the certificate that it would show; default: those of the options. */
  readonly secureContext?: SecureContext | undefined;
}

/** TCP as it is. */
export function plainTransport(dialled: Dialled): Transport {
  const { socket, raw, forwarder, connectStart, connected } = dialled;
  return {
    socket,
    raw,
    forwarder,
    info: { ...address(dialled), tls: undefined, certificate: undefined },
    certificate: undefined,
    times: { connectStart, connected },
  };
}

/**
 * TLS over TCP. A certificate that does not verify is no failure here: `certificate.defect` says
 * so, and the caller decides.
 * @throws {UpstreamError} `WAYLAY_UPSTREAM_TLS` where the handshake fails
 */
export function secureTransport(
  context: UpstreamContext,
  authority: Authority,
  dialled: Dialled,
  { serverName, alpn, secureContext }: TlsTarget,
): Promise<Transport> {
  const { socket, raw, connectStart, connected } = dialled;
  const secureStart = context.clock.now();
  const where = address(dialled);
  return new Promise((resolve, reject) => {
    const secured = connect({
      socket,
      // RFC 6066, section 3: an address is no server name. Some clients send one all the same; Node 26 throws then.
      servername: serverName === undefined || isIP(serverName) !== 0 ? '' : serverName,
      ALPNProtocols: [...alpn],
      secureContext: context.clientContexts(authority) ?? secureContext ?? context.roots.context,
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    recordTlsOver(secured, socket);
    // Node makes objects of the whole chain for checkServerIdentity, which looks at none: a twentieth of a new connection's cost.
    Object.assign(secured, { getPeerCertificate: () => null });
    const onFailure = (cause?: Error): void => {
      socket.destroy();
      reject(
        new UpstreamError(
          'WAYLAY_UPSTREAM_TLS',
          `The TLS handshake with ${formatAuthority(authority)} failed: ${cause?.message.trim() ?? 'the server closed the connection'}.`,
          { authority: formatAuthority(authority), cause },
        ),
      );
    };
    const onClose = (): void => onFailure();
    secured.once('error', onFailure);
    secured.once('close', onClose);
    secured.once('secureConnect', () => {
      secured.off('error', onFailure);
      secured.off('close', onClose);
      Reflect.deleteProperty(secured, 'getPeerCertificate');
      const certificate = readUpstreamCertificate(secured, serverName ?? authority.host);
      const transport: Transport = {
        socket: secured,
        raw,
        forwarder: undefined,
        info: { ...where, tls: tlsInfo(secured, serverName), certificate: certificate?.info },
        certificate,
        times: { connectStart, connected, secureStart, secured: context.clock.now() },
      };
      secured.on('error', (error) => {
        if (alertOf(error) !== undefined) transport.alert ??= error;
      });
      resolve(transport);
    });
  });
}

/** Describes a finished handshake. */
export function tlsInfo(socket: TLSSocket, serverName: string | undefined): TlsInfo {
  return { version: socket.getProtocol() ?? 'unknown', alpn: socket.alpnProtocol || undefined, serverName };
}

function address({ raw, proxy }: Dialled): Pick<UpstreamInfo, 'address' | 'port' | 'proxy'> {
  return {
    address: raw.remoteAddress ?? '',
    port: raw.remotePort ?? 0,
    proxy: proxy && formatAuthority(proxy.address),
  };
}
