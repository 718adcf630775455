import { AsyncLocalStorage } from 'node:async_hooks';
import { TestError } from '../errors.js';
import type { Authority } from '../net/authority.js';
import type { Route } from './route.js';

/** Takes what is to be told of a request that went past: whose it was, and what there is to say. */
export type ReportStray = (route: Route, error: TestError) => void;

const running = new AsyncLocalStorage<Route>();
const open = new Set<Route>();
const lingering = new Set<Route>();

let defaultRoute: Route | undefined;
let beforeRead = (): void => {};
let afterChange = (): void => {};

/** The routes that are open now. */
export function openRoutes(): ReadonlySet<Route> {
  beforeRead();
  return open;
}

/**
 * Registers an action that comes before anybody looks which routes are open, where others open and close those of this
 * thread.
 */
export function beforeRoutesRead(action: () => void): void {
  beforeRead = action;
}

/** Registers an action for when a route was opened or closed. */
export function onRoutesChanged(action: () => void): void {
  afterChange = action;
}

/** Opens a route: it is that of all connections, as long as there is no other. */
export function openRoute(route: Route): void {
  open.add(route);
  afterChange();
}

/** No connection takes it from now on. */
export function closeRoute(route: Route): void {
  open.delete(route);
  afterChange();
}

/** The routes of tests that are over, on which something is still under way. */
export function lingeringRoutes(): ReadonlySet<Route> {
  return lingering;
}

/** A route that was closed has connections left. */
export function letLinger(route: Route): void {
  lingering.add(route);
}

/** It has none any more. */
export function stopLingering(route: Route): void {
  lingering.delete(route);
  afterChange();
}

/** True if an address is that of a proxy: of a test that runs, or of one that is over and has something under way. */
export function isProxyAddress({ host, port }: Authority): boolean {
  for (const { proxy } of [...openRoutes(), ...lingering]) {
    if (port === proxy.port && (host === proxy.host || host === 'localhost')) return true;
  }
  return false;
}

/** Runs a function whose connections, and those of all that it starts, take a route, also while others are open. */
export function runOn<T>(route: Route, body: () => T): T {
  return running.run(route, body);
}

/** {@link runOn} for what follows the call. */
export function enterRoute(route: Route): void {
  running.enterWith(route);
}

/** Has all that this thread does take a route where nothing else is known, for as long as it is open, also while others are. */
export function setDefaultRoute(route: Route): void {
  defaultRoute = route;
}

/** The route of the function that is running, where it was started by {@link runOn} and the route is still open. */
export function ownRoute(): Route | undefined {
  beforeRead();
  const own = running.getStore() ?? defaultRoute;
  return own !== undefined && open.has(own) ? own : undefined;
}

/**
 * The route of a connection that is made now; undefined where none is open.
 * @throws {TestError} `WAYLAY_WHOSE_REQUEST` where there are or may be several, and nothing tells whose it is
 */
export function currentRoute(): Route | undefined {
  const own = ownRoute();
  if (own !== undefined) return own;
  const [only] = open;
  if (open.size > 1 || only?.concurrent) {
    throw new TestError(
      'WAYLAY_WHOSE_REQUEST',
      `${open.size > 1 ? `${open.size} tests are running at once` : 'Tests run at once here, one of them now'}, and nothing tells which of them this connection is for: it was not made by the function of a test, nor by anything that such a function started. Make it in the test, or run these tests one after the other.`,
    );
  }
  return only;
}

/** The same, and undefined also where nothing tells whose it is: that is told when it connects. */
export function routeIfKnown(): Route | undefined {
  try {
    return currentRoute();
  } catch {
    return undefined;
  }
}
