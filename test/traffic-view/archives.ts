/** Archives to show: a checkout that fails, and as many exchanges as are asked for. */

import type { Har, HarContent, HarEntry, HarField, HarTimings } from '../../src/journal/har/har-format.js';
import type { AnyEntry } from '../../traffic-view/har-entry.js';

/** The part of an entry that matters here; the rest is as usual. */
export interface EntryInit {
  readonly id?: number;
  readonly method?: string;
  readonly url?: string;
  readonly status?: number;
  /** Milliseconds after the first one. */
  readonly at?: number;
  readonly timings?: Partial<HarTimings>;
  readonly headers?: readonly HarField[];
  readonly postData?: HarEntry['request']['postData'];
  readonly content?: Partial<HarContent>;
  readonly request?: Partial<HarEntry['request']>;
  readonly response?: Partial<HarEntry['response']>;
  readonly more?: Partial<AnyEntry>;
}

const ORIGIN = Date.parse('2026-03-04T10:20:30.000Z');

export function archive(entries: readonly HarEntry[]): Har {
  return { log: { version: '1.2', creator: { name: 'Waylay', version: '1.2.3' }, entries } };
}

export function entry(init: EntryInit = {}): HarEntry {
  const { id = 1, method = 'GET', url = 'https://shop.test/', status = 200, at = 0, content = {} } = init;
  const timings: HarTimings = {
    blocked: 0,
    dns: -1,
    connect: -1,
    ssl: -1,
    send: 0.2,
    wait: 20,
    receive: 3,
    ...init.timings,
  };
  const { blocked, connect, send, wait, receive } = timings;
  const size = content.size ?? Buffer.byteLength(content.text ?? '');
  const made: AnyEntry = {
    startedDateTime: new Date(ORIGIN + at).toISOString(),
    time: [blocked, connect, send, wait, receive].reduce((sum, part) => sum + Math.max(0, part), 0),
    request: {
      method,
      url,
      httpVersion: 'HTTP/2.0',
      cookies: [],
      headers: init.headers ?? [{ name: 'accept', value: '*/*' }],
      queryString: [...new URL(url, 'https://x.test').searchParams].map(([name, value]) => ({ name, value })),
      postData: init.postData,
      headersSize: -1,
      bodySize: Buffer.byteLength(init.postData?.text ?? ''),
      ...init.request,
    },
    response: {
      status,
      statusText: '',
      httpVersion: 'HTTP/2.0',
      cookies: [],
      headers: status > 0 ? [{ name: 'content-type', value: content.mimeType ?? 'text/plain' }] : [],
      content: { mimeType: 'text/plain', ...content, size },
      redirectURL: '',
      headersSize: -1,
      bodySize: size,
      _transferSize: status > 0 ? size : -1,
      ...init.response,
    },
    cache: {},
    timings,
    serverIPAddress: '203.0.113.7',
    connection: '54012',
    _id: id,
    _source: 'upstream',
    _mutated: false,
    _serverPort: 443,
    ...init.more,
  };
  return made as HarEntry;
}

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="96" height="96"><rect width="32" height="32" rx="7" fill="#2f55d4"/><path d="M7 13h18l-2 10H9z" fill="#fff"/><path d="M11 13a5 5 0 0 1 10 0" fill="none" stroke="#fff" stroke-width="2"/></svg>';

const tls = {
  protocol: 'TLS 1.3',
  subjectName: 'shop.test',
  issuer: "Let's Encrypt R11",
  validFrom: 1_767_225_600,
  validTo: 1_775_001_600,
  subjectAltName: 'DNS:shop.test, DNS:*.shop.test',
};

function initiator(step: string | undefined, resourceType: string) {
  return { client: 'page', pageURL: 'https://shop.test/checkout', step, resourceType };
}

/** The few exchanges of a checkout whose payment asks for the wrong amount: every source, every kind of body. */
export function checkout(): Har {
  const open = 'Open the checkout';
  const pay = 'Pay › Click the button';
  const json = (value: unknown): Partial<HarContent> => ({ mimeType: 'application/json', text: JSON.stringify(value) });
  const connect = { blocked: 0.4, connect: 31, ssl: 19 };
  return archive([
    entry({
      id: 1,
      url: 'https://shop.test/checkout?basket=9f2&lang=en',
      timings: { ...connect, wait: 62, receive: 9 },
      content: {
        mimeType: 'text/html; charset=utf-8',
        text: '<!doctype html>\n<title>Checkout</title>\n<script src="/app.js"></script>\n<main id="root"></main>\n',
      },
      request: { cookies: [{ name: 'session', value: '[masked]' }] },
      response: {
        cookies: [{ name: 'basket', value: '9f2', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' }],
      },
      more: { _securityDetails: tls, _initiator: initiator(open, 'document') },
    }),
    entry({
      id: 2,
      at: 108,
      url: 'https://shop.test/assets/app.3f9c.js',
      timings: { wait: 18, receive: 44 },
      content: {
        mimeType: 'text/javascript',
        size: 184_220,
        text: "import { mount } from './mount.js';\n\nmount(document.querySelector('#root'));\n",
      },
      more: { _initiator: initiator(open, 'script') },
    }),
    entry({
      id: 3,
      at: 109,
      url: 'https://shop.test/assets/app.css',
      timings: { wait: 16, receive: 6 },
      content: { mimeType: 'text/css', text: ':root { color-scheme: light dark }\n', size: 8421 },
      more: { _initiator: initiator(open, 'stylesheet') },
    }),
    entry({
      id: 4,
      at: 112,
      url: 'https://shop.test/assets/bag.svg',
      timings: { wait: 21, receive: 2 },
      content: { mimeType: 'image/svg+xml', text: ICON },
      more: { _initiator: initiator(open, 'image') },
    }),
    entry({
      id: 5,
      at: 196,
      url: 'https://api.shop.test/v1/cart?currency=EUR',
      timings: { ...connect, wait: 35 },
      content: json({
        id: 'cart_9f2',
        currency: 'EUR',
        total: 12345678901234567890n.toString(),
        items: [{ sku: 'bag-blue', name: 'Tasche „Azur“', quantity: 2, price: 21.5, gift: false, note: null }],
        discounts: [],
        owner: { email: 'ann@shop.test' },
      }),
      more: { ...euros(), _initiator: initiator(open, 'fetch') },
    }),
    entry({
      id: 6,
      at: 204,
      method: 'GET',
      url: 'https://live.shop.test/socket',
      status: 101,
      timings: { ...connect, wait: 12, receive: 640 },
      response: { statusText: 'Switching Protocols' },
      more: { _resourceType: 'websocket', _initiator: initiator(open, 'websocket'), ...socket() },
    }),
    entry({
      id: 7,
      at: 230,
      url: 'https://tracker.test/pixel.gif?event=view',
      status: 0,
      timings: { send: 0, wait: 0.4, receive: 0 },
      response: {
        _error:
          "WAYLAY_REFUSED: GET https://tracker.test/pixel.gif was refused: no stub matches and unmatched is 'refuse'.",
      },
      more: {
        _source: 'refused',
        serverIPAddress: undefined,
        _serverPort: undefined,
        _initiator: initiator(open, 'image'),
      },
    }),
    entry({
      id: 8,
      at: 232,
      url: 'https://fonts.test/inter-var.woff2',
      timings: { ...connect, connect: 84, wait: 24, receive: 30 },
      content: { mimeType: 'font/woff2', size: 48_256, text: 'd09GMgABAAAAAA==', encoding: 'base64' },
      more: { _initiator: initiator(open, 'font') },
    }),
    entry({
      id: 9,
      at: 512,
      method: 'OPTIONS',
      url: 'https://api.pay.test/v1/charges',
      status: 204,
      timings: { wait: 1.2, receive: 0 },
      more: { _source: 'stub', _initiator: initiator(pay, 'preflight') },
    }),
    entry({
      id: 10,
      at: 516,
      method: 'POST',
      url: 'https://api.pay.test/v1/charges',
      status: 402,
      timings: { wait: 2.1, receive: 0.3 },
      headers: [
        { name: 'content-type', value: 'application/json' },
        { name: 'authorization', value: '[masked]' },
        { name: 'idempotency-key', value: '5f0e6c1e-6d0e-4b8e-9d7e-2f6a1c0b7a11' },
        {
          name: 'user-agent',
          value:
            'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
        },
      ],
      postData: {
        mimeType: 'application/json',
        params: [],
        text: '{"amount":4100,"currency":"EUR","source":"tok_visa","meta":{"it\'s":"quoted"}}',
      },
      content: json({ error: { code: 'declined', message: 'The card was declined.', retry: true } }),
      response: { statusText: 'Payment Required' },
      more: { _source: 'stub', _rules: [declined], _initiator: initiator(pay, 'fetch') },
    }),
    entry({
      id: 11,
      at: 540,
      method: 'POST',
      url: 'https://shop.test/subscribe',
      status: 302,
      postData: {
        mimeType: 'application/x-www-form-urlencoded',
        params: [
          { name: 'email', value: 'ann@shop.test' },
          { name: 'news', value: '' },
        ],
        text: 'email=ann%40shop.test&news=',
      },
      response: { redirectURL: '/thanks' },
      more: { _source: 'stub', _mutated: true, _initiator: initiator(pay, 'document') },
    }),
    entry({
      id: 12,
      at: 561,
      url: 'https://recommend.test/v2/for-you',
      status: 0,
      timings: { blocked: 1, connect: 130, ssl: -1, send: 0, wait: 0, receive: 0 },
      response: {
        _error: 'WAYLAY_UPSTREAM_REFUSED: recommend.test:443 (203.0.113.9) refused the connection. Is the server up?',
      },
      more: { _source: 'failed', _initiator: initiator(pay, 'fetch') },
    }),
    entry({
      id: 13,
      at: 570,
      method: 'CONNECT',
      url: 'https://pinned.test:443',
      status: 200,
      timings: { connect: 22, wait: 0, receive: 210 },
      more: { _source: 'tunnel', comment: 'Relayed unread: what it carried is not known.' },
    }),
    entry({
      id: 14,
      at: 700,
      url: 'https://api.shop.test/v1/orders/latest',
      status: 0,
      timings: { wait: 0, receive: 0 },
      more: { comment: 'Pending: no response yet.', _initiator: initiator(pay, 'xhr') },
    }),
  ]);
}

const declined = { kind: 'stub', pattern: 'POST https://api.pay.test/v1/charges', place: 'tests/checkout.spec.ts:8' };

/** A cart in dollars, which the test has in euros. */
function euros(): Partial<AnyEntry> {
  const text = JSON.stringify({ id: 'cart_9f2', currency: 'USD', total: 12345678901234567890n.toString(), items: [] });
  const { request, response } = entry({
    url: 'https://api.shop.test/v1/cart?currency=EUR&debug=1',
    headers: [{ name: 'x-tenant', value: 'b' }],
    status: 203,
    content: { mimeType: 'application/json', text },
  });
  const headers = [...response.headers, { name: 'etag', value: '"v1"' }];
  return {
    _mutated: true,
    _rules: [{ kind: 'mutation', pattern: 'https://api.shop.test/v1/cart**', place: 'tests/checkout.spec.ts:6' }],
    _forwardedRequest: { ...request, _sameBody: true },
    _originalResponse: { ...response, statusText: 'Non-Authoritative Information', headers },
  };
}

/** Chromium's own requests, twice. */
export function background(id: number): HarEntry[] {
  const own = { _background: true as const, _initiator: { client: 'browser', resourceType: 'other' } };
  return [
    entry({ id, at: 4000, url: 'https://content-autofill.googleapis.com/v1/pages/ChVDaHJvbWUv?alt=proto', more: own }),
    entry({ id: id + 1, at: 9000, status: 0, url: 'https://update.googleapis.com/service/update2/json', more: own }),
  ];
}

function socket(): Partial<AnyEntry> {
  const at = (milliseconds: number) => (ORIGIN + milliseconds) / 1000;
  return {
    _webSocketMessages: [
      { type: 'send', time: at(260), opcode: 1, data: '{"subscribe":"stock","sku":"bag-blue"}' },
      { type: 'receive', time: at(284), opcode: 1, data: '{"sku":"bag-blue","left":3}' },
      {
        type: 'receive',
        time: at(610),
        opcode: 2,
        data: Buffer.from([8, 150, 1, 18, 7, 116, 101, 115, 116]).toString('base64'),
      },
    ],
  };
}

/** The failure of `checkout()`. */
export const checkoutProblem = `No request matched POST https://api.pay.test/v1/charges { json: { amount: 4200 } } within 5000 ms.

Expected: at least 1 request
Received: none of 14 requests
Written:  tests/checkout.spec.ts:12:24

Nearest misses (- expected, + received):

  #10 POST https://api.pay.test/v1/charges (402, stub)
    json.amount
      - 4200
      + 4100

  #9 OPTIONS https://api.pay.test/v1/charges (204, stub)
    method
      - POST
      + OPTIONS
    json
      - { amount: 4200 }
      + (no body)`;

/** So many exchanges in steps of a shop's test, each with a body of so many characters. */
export function many(count: number, bodyLength = 400): Har {
  const hosts = ['shop.test', 'api.shop.test', 'cdn.shop.test', 'a-rather-long-name-of-a-host.eu-central.example.test'];
  const kinds = ['application/json', 'text/html', 'image/png', 'text/css', 'text/javascript'];
  const statuses = [200, 200, 200, 200, 204, 304, 404, 200, 500, 200, 301];
  const body = JSON.stringify({ filler: 'x'.repeat(Math.max(0, bodyLength - 13)) });
  return archive(
    Array.from({ length: count }, (_, at) =>
      entry({
        id: at + 1,
        method: at % 7 === 3 ? 'POST' : 'GET',
        url: `https://${hosts[at % hosts.length]}/v1/products/${at}/details?page=${at % 9}&sort=price`,
        status: statuses[at % statuses.length] ?? 200,
        at: at * 11,
        timings: {
          ...(at % 13 === 0 ? { blocked: 1, connect: 40, ssl: 25 } : {}),
          wait: 15 + ((at * 37) % 120),
          receive: (at * 17) % 60,
        },
        headers: Array.from({ length: 12 }, (__, n) => ({
          name: `x-header-${n}`,
          value: 'a value of the usual length',
        })),
        content:
          at % 5 === 2
            ? { mimeType: 'image/png', size: 700, text: 'iVBORw0KGgo=', encoding: 'base64' }
            : { mimeType: kinds[at % kinds.length] ?? '', text: body },
        more: {
          _source: at % 10 === 9 ? 'stub' : 'upstream',
          _mutated: at % 50 === 7,
          _initiator: initiator(`Step ${1 + Math.floor(at / 250)}`, 'fetch'),
        },
      }),
    ),
  );
}
