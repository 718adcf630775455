/** Requests from pages of one origin to another, as browsers announce them (Fetch standard, section 3.3). */
import type { Request, Response } from '../../src/journal/message.js';

/** True if the request asks if another one may be sent (Fetch standard, section "CORS-preflight fetch"). */
export function isPreflight(request: Request): boolean {
  return (
    request.method === 'OPTIONS' &&
    request.header('origin') !== undefined &&
    request.header('access-control-request-method') !== undefined
  );
}

/**
 * The origin of the page whose script wants to read the response, where that is another one than the response's own;
 * undefined for all that needs no permission: same-origin requests, navigations, `no-cors`, WebSockets, programs.
 */
export function readingOrigin(request: Request): string | undefined {
  const origin = request.header('origin');
  if (origin === undefined || origin === request.parsedUrl.origin) return undefined;
  // Programs may say what they like of an origin; nothing keeps them from reading.
  if (request.header('user-agent')?.startsWith('Mozilla/') !== true) return undefined;
  // Browsers say the mode to trustworthy origins only (Fetch Metadata, section 2.2).
  if ((request.header('sec-fetch-mode') ?? 'cors') !== 'cors') return undefined;
  const navigates = request.header('upgrade-insecure-requests') !== undefined;
  return navigates || request.header('upgrade') !== undefined ? undefined : origin;
}

/** True if the response lets pages of the origin read it, as far as `access-control-allow-origin` says that. */
export function permits(response: Response, origin: string): boolean {
  const allowed = response.header('access-control-allow-origin')?.trim();
  return allowed === '*' || allowed === origin;
}
