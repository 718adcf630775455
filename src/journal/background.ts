/** Requests that a browser sends by itself, whatever its pages do. */
import type { Exchange } from './exchange.js';

/**
 * The browser has sent it for no page, such as its updates and its suggestions for forms, or for the icon of a page
 * (HTML, section 4.6.7.8): no test has meant it.
 */
export function isUnasked({ request, initiator }: Exchange): boolean {
  if (initiator.client === 'browser') return true;
  if (request.method !== 'GET' || !request.url.endsWith('/favicon.ico')) return false;
  const destination = request.header('sec-fetch-dest');
  // Fetch Metadata (section 2) is not sent to what is not trustworthy, which plain HTTP is not.
  if (destination === undefined) return request.header('accept')?.startsWith('image/') === true;
  return destination === 'image';
}

/** It is unasked, and no rule took part in it and no expectation is met by it: who looks for something else may skip it. */
export function isBackground(exchange: Exchange): boolean {
  return exchange.intervention === undefined && isUnasked(exchange);
}
