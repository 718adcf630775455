/** A shop to mutate: a real upstream of either version, or a stub that answers the same. */
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { startWaylay, type WaylayOptions } from '../../../fixtures/standalone.js';
import { httpsOrigin, publicAuthority } from '../../servers.js';

export const CART = 'https://shop.test/api/cart';

/** Who answers: upstreams are dialled when a request needs them, so that either version of the client meets either. */
export const ANSWERERS = ['an h1 upstream', 'an h2 upstream', 'a stub'] as const;
export type Answerer = (typeof ANSWERERS)[number];

export const CODINGS = {
  gzip: gzipSync,
  br: brotliCompressSync,
  deflate: deflateSync,
  identity: (bytes: Buffer) => bytes,
} as const;

/** A request as the upstream got it. */
export interface Seen {
  method: string | undefined;
  url: string | undefined;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  /** It broke off. */
  aborted: boolean;
}

export type Listener = (request: Http2ServerRequest, response: Http2ServerResponse, seen: Seen) => void;

export async function started(options: WaylayOptions = {}) {
  const waylay = await startWaylay({ trustedRoots: publicAuthority.pem, ...options });
  onTestFinished(() => waylay.stop());
  return waylay;
}

/** An upstream that notes what it gets, and answers when the request has come in full. */
export async function upstream(alpn: 'h2' | 'http/1.1', listener: Listener, name = 'shop.test') {
  const seen: Seen[] = [];
  const origin = await httpsOrigin(
    (request, response) => {
      const { method, url, headers } = request;
      const one: Seen = { method, url, headers: { ...headers }, body: '', aborted: false };
      seen.push(one);
      request.on('data', (chunk) => {
        one.body += String(chunk);
      });
      request.on('aborted', () => {
        one.aborted = true;
      });
      request.on('error', () => {});
      request.on('end', () => {
        if (!one.aborted) listener(request, response, one);
      });
    },
    { name, alpn: [alpn] },
  );
  return { origin, seen };
}

export const BODY = '{"n":1}';
export const HEADERS = { 'content-type': 'application/json', 'x-old': 'old', etag: '"v1"' };

/** The cart, at whoever is to answer for it. */
export async function shop(answerer: Answerer, coding: keyof typeof CODINGS = 'identity') {
  const headers = { ...HEADERS, ...(coding !== 'identity' && { 'content-encoding': coding }) };
  const body = CODINGS[coding](Buffer.from(BODY));
  if (answerer === 'a stub') {
    const waylay = await started();
    waylay.stubResponse('https://shop.test/**', { headers, body, trailers: { 'x-sum': 'abc' } });
    return { waylay, seen: [] as Seen[] };
  }
  const { origin, seen } = await upstream(answerer === 'an h2 upstream' ? 'h2' : 'http/1.1', ({ method }, response) => {
    if (method === 'HEAD') {
      response.writeHead(200, { ...headers, 'content-length': body.length });
      response.end();
      return;
    }
    response.writeHead(200, { ...headers, trailer: 'x-sum' });
    response.write(body);
    response.addTrailers({ 'x-sum': 'abc' });
    response.end();
  });
  const waylay = await started({ hosts: { 'shop.test': `127.0.0.1:${origin.port}` } });
  waylay.stubResponse('https://shop.test/stubbed', 200);
  return { waylay, seen };
}
