import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { TestError } from '../errors.js';
import { ORIGIN } from '../upstream/origin.js';
import type { Route } from './route.js';
import { isProxyAddress, type ReportStray, routeIfKnown } from './routes.js';

/** A request of undici, as its channels show it. */
interface UndiciRequest {
  readonly origin?: unknown;
  readonly method?: unknown;
  readonly path?: unknown;
}

const CREATED = 'undici:request:create';
const SENDING = 'undici:client:sendHeaders';

/**
 * Watches for requests that an undici agent of the application's own sends over a connection that it keeps from before
 * the test, or from another one: no test sees these. Returns what undoes it.
 *
 * @param report gets the route of the test, where it is known, and what there is to say
 */
export function watchStrays(report: ReportStray): () => void {
  const routes = new WeakMap<object, Route>();
  const onCreated = (message: unknown): void => {
    const { request } = message as { request: UndiciRequest };
    if (request.origin === ORIGIN) return; // the proxy's own
    const route = routeIfKnown();
    if (route !== undefined) routes.set(request, route);
  };
  const onSending = (message: unknown): void => {
    const { request, socket } = message as { request: UndiciRequest; socket: Socket };
    const route = routes.get(request);
    if (route === undefined || route.closed || route.has(socket) || goesToProxy(socket)) return;
    report(route, strayError(request));
  };
  subscribe(CREATED, onCreated);
  subscribe(SENDING, onSending);
  return () => {
    unsubscribe(CREATED, onCreated);
    unsubscribe(SENDING, onSending);
  };
}

function goesToProxy({ remoteAddress = '', remotePort = 0 }: Socket): boolean {
  return isProxyAddress({ host: remoteAddress, port: remotePort });
}

function strayError({ origin, method, path }: UndiciRequest): TestError {
  return new TestError(
    'WAYLAY_STRAY_REQUEST',
    `${method} ${origin}${path} went over a connection that was open before this test or belongs to another: an undici dispatcher had kept it alive. Make the dispatcher inside the test, or close it at the end of whatever used it.`,
  );
}
