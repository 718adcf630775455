import type { Request } from './message.js';

/** Playwright's words for what a browser asks for, `preflight` and `ping` included. */
export type ResourceType =
  | 'document'
  | 'stylesheet'
  | 'image'
  | 'media'
  | 'font'
  | 'script'
  | 'texttrack'
  | 'xhr'
  | 'fetch'
  | 'eventsource'
  | 'websocket'
  | 'manifest'
  | 'ping'
  | 'preflight'
  | 'prefetch'
  | 'other';

/** The sender of a request and its purpose, as far as they can be known; what cannot is absent. */
export interface Initiator {
  /**
   * `page`, `iframe`, `worker`, `service worker`, `browser` for what the browser asks for itself (updates, suggestions
   * for forms), or one of the test's own: `request`, `page.request`, `route.fetch`.
   */
  readonly client?: string;
  /** The client's use for it. */
  readonly resourceType?: ResourceType;
  /** The URL of the page that asked, at that time. */
  readonly pageURL?: string;
  /** The URL of the frame that asked, where it is not the page itself. */
  readonly frameURL?: string;
  /** The test step during which it was sent: titles from the outermost to the innermost, joined by ` › `. */
  readonly step?: string;
}

// Fetch Metadata, section 2.1: the destinations of the Fetch standard, section 2.2.5.
const BY_DESTINATION: Readonly<Record<string, ResourceType>> = {
  document: 'document',
  iframe: 'document',
  frame: 'document',
  fencedframe: 'document',
  script: 'script',
  worker: 'script',
  sharedworker: 'script',
  serviceworker: 'script',
  audioworklet: 'script',
  paintworklet: 'script',
  style: 'stylesheet',
  image: 'image',
  font: 'font',
  audio: 'media',
  video: 'media',
  track: 'texttrack',
  manifest: 'manifest',
  report: 'ping',
};

const CLIENTS: Readonly<Record<string, string>> = {
  document: 'page',
  iframe: 'iframe',
  frame: 'iframe',
  serviceworker: 'service worker',
};

/**
 * The initiator of a request by the fields that a browser sends (W3C Fetch Metadata, RFC 6455, HTML's server-sent
 * events). Empty where it says nothing.
 */
export function initiatorOf(request: Request, websocket: boolean): Initiator {
  const { headers } = request;
  if (websocket) return { resourceType: 'websocket' };
  const destination = headers['sec-fetch-dest'];
  if (headers['sec-purpose']?.startsWith('prefetch')) return { resourceType: 'prefetch' };
  if (destination === undefined) return isOwnOfBrowser(request) ? { client: 'browser', resourceType: 'other' } : {};
  // Nobody's request that is no navigation (Fetch Metadata, section 2.3): a page's has a site.
  if (destination === 'empty' && headers['sec-fetch-site'] === 'none')
    return { client: 'browser', resourceType: 'other' };
  const client = CLIENTS[destination];
  return { ...(client && { client }), resourceType: resourceType(request, destination) };
}

// Requests of browsers over plain HTTP, where there is no Fetch Metadata to tell them by: the time, updates and what belongs
// to them; Firefox asks whether there is a network.
const OWN_OVER_HTTP =
  /^http:\/\/(?:clients2\.google\.com\/time\/|update\.googleapis\.com\/service\/update2|[\w.-]+\.gvt1\.com\/edgedl\/|detectportal\.firefox\.com\/)/;

function isOwnOfBrowser({ url, headers }: Request): boolean {
  return OWN_OVER_HTTP.test(url) && headers['user-agent']?.startsWith('Mozilla/') === true;
}

function resourceType({ method, headers }: Request, destination: string): ResourceType {
  const known = BY_DESTINATION[destination];
  if (known !== undefined) return known;
  // A script's request has no destination.
  if (method === 'OPTIONS' && headers['access-control-request-method'] !== undefined) return 'preflight';
  if (headers.accept === 'text/event-stream') return 'eventsource';
  return destination === 'empty' ? 'fetch' : 'other';
}
