/** Makes exchanges in any state, without a proxy. */
import type { WaylayError } from '../../src/errors.js';
import type { RawHeaders } from '../../src/http/headers.js';
import { Exchange, type ExchangeSource, type Timing, type UpstreamInfo } from '../../src/journal/exchange.js';
import { type HttpVersion, Request, Response } from '../../src/journal/message.js';

/** 2026-01-02T03:04:05.006Z */
export const START = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

export interface BodyInit {
  body?: string | Buffer;
  /** Default true. */
  complete?: boolean;
  trailers?: RawHeaders;
}

export interface ExchangeInit {
  id?: number;
  method?: string;
  url?: string;
  headers?: RawHeaders;
  httpVersion?: HttpVersion;
  request?: BodyInit;
  response?: (BodyInit & { status?: number; statusText?: string; headers?: RawHeaders }) | undefined;
  captureLimit?: number;
  source?: ExchangeSource;
  mutated?: boolean;
  websocket?: boolean;
  error?: WaylayError | undefined;
  upstream?: UpstreamInfo | undefined;
  /** Milliseconds after {@link START}; `end` ends the exchange. */
  timing?: Partial<Timing>;
}

/** By default a GET over HTTP/1.1 that has just come. */
export function makeExchange(init: ExchangeInit = {}): Exchange {
  const { httpVersion = '1.1', captureLimit = 1000, timing = {} } = init;
  const url = init.url ?? 'https://shop.test/';
  const request = new Request(init.method ?? 'GET', url, init.headers ?? [], httpVersion, captureLimit);
  fill(request, init.request);
  const exchange = new Exchange({
    id: init.id ?? 1,
    request,
    client: { address: '127.0.0.1', port: 50_001, tls: undefined },
    destination: { host: 'shop.test', port: 443, source: 'connect' },
    websocket: init.websocket ?? false,
    start: START + (timing.start ?? 0),
  });
  if (init.response !== undefined) {
    const { status = 200, statusText = '', headers = [] } = init.response;
    exchange.response = new Response(request, status, statusText, headers, httpVersion, captureLimit);
    fill(exchange.response, init.response);
  }
  exchange.source = init.source ?? 'upstream';
  exchange.mutated = init.mutated ?? false;
  exchange.error = init.error;
  exchange.upstream = init.upstream;
  const { start: _start, end, ...marks } = timing;
  for (const [name, after] of Object.entries(marks)) {
    if (after !== undefined) Object.assign(exchange.timing, { [name]: START + after });
  }
  if (end !== undefined) exchange.end(START + end);
  return exchange;
}

function fill(message: Request | Response, { body = '', complete = true, trailers = [] }: BodyInit = {}): void {
  message.captured.append(Buffer.from(body));
  message.captured.complete = complete;
  message.trailers = trailers;
}
