import type { WaylayError } from '../errors.js';
import type { CapturedBody } from '../http/captured-body.js';
import type { ResponseHead } from '../http/response-head.js';
import { type ClientInfo, Exchange, type ExchangeSource } from '../journal/exchange.js';
import type { Participant } from '../journal/intervention.js';
import { Request, Response } from '../journal/message.js';
import { type Destination, formatHost } from '../net/authority.js';
import type { ExchangeContext, StageContext } from './context.js';
import type { Incoming } from './incoming.js';

/** A client's connection, as far as it has been unwrapped. */
interface Connection {
  readonly client: ClientInfo;
  /** TLS has been taken off. */
  readonly secure: boolean;
}

/** Puts a request that has arrived into the journal. */
export function recordRequest({ journal, clock, options, clientAt }: ExchangeContext, incoming: Incoming): Exchange {
  const { method, url, headers, httpVersion, client, destination, upgrade } = incoming;
  const exchange = new Exchange({
    id: journal.nextId(),
    request: new Request(method, url, headers, httpVersion, options.captureLimit),
    client,
    destination,
    websocket: upgrade?.toLowerCase() === 'websocket',
    start: clock.now(),
  });
  exchange.request.secrets = journal.secrets;
  identify(clientAt, exchange);
  journal.add(exchange);
  return exchange;
}

function identify(clientAt: ExchangeContext['clientAt'], exchange: Exchange): void {
  const name = clientAt(exchange.client.port)?.name;
  if (name !== undefined) exchange.identify({ client: name });
}

/**
 * The response to a request, as its head begins it. It has the version of HTTP that the request came with.
 * @param body where its body is kept; default: in a place of its own
 */
export function recordedResponse(
  { options }: StageContext,
  request: Request,
  head: ResponseHead,
  body?: CapturedBody,
): Response {
  const { status, statusText, headers } = head;
  return new Response(request, status, statusText, headers, request.httpVersion, body ?? options.captureLimit);
}

/**
 * Keeps a response that is going to be changed as it was.
 * @param untouched the client gets the same body
 */
export function recordOriginal(
  context: StageContext,
  exchange: Exchange,
  head: ResponseHead,
  untouched: boolean,
): Response {
  const original = recordedResponse(context, exchange.request, head);
  const intervention = exchange.intervene();
  intervention.original = original;
  if (untouched) intervention.untouchedBody = original.captured;
  exchange.mutated = true;
  return original;
}

/**
 * Puts what is no HTTP exchange into the journal: a tunnel whose bytes are relayed unread, or a
 * connection that failed before there was a request. Its method is CONNECT.
 */
export function recordConnection(
  { journal, clock, clientAt }: ExchangeContext,
  { client, secure }: Connection,
  destination: Destination,
  source: ExchangeSource & ('tunnel' | 'failed'),
): Exchange {
  const scheme = secure || destination.port === 443 ? 'https' : 'http';
  const exchange = new Exchange({
    id: journal.nextId(),
    request: new Request('CONNECT', `${scheme}://${formatHost(scheme, destination)}/`, [], '1.1', 0),
    client,
    destination,
    websocket: false,
    start: clock.now(),
  });
  exchange.source = source;
  exchange.request.captured.complete = true;
  identify(clientAt, exchange);
  journal.add(exchange);
  return exchange;
}

/**
 * Records a connection that failed.
 * @param rule by which it did
 */
export function recordFailure(
  context: ExchangeContext,
  connection: Connection,
  destination: Destination,
  error: WaylayError,
  rule?: Participant,
): void {
  context.log('http', '%s: %s', error.code, error.message);
  const exchange = recordConnection(context, connection, destination, 'failed');
  exchange.error = error;
  if (rule !== undefined) exchange.intervene().add(rule);
  context.journal.end(exchange, context.clock.now());
}
