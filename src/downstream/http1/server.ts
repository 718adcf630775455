import { createServer, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ClientError } from '../../errors.js';
import { errorAnswer } from '../../exchange/error-answer.js';
import type { Incoming } from '../../exchange/incoming.js';
import { formatFields, withoutHeaders } from '../../http/headers.js';
import { interned } from '../../http/interned.js';
import { MAX_HEAD_SIZE } from '../../http/limits.js';
import type { Authority } from '../../net/authority.js';
import { isOwnAddress } from '../../net/own-address.js';
import { connect } from '../connect.js';
import type { ProxyContext } from '../context.js';
import type { Layer } from '../layer.js';
import { ClientConnection } from './client-connection.js';
import { type Arrival, Http1Incoming } from './http1-incoming.js';
import { ReceivedRequest } from './received-request.js';
import { requestTarget } from './request-target.js';
import { formatHead, Http1Sink } from './sink.js';
import { UpgradeSink } from './upgrade-sink.js';

/** Reads HTTP/1 from layers (RFC 9112): one node:http server, which listens nowhere, for all of them. */
export class Http1Server {
  readonly #context: ProxyContext;
  readonly #server: Server<typeof ReceivedRequest>;
  readonly #connections = new WeakMap<object, ClientConnection>();
  /** Permits a destination that only the `Host` of a request names. */
  readonly #mayGoTo: (authority: Authority) => boolean;

  constructor(context: ProxyContext) {
    this.#context = context;
    const { options, listening } = context;
    const mayGoTo = (to: Authority): boolean => options.transparent === 'name' && !isOwnAddress(listening, to);
    this.#mayGoTo = mayGoTo;
    // No time limits: how long a client takes is its own affair, and a test's.
    this.#server = createServer({
      IncomingMessage: ReceivedRequest,
      maxHeaderSize: MAX_HEAD_SIZE,
      requireHostHeader: false,
      keepAliveTimeout: 0,
      requestTimeout: 0,
      headersTimeout: 0,
      // Asked by Node from 24.9 on, which hands a request to upgrade over without its body otherwise.
      shouldUpgradeCallback: (request: ReceivedRequest) => !offersH2c(request),
    } as ServerOptions<typeof ReceivedRequest>);
    const serve = (request: ReceivedRequest, response: ServerResponse) => this.#onRequest(request, response);
    this.#server.on('request', serve);
    this.#server.on('checkContinue', serve);
    this.#server.on('checkExpectation', serve);
    this.#server.on('upgrade', (request, socket, firstBytes) => this.#onUpgrade(request, socket as Socket, firstBytes));
    this.#server.on('connect', (request, socket, firstBytes) => this.#onConnect(request, socket as Socket, firstBytes));
    this.#server.on('clientError', onClientError);
  }

  serve(layer: Layer): void {
    this.#connections.set(layer.socket, new ClientConnection(this.#context, layer));
    this.#server.emit('connection', layer.socket);
  }

  #onRequest(request: ReceivedRequest, response: ServerResponse): void {
    const connection = this.#connectionOf(request);
    const sink = new Http1Sink(response, connection.layer.raw, this.#context.retirement);
    const incoming = this.#incoming(connection, request, { sink });
    if (incoming instanceof ClientError) {
      refuse(response, incoming);
      return;
    }
    sink.toProxy = incoming.destination.source === 'absolute-form';
    if (sink.toProxy) {
      const { fail, replacedProxy } = this.#context.clientAt(connection.layer.client.port) ?? {};
      if (replacedProxy !== undefined) sink.tell = fail;
    }
    connection.relay(incoming);
  }

  #onUpgrade(request: ReceivedRequest, socket: Socket, firstBytes: Buffer): void {
    const connection = this.#connectionOf(request);
    if (offersH2c(request)) {
      // Declined by reading the request again without the offer.
      socket.unshift(Buffer.concat([Buffer.from(withoutUpgrade(request), 'latin1'), firstBytes]));
      this.#server.emit('connection', socket);
      return;
    }
    const incoming = this.#incoming(connection, request, {
      sink: new UpgradeSink(socket, connection.layer.raw),
      upgrade: { protocol: request.named.upgrade ?? '', socket, firstBytes },
    });
    if (incoming instanceof ClientError) socket.end(refusalText(incoming));
    else connection.relay(incoming);
  }

  #onConnect(request: ReceivedRequest, socket: Socket, firstBytes: Buffer): void {
    const { layer } = this.#connectionOf(request);
    // The 'close' follows, whatever the client does while the upstream is dialled.
    socket.on('error', () => {});
    connect(this.#context, layer, request.url ?? '', firstBytes).catch((cause) => {
      this.#context.log('http', 'CONNECT failed: %s', cause);
      layer.raw.destroy();
    });
  }

  #connectionOf(request: ReceivedRequest): ClientConnection {
    return this.#connections.get(request.socket) as ClientConnection;
  }

  #incoming(connection: ClientConnection, request: ReceivedRequest, arrival: Arrival): Incoming | ClientError {
    const fields = offersH2c(request) ? interned(withoutHeaders(request.fields, OF_H2C)) : request.fields;
    const target = requestTarget(request.url ?? '', request.named.host, connection.layer, this.#mayGoTo);
    return target instanceof ClientError ? target : new Http1Incoming(connection, request, fields, target, arrival);
  }
}

// An offer to speak HTTP/2, made to the next hop and not to the origin (RFC 9110, section 7.8).
function offersH2c({ named: { upgrade } }: ReceivedRequest): boolean {
  return upgrade !== undefined && /^h2c$/i.test(upgrade);
}

const OF_H2C = new Set(['upgrade', 'http2-settings', 'connection']);

function withoutUpgrade({ method, url, httpVersion, fields }: ReceivedRequest): string {
  return `${method} ${url} HTTP/${httpVersion}\r\n${formatFields(withoutHeaders(fields, OF_H2C))}\r\n`;
}

function refuse(response: ServerResponse, error: ClientError): void {
  const answer = errorAnswer(error, 'respond');
  if (answer === undefined) return;
  response.writeHead(answer.status, answer.statusText, [...answer.headers, 'Connection', 'close']);
  response.end(answer.body);
}

function refusalText(error: ClientError): string {
  const answer = errorAnswer(error, 'respond');
  if (answer === undefined) return '';
  return formatHead(answer.status, answer.statusText, [...answer.headers, 'Connection', 'close']) + answer.body;
}

function onClientError(error: NodeJS.ErrnoException, socket: Socket | import('node:stream').Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, text] =
    error.code === 'HPE_HEADER_OVERFLOW' ? [431, 'Request Header Fields Too Large'] : [400, 'Bad Request'];
  const reason = `WAYLAY_CLIENT_PROTOCOL: The request is not HTTP/1.1: ${error.message}\n`;
  socket.end(
    formatHead(status, text, ['Content-Type', 'text/plain; charset=utf-8', 'Connection', 'close']) + reason,
    () => socket.destroy(),
  );
}
