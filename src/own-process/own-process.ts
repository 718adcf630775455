import type { TestError } from '../errors.js';
import { separateAgents } from './agents.js';
import { separateDispatchers } from './dispatchers.js';
import { watchHttp2Sessions } from './http2-sessions.js';
import { resolveNames } from './names.js';
import type { Route } from './route.js';
import { closeRoute, openRoute, openRoutes } from './routes.js';
import { redirectSockets } from './sockets.js';
import { watchStrays } from './strays.js';
import { trustAuthority } from './trust.js';
import { hearWorkers, leadWorkers } from './workers/host.js';

let uninstall: (() => void) | undefined;
const strays = new WeakMap<Route, TestError[]>();

/**
 * Leads the connections of this process to a proxy, whatever client makes them: the process under test is a client that
 * knows of no proxy. What is changed of Node for that (how sockets connect, whom TLS trusts, what agents keep alive) is
 * as it was when the last way is closed.
 *
 * @returns what ends it: stops the proxy by the function it is given, and resolves when all connections are closed
 */
export function leadProcess(route: Route): (stop: () => Promise<void>) => Promise<void> {
  uninstall ??= install();
  strays.set(route, []);
  openRoute(route);
  return async (stop) => {
    route.end();
    try {
      await stop();
    } finally {
      // Connections are given back to their agents before these are as they were.
      await route.close();
      closeRoute(route);
    }
    if (openRoutes().size > 0) return;
    uninstall?.();
    uninstall = undefined;
  };
}

/** Requests of a test that went past its proxy. */
export function strayRequests(route: Route): readonly TestError[] {
  hearWorkers();
  return strays.get(route) ?? [];
}

/**
 * Has the worker threads that are started from now on led while there is a way, also those that are started before. Returns
 * what undoes it.
 */
export function leadFutureWorkers(): () => void {
  return leadWorkers(tell);
}

function tell(route: Route, error: TestError): void {
  strays.get(route)?.push(error);
}

function install(): () => void {
  const undo = [
    trustAuthority(),
    redirectSockets(),
    resolveNames(),
    separateAgents(),
    separateDispatchers(),
    watchStrays(tell),
    watchHttp2Sessions(tell),
    leadWorkers(tell),
  ];
  return () => {
    for (const restore of undo.reverse()) restore();
  };
}
