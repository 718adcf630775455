import { randomUUID } from 'node:crypto';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { text } from 'node:stream/consumers';
import { products, type Stock } from './stock.js';

/** Answers https://api.shop.test: `GET /products`, `GET /cart`, `POST /cart/items`. */
export type Api = (request: Http2ServerRequest, response: Http2ServerResponse) => Promise<void>;

export function createApi(stock: Stock): Api {
  // Pieces by product, by cart; the cart's id is in the visitor's cookie.
  const carts = new Map<string, Map<string, number>>();

  return async (request, response) => {
    allowOtherOrigin(request, response);
    if (request.method === 'OPTIONS') return send(response, 204);

    if (`${request.method} ${request.url}` === 'GET /products') return send(response, 200, { products });

    const cartId = readCartId(request) ?? newCart(response);
    const cart = carts.get(cartId) ?? new Map<string, number>();
    carts.set(cartId, cart);

    switch (`${request.method} ${request.url}`) {
      case 'GET /cart':
        return send(response, 200, contents(cart));
      case 'POST /cart/items': {
        const { sku } = JSON.parse(await text(request)) as { sku: string };
        if (!stock.take(sku)) return send(response, 409, { error: 'sold out' });
        cart.set(sku, (cart.get(sku) ?? 0) + 1);
        return send(response, 201, contents(cart));
      }
      default:
        return send(response, 404, { error: 'no such resource' });
    }
  };
}

// The page comes from https://shop.test, so every call of it is cross-origin, and those that send
// JSON are preceded by a preflight (https://fetch.spec.whatwg.org/#http-cors-protocol).
function allowOtherOrigin(request: Http2ServerRequest, response: Http2ServerResponse): void {
  if (request.headers.origin !== 'https://shop.test') return;
  response.setHeader('access-control-allow-origin', 'https://shop.test');
  response.setHeader('access-control-allow-credentials', 'true');
  response.setHeader('access-control-allow-methods', 'GET, POST');
  response.setHeader('access-control-allow-headers', 'content-type');
  response.setHeader('vary', 'origin');
}

function readCartId(request: Http2ServerRequest): string | undefined {
  return /(?:^|;\s*)cart=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];
}

function newCart(response: Http2ServerResponse): string {
  const id = randomUUID();
  response.setHeader('set-cookie', `cart=${id}; Domain=shop.test; Path=/; Secure; HttpOnly; SameSite=Lax`);
  return id;
}

function contents(cart: ReadonlyMap<string, number>) {
  const items = products
    .map(({ sku, name, price }) => ({ sku, name, price, quantity: cart.get(sku) ?? 0 }))
    .filter((item) => item.quantity > 0);
  const total = items.reduce((sum, item) => sum + item.price * item.quantity, 0);
  return { currency: 'USD', items, total };
}

function send(response: Http2ServerResponse, status: number, json?: unknown): void {
  response.statusCode = status;
  response.setHeader('cache-control', 'no-store');
  if (json === undefined) {
    response.end();
  } else {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(json));
  }
}
