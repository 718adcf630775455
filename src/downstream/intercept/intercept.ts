import { isIP, type Socket } from 'node:net';
import { ClientError, type ErrorCode, WaylayError } from '../../errors.js';
import { recordFailure } from '../../exchange/record.js';
import type { Participant } from '../../journal/intervention.js';
import { type Destination, type DestinationSource, formatAuthority } from '../../net/authority.js';
import { peek } from '../../net/peek.js';
import { resetConnection } from '../../net/reset.js';
import { ALERT_OF_DEFECT, ALERTS, alertOf, plaintextAlert } from '../../tls/alert.js';
import { type ClientHello, readClientHello } from '../../tls/client-hello.js';
import { defectiveTemplate, type LeafTemplate, leafTemplate } from '../../tls/leaf.js';
import { certificateError } from '../../upstream/certificate-error.js';
import type { Link } from '../../upstream/link.js';
import { tlsInfo } from '../../upstream/transport.js';
import type { ProxyContext } from '../context.js';
import type { Protocol } from '../detect.js';
import type { Layer } from '../layer.js';
import { tunnel } from '../tunnel.js';
import { acceptTls } from './accept.js';
import { handshakeFault } from './handshake-fault.js';

// Browsers offer a random GREASE value as well (RFC 8701), which node:tls would not send as it is.
const PRINTABLE = /^[!-~]+$/;

/** The continuation of a client's handshake. */
interface Continuation {
  readonly template: LeafTemplate;
  readonly alpn: string | undefined;
  /** The reason why the leaf has a defect, where it has one: said in the journal if the client refuses it. */
  readonly problem: WaylayError | undefined;
  /** The rule that asked for the defect. */
  readonly rule?: Participant | undefined;
}

/**
 * Takes TLS off a connection: the client's handshake waits for the upstream's.
 *
 *     client                      Waylay                      upstream
 *       | --- ClientHello, SNI --> |                             |
 *       |        (waiting)         | --- ClientHello, SNI -----> |
 *       |                          | <-- certificate, ALPN ----- |
 *       | <-- minted leaf, ALPN -- |                             |
 *
 * The upstream's certificate says which names the leaf carries, and its choice of protocol is passed
 * on. Where a stub may speak for the host, there is no upstream to ask and the client's words are used;
 * so they are where the test wants the handshake to fail, with an alert in place of the leaf or with a
 * leaf that has a defect.
 */
export async function interceptTls(context: ProxyContext, layer: Layer): Promise<void> {
  const { destination, link, socket } = layer;
  const peeked = await peek(socket, readClientHello);
  if (peeked.kind !== 'read' || peeked.result.kind === 'failed') {
    if (peeked.kind === 'read') context.log('tls', 'no ClientHello: %s', peeked.result);
    endWithAlert(socket, ALERTS.decode_error);
    return;
  }
  const hello = peeked.result.value;

  if (destination === undefined || link === undefined) {
    // TLS to the proxy itself, around the requests to it: what does not say where to go is told so inside.
    context.log('tls', 'TLS to the proxy itself, for %s', hello.serverName ?? 'no name');
    const { host } = context.listening;
    const template = leafTemplate({
      serverName: hello.serverName,
      host,
      upstream: undefined,
      now: context.clock.now(),
    });
    const alpn = hello.alpnProtocols.includes('http/1.1') ? 'http/1.1' : undefined;
    await accept(context, layer, hello, { template, alpn, problem: undefined });
    return;
  }
  const { serverName } = hello;
  if (context.passesThrough(destination, serverName)) {
    await tunnel(context, layer, true);
    return;
  }
  const { host, port } = destination;
  const fault = handshakeFault(context.interceptor, { host, port, serverName });
  if (fault !== undefined && 'alert' in fault) {
    link.close();
    refuse(context, layer, destination, fault.error, fault.alert, fault.rule);
    return;
  }
  const continuation =
    fault === undefined
      ? await ask(context, layer, destination, link, hello)
      : {
          template: defectiveTemplate({ serverName, host, now: context.clock.now() }, fault.leaf),
          alpn: settleAlpn(context, layer, link, hello),
          problem: fault.error,
          rule: fault.rule,
        };
  if (continuation !== undefined) await accept(context, layer, hello, continuation);
}

/** Asks the upstream how to continue; undefined where it failed and the client has been told so. */
async function ask(
  context: ProxyContext,
  layer: Layer,
  destination: Destination,
  link: Link,
  hello: ClientHello,
): Promise<Continuation | undefined> {
  const { options, interceptor, clock } = context;
  const { serverName } = hello;
  const { host, port } = destination;
  const unasked = (): Continuation => ({
    template: leafTemplate({ serverName, host, upstream: undefined, now: clock.now() }),
    alpn: settleAlpn(context, layer, link, hello),
    problem: undefined,
  });
  if (link.failed || interceptor.mayAnswer({ host: serverName ?? host, port })) return unasked();
  try {
    const { secureContext } = context.clientAt(layer.client.port) ?? {};
    const transport = await link.secure({ serverName, alpn: offered(context, hello), secureContext });
    const { certificate } = transport;
    const unnamed = isUnnamed(destination, serverName) && certificate?.defect === 'wrong-host';
    if (unnamed) link.acceptDefect();
    const forgiven =
      (options.ignoreHTTPSErrors || unnamed) && certificate ? { ...certificate, defect: undefined } : certificate;
    const problem = forgiven?.defect === undefined ? undefined : certificateError(destination, certificate);
    if (problem !== undefined) {
      if (options.upstreamErrors === 'respond') throw problem;
      if (context.clientAt(layer.client.port)?.verifies === false) {
        refuse(context, layer, destination, problem, ALERT_OF_DEFECT[certificate?.defect ?? 'untrusted']);
        return undefined;
      }
      // A client that goes on has been shown it.
      link.acceptDefect();
    }
    const template = leafTemplate({ serverName, host: unnamed ? '' : host, upstream: forgiven, now: clock.now() });
    return { template, alpn: transport.info.tls?.alpn, problem };
  } catch (cause) {
    if (!(cause instanceof WaylayError)) throw cause;
    if (layer.raw.destroyed) return undefined;
    if (options.upstreamErrors === 'respond') {
      link.failWith(cause);
      return unasked();
    }
    if (UNREACHABLE.has(cause.code) && REDIRECTED.has(destination.source)) {
      recordFailure(context, layer, destination, cause);
      resetConnection(layer);
      return undefined;
    }
    // The upstream's alert to us is the one that it would have sent to the client.
    refuse(context, layer, destination, cause, alertOf(cause.cause) ?? ALERTS.handshake_failure);
    return undefined;
  }
}

// A client that was not told of a proxy wanted a connection, and there is none: that is no matter of TLS.
const UNREACHABLE = new Set<ErrorCode>([
  'WAYLAY_UPSTREAM_DNS',
  'WAYLAY_UPSTREAM_REFUSED',
  'WAYLAY_UPSTREAM_TIMEOUT',
  'WAYLAY_UPSTREAM_LOOP',
  'WAYLAY_UPSTREAM_PROXY',
]);
const REDIRECTED = new Set<DestinationSource>(['kernel', 'sni']);

/**
 * The system knows addresses, as SOCKS does where its client resolved the name, and a client that sends no SNI says no
 * name: whether the certificate has the right one, only it can judge. It gets exactly those that are there.
 */
function isUnnamed({ source, host }: Destination, serverName: string | undefined): boolean {
  return serverName === undefined && (source === 'kernel' || (source === 'socks' && isIP(host) !== 0));
}

/** The protocols that the client offers and that can be passed on to an upstream. */
function offered({ options }: ProxyContext, { alpnProtocols }: ClientHello): string[] {
  return alpnProtocols.filter((protocol) => PRINTABLE.test(protocol) && (protocol !== 'h2' || options.http2));
}

/** Settles the protocol before there is an upstream to ask: the client's own first choice. */
function settleAlpn(context: ProxyContext, { client }: Layer, link: Link, hello: ClientHello): string | undefined {
  const alpn = offered(context, hello);
  // An upstream that speaks no HTTP/2 can still be asked later.
  const spoken = alpn.includes('h2') && !alpn.includes('http/1.1') ? [...alpn, 'http/1.1'] : alpn;
  const { secureContext } = context.clientAt(client.port) ?? {};
  link.use({ secure: true, serverName: hello.serverName, alpn: spoken, secureContext });
  return ['h2', 'http/1.1'].find((protocol) => alpn.includes(protocol));
}

function refuse(
  context: ProxyContext,
  layer: Layer,
  destination: Destination,
  error: WaylayError,
  alert: number,
  rule?: Participant,
): void {
  recordFailure(context, layer, destination, error, rule);
  endWithAlert(layer.socket, alert);
}

function endWithAlert(socket: Socket, alert: number): void {
  socket.end(plaintextAlert(alert));
  // The client's bytes are still unread, and its end would wait behind them for ever.
  socket.resume();
}

async function accept(
  context: ProxyContext,
  layer: Layer,
  hello: ClientHello,
  { template, alpn, problem, rule }: Continuation,
): Promise<void> {
  const leaf = layer.authority.leaf(template);
  try {
    const socket = await acceptTls(layer.socket, leaf.context, alpn);
    if (problem !== undefined) {
      // Some clients, Node among them, judge the certificate when the handshake is over.
      socket.once('close', () => {
        if (socket.bytesRead === 0) recordRefusal(context, layer, problem, rule);
      });
    }
    const tls = tlsInfo(socket, hello.serverName);
    context.enter({ ...layer, socket, secure: true, client: { ...layer.client, tls } }, protocolOf(alpn));
  } catch (cause) {
    recordHandshake(context, layer, { problem, rule }, cause as Error);
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
  { problem, rule }: Pick<Continuation, 'problem' | 'rule'>,
  cause: Error,
): void {
  if (layer.destination === undefined) return;
  const name = formatAuthority(layer.destination);
  if (problem !== undefined) {
    recordRefusal(context, layer, problem, rule);
  } else if (alertOf(cause) !== undefined) {
    const message = `The client ended the TLS handshake for ${name}: ${cause.message.trim()}. If it does not trust the proxy, give it waylay.ca.pem.`;
    recordRefusal(context, layer, new ClientError('WAYLAY_CLIENT_TLS', message, { authority: name, cause }));
  } else {
    // Browsers open connections ahead of need and drop them again; that is no failure.
    context.log('tls', 'handshake for %s not finished: %s', name, cause.message);
  }
}

function recordRefusal(context: ProxyContext, layer: Layer, error: WaylayError, rule?: Participant): void {
  const { destination } = layer;
  if (destination === undefined || context.stopping) return;
  recordFailure(context, layer, destination, error, rule);
}
