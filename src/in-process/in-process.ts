import { afterTurns, type Remainder } from '../downstream/retirement.js';
import type { TestError } from '../errors.js';
import { separateAgents } from './agents.js';
import { separateDispatchers } from './dispatchers.js';
import { watchHttp2Sessions } from './http2-sessions.js';
import { resolveNames } from './names.js';
import { testRuns, waitNoMore, waitPatiently } from './patience.js';
import type { Route } from './route.js';
import { closeRoute, forget, letLinger, lingeringRoutes, openRoute, openRoutes } from './routes.js';
import { redirectSockets } from './sockets.js';
import { watchStrays } from './strays.js';
import { trustAuthority } from './trust.js';
import { hearWorkers, leadWorkers, workersTurn } from './workers/host.js';

let uninstall: (() => void) | undefined;
const strays = new WeakMap<Route, TestError[]>();

/**
 * Routes the connections of this process to a proxy, whatever client makes them: the process under test is a client that
 * knows of no proxy. What is changed of Node for that (how sockets connect, whom TLS trusts, what agents keep alive) is
 * as it was when the last route is closed.
 */
export function leadProcess(route: Route): Leave {
  uninstall ??= install();
  strays.set(route, []);
  openRoute(route);
  testRuns(true);
  const end = async (stop: () => Promise<void>): Promise<void> => {
    route.end();
    try {
      await stop();
    } finally {
      // Connections are given back to their agents before these are as they were.
      await route.close();
      forget(route);
      leave(route);
    }
  };
  // Connections that the test has begun may take a turn to say where they want to go, here or in a worker that was told.
  const turns = async (): Promise<void> => {
    await Promise.all([new Promise<void>(afterTurns), workersTurn()]);
  };
  return {
    now: end,
    turns,
    async gently({ retire, stop, tell }) {
      await turns();
      route.end();
      letLinger(route);
      closeRoute(route);
      const remainder = await retire();
      const emptied = await route.retire(remainder.ports);
      if (emptied && remainder.ports.length === 0) {
        await end(stop);
        return;
      }
      waitPatiently(route, tell);
      leave(route);
      void outlive(route, remainder).then(async () => {
        waitNoMore(route);
        await end(stop);
      });
    },
  };
}

/** Ends a process's routing. Both resolve when no connection is left that a later test could take. */
export interface Leave {
  /** Resolves when what the test has begun has said where it wants to go. */
  turns(): Promise<void>;
  /** Ends all connections at once, and stops the proxy by the function. */
  now(stop: () => Promise<void>): Promise<void>;
  /** Ends those that carry nothing; what is under way goes on, and the proxy is stopped after it. */
  gently(proxy: RetiringProxy): Promise<void>;
}

/** A proxy that ends gently. */
export interface RetiringProxy {
  retire(): Promise<Remainder>;
  stop(): Promise<void>;
  /** Says what is under way and has been for too long. */
  tell(): void;
}

/** Resolves when no connection is left. */
async function outlive(route: Route, remainder: Remainder): Promise<void> {
  do {
    await route.empty();
    await remainder.empty();
  } while (!route.isEmpty);
}

function leave(route: Route): void {
  closeRoute(route);
  if (openRoutes().size > 0) return;
  testRuns(false);
  if (lingeringRoutes().size > 0) return;
  uninstall?.();
  uninstall = undefined;
}

/** Requests of a test that went past its proxy. */
export function strayRequests(route: Route): readonly TestError[] {
  hearWorkers();
  return strays.get(route) ?? [];
}

/**
 * Has the worker threads that are started from now on routed while there is a route, also those that are started before. Returns
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
