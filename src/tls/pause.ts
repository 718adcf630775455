import type { ProxyContext } from '../context.js';
import { type Destination, formatAuthority } from '../destination.js';
import type { Protocol } from '../detect.js';
import { ClientError, WaylayError } from '../errors.js';
import { recordFailure } from '../exchange/record.js';
import { namesHost } from '../host-map.js';
import type { Layer } from '../layer.js';
import { peek } from '../peek.js';
import { tunnel } from '../tunnel.js';
import { certificateError } from '../upstream/certificate-error.js';
import type { Link } from '../upstream/link.js';
import { tlsInfo } from '../upstream/transport.js';
import { acceptTls } from './accept.js';
import { ALERTS, alertOf, plaintextAlert } from './alert.js';
import { type ClientHello, readClientHello } from './client-hello.js';
import { leafRecipe } from './leaf.js';
import type { UpstreamCertificate } from './upstream-certificate.js';

// Browsers offer a random GREASE value as well (RFC 8701), which node:tls would not send as it is.
const PRINTABLE = /^[!-~]+$/;

/** How a client's handshake is to be continued. */
interface Continuation {
  readonly certificate: UpstreamCertificate | undefined;
  readonly alpn: string | undefined;
}

/**
 * Takes TLS off a connection: the SNI pause.
 *
 *     client                      Waylay                      upstream
 *       | --- ClientHello, SNI --> |                             |
 *       |         (paused)         | --- ClientHello, SNI -----> |
 *       |                          | <-- certificate, ALPN ----- |
 *       | <-- minted leaf, ALPN -- |                             |
 *
 * The upstream's certificate says which names the leaf carries, and its choice of protocol is passed
 * on. Where a stub may speak for the host, there is no upstream to ask and the client's words are used.
 */
export async function interceptTls(context: ProxyContext, layer: Layer): Promise<void> {
  const { destination, link, socket } = layer;
  const peeked = await peek(socket, readClientHello);
  if (peeked.kind !== 'read' || peeked.reading.kind === 'failed') {
    if (peeked.kind === 'read') context.log('tls', 'no ClientHello: %s', peeked.reading);
    socket.end(plaintextAlert(ALERTS.decode_error));
    return;
  }
  const hello = peeked.reading.value;

  if (destination === undefined || link === undefined) {
    // TLS to the proxy itself, around the requests to it.
    const alpn = hello.alpnProtocols.includes('http/1.1') ? 'http/1.1' : undefined;
    await accept(context, layer, hello, context.listening.host, { certificate: undefined, alpn });
    return;
  }
  const name = hello.serverName ?? destination.host;
  if (namesHost(context.options.tlsPassthrough, name)) {
    await tunnel(context, layer);
    return;
  }
  const continuation = await ask(context, layer, destination, link, hello);
  if (continuation !== undefined) await accept(context, layer, hello, destination.host, continuation);
}

/** Asks the upstream how to continue; undefined where it failed and the client has been told so. */
async function ask(
  context: ProxyContext,
  layer: Layer,
  destination: Destination,
  link: Link,
  hello: ClientHello,
): Promise<Continuation | undefined> {
  const { options, interceptor } = context;
  const { serverName } = hello;
  const alpn = hello.alpnProtocols.filter(
    (protocol) => PRINTABLE.test(protocol) && (protocol !== 'h2' || options.http2),
  );
  const unasked: Continuation = {
    certificate: undefined,
    alpn: ['h2', 'http/1.1'].find((protocol) => alpn.includes(protocol)),
  };
  if (link.failed || interceptor.mayAnswer({ host: serverName ?? destination.host, port: destination.port })) {
    // The client is told its own first choice; an upstream that speaks no HTTP/2 can still be asked later.
    const spoken = alpn.includes('h2') && !alpn.includes('http/1.1') ? [...alpn, 'http/1.1'] : alpn;
    link.use({ secure: true, serverName, alpn: spoken });
    return unasked;
  }
  try {
    const transport = await link.secure({ serverName, alpn });
    const { certificate } = transport;
    if (certificate?.defect !== undefined && options.upstreamErrors === 'respond' && !options.ignoreHTTPSErrors) {
      throw certificateError(destination, certificate);
    }
    return { certificate, alpn: transport.info.tls?.alpn };
  } catch (cause) {
    if (!(cause instanceof WaylayError)) throw cause;
    if (layer.raw.destroyed) return undefined;
    if (options.upstreamErrors === 'respond') {
      link.failWith(cause);
      return unasked;
    }
    recordFailure(context, layer, destination, cause);
    // What the upstream said to us is what it would have said to the client.
    layer.socket.end(plaintextAlert(alertOf(cause.cause) ?? ALERTS.handshake_failure));
    return undefined;
  }
}

async function accept(
  context: ProxyContext,
  layer: Layer,
  hello: ClientHello,
  host: string,
  { certificate, alpn }: Continuation,
): Promise<void> {
  const { authority, clock, options } = context;
  const upstream = options.ignoreHTTPSErrors && certificate ? { ...certificate, defect: undefined } : certificate;
  const leaf = authority.leaf(leafRecipe({ serverName: hello.serverName, host, upstream, now: clock.now() }));
  try {
    const socket = await acceptTls(layer.socket, leaf.context, alpn);
    if (upstream?.defect !== undefined) {
      layer.link?.acceptDefect();
      // Some clients, Node among them, judge the certificate when the handshake is over.
      socket.once('close', () => {
        if (socket.bytesRead === 0) recordDefect(context, layer, upstream);
      });
    }
    const tls = tlsInfo(socket, hello.serverName);
    context.enter({ ...layer, socket, secure: true, client: { ...layer.client, tls } }, protocolOf(alpn));
  } catch (cause) {
    const { destination } = layer;
    if (destination !== undefined) recordHandshake(context, layer, destination, certificate, cause as Error);
    layer.raw.destroy();
  }
}

function protocolOf(alpn: string | undefined): Protocol | undefined {
  if (alpn === undefined) return undefined;
  if (alpn === 'h2') return 'http2';
  return alpn.startsWith('http/1.') ? 'http1' : 'unknown';
}

/** Says in the journal why a client did not finish its handshake. */
function recordHandshake(
  context: ProxyContext,
  layer: Layer,
  destination: Destination,
  certificate: UpstreamCertificate | undefined,
  cause: Error,
): void {
  const name = formatAuthority(destination);
  if (certificate?.defect !== undefined) {
    recordDefect(context, layer, certificate);
  } else if (alertOf(cause) !== undefined) {
    recordFailure(
      context,
      layer,
      destination,
      new ClientError(
        'WAYLAY_CLIENT_TLS',
        `The client ended the TLS handshake for ${name}: ${cause.message.trim()}. If it does not trust the proxy, give it waylay.ca.pem.`,
        { authority: name, cause },
      ),
    );
  } else {
    // Browsers open connections ahead of need and drop them again; that is no failure.
    context.log('tls', 'handshake for %s not finished: %s', name, cause.message);
  }
}

function recordDefect(context: ProxyContext, layer: Layer, certificate: UpstreamCertificate): void {
  const { destination } = layer;
  if (destination === undefined || context.stopping) return;
  recordFailure(context, layer, destination, certificateError(destination, certificate));
}
