import { afterTurns, type Remainder } from '../downstream/retirement.js';
import type { TestError } from '../errors.js';
import { separateAgents } from './agents.js';
import { separateDispatchers } from './dispatchers.js';
import { watchHttp2Sessions } from './http2-sessions.js';
import { liftLingerLimit, limitLinger, setTestsRunning } from './linger-limit.js';
import { resolveNames } from './names.js';
import type { Route } from './route.js';
import { closeRoute, letLinger, lingeringRoutes, openRoute, openRoutes, stopLingering } from './routes.js';
import { routeSockets } from './sockets.js';
import { watchStrays } from './strays.js';
import { trustAuthority } from './trust.js';
import { readWorkerMessages, routeWorkers, workersTurn } from './workers/host.js';

let uninstall: (() => void) | undefined;
const strays = new WeakMap<Route, TestError[]>();

/**
 * Routes the connections of this process to a proxy, whatever client makes them: the process under test is a client that
 * knows of no proxy. What is changed of Node for that (how sockets connect, whom TLS trusts, what agents keep alive) is
 * as it was when the last route is closed.
 */
export function routeProcess(route: Route): ProcessRouting {
  uninstall ??= install();
  strays.set(route, []);
  openRoute(route);
  setTestsRunning(true);
  const end = async (stop: () => Promise<void>): Promise<void> => {
    route.end();
    try {
      await stop();
    } finally {
      // Connections are given back to their agents before these are as they were.
      await route.close();
      stopLingering(route);
      removeRoute(route);
    }
  };
  // Connections that the test has begun may take a turn to say where they want to go, here or in a worker that was told.
  const turns = async (): Promise<void> => {
    await Promise.all([new Promise<void>(afterTurns), workersTurn()]);
  };
  return {
    end,
    turns,
    async retire({ retire, stop, tell }) {
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
      limitLinger(route, tell);
      removeRoute(route);
      void untilEmpty(route, remainder).then(async () => {
        liftLingerLimit(route);
        await end(stop);
      });
    },
  };
}

/** Ends a process's routing. Both resolve when no connection is left that a later test could take. */
export interface ProcessRouting {
  /** Resolves when what the test has begun has said where it wants to go. */
  turns(): Promise<void>;
  /** Ends all connections at once, and stops the proxy by the function. */
  end(stop: () => Promise<void>): Promise<void>;
  /** Ends those that carry nothing; what is under way goes on, and the proxy is stopped after it. */
  retire(proxy: RetiringProxy): Promise<void>;
}

/** A proxy that takes nothing new, and ends when nothing is under way. */
export interface RetiringProxy {
  retire(): Promise<Remainder>;
  stop(): Promise<void>;
  /** Says what is under way and has been for too long. */
  tell(): void;
}

/** Resolves when no connection is left. */
async function untilEmpty(route: Route, remainder: Remainder): Promise<void> {
  do {
    await route.empty();
    await remainder.empty();
  } while (!route.isEmpty);
}

function removeRoute(route: Route): void {
  closeRoute(route);
  if (openRoutes().size > 0) return;
  setTestsRunning(false);
  if (lingeringRoutes().size > 0) return;
  uninstall?.();
  uninstall = undefined;
}

/** Requests of a test that went past its proxy. */
export function strayRequests(route: Route): readonly TestError[] {
  readWorkerMessages();
  return strays.get(route) ?? [];
}

/**
 * Routes the worker threads that are started from now on while there is a route, also those that are started before. Returns
 * what undoes it.
 */
export function routeFutureWorkers(): () => void {
  return routeWorkers(reportStray);
}

function reportStray(route: Route, error: TestError): void {
  strays.get(route)?.push(error);
}

function install(): () => void {
  const undo = [
    trustAuthority(),
    routeSockets(),
    resolveNames(),
    separateAgents(),
    separateDispatchers(),
    watchStrays(reportStray),
    watchHttp2Sessions(reportStray),
    routeWorkers(reportStray),
  ];
  return () => {
    for (const restore of undo.reverse()) restore();
  };
}
