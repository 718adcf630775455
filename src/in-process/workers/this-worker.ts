import type { MessagePort } from 'node:worker_threads';
import { afterTurns } from '../../downstream/retirement.js';
import type { TestError } from '../../errors.js';
import { separateAgents } from '../agents.js';
import { separateDispatchers } from '../dispatchers.js';
import { watchHttp2Sessions } from '../http2-sessions.js';
import { resolveNames } from '../names.js';
import { replace } from '../replace.js';
import type { Route } from '../route.js';
import { beforeRoutesRead, closeRoute, openRoute, setDefaultRoute } from '../routes.js';
import { routeSockets } from '../sockets.js';
import { watchStrays } from '../strays.js';
import { trustAuthority } from '../trust.js';
import { HostThread } from './host-thread.js';
import { type Blocked, receivedError, type SentRoute } from './messages.js';
import { RemoteRoute } from './remote-route.js';
import { routeStartedWorkers } from './route-started-workers.js';

/**
 * Routes this worker thread to the proxy of the test that runs, for as long as it is there: while none runs, its connections
 * are what they are without.
 *
 * @param port to the thread that Waylay runs in
 * @param own the route of what started this worker
 * @param blocked says to the other thread whether this one is blocked
 */
export function routeThisWorker(port: MessagePort, own: number | undefined, blocked: Blocked): void {
  const routes = new Map<number, RemoteRoute>();
  let sentRoutes: readonly SentRoute[] = [];
  const host = new HostThread(port, (message) => {
    if (message.kind === 'routes') {
      sentRoutes = message.routes;
      syncRoutes(routes, sentRoutes, host);
    } else if (message.kind === 'turn') {
      afterTurns(() => host.tell({ kind: 'turned', question: message.question }));
    } else {
      for (const route of routes.values()) route.lost(message.localPort, receivedError(message.error));
    }
  });
  // Before anything else of this worker, so that it is never later than what it is asked to do.
  host.listen();
  beforeRoutesRead(() => host.listen());
  const first = own === undefined ? undefined : routes.get(own);
  if (first !== undefined) setDefaultRoute(first);

  const report = (route: Route, { message }: TestError): void =>
    host.tell({ kind: 'stray', routeId: route.id, message });
  markWhenBlocked(blocked);
  trustAuthority();
  routeSockets();
  resolveNames();
  separateAgents();
  separateFetch();
  watchStrays(report);
  watchHttp2Sessions(report);
  routeStartedWorkers((started, itsBlocked) => {
    host.listen();
    // A message from the thread of the tests comes later than what the worker may do.
    started.postMessage({ kind: 'routes', routes: sentRoutes });
    host.tell({ kind: 'started', port: started, blocked: itsBlocked }, [started]);
  });
}

function markWhenBlocked(blocked: Blocked): void {
  replace(Atomics, 'wait', (original) => {
    const wait = original as (...args: unknown[]) => ReturnType<typeof Atomics.wait>;
    return ((...args: unknown[]) => {
      let ended: ReturnType<typeof Atomics.wait> | undefined;
      Atomics.store(blocked, 0, 1);
      try {
        ended = wait(...args);
        return ended;
      } finally {
        Atomics.store(blocked, 0, 0);
        if (ended === 'ok') Atomics.add(blocked, 1, 1);
      }
    }) as typeof original;
  });
}

/** Opens and closes routes, as they are now. */
function syncRoutes(routes: Map<number, RemoteRoute>, sentRoutes: readonly SentRoute[], host: HostThread): void {
  for (const [id, route] of routes) {
    if (sentRoutes.some((sent) => sent.id === id)) continue;
    routes.delete(id);
    closeRoute(route);
    void route.drain();
  }
  for (const sent of sentRoutes) {
    if (routes.has(sent.id)) continue;
    const route = new RemoteRoute(sent, host);
    routes.set(sent.id, route);
    openRoute(route);
  }
}

/** Loading what fetch is made of takes longer than all else that a small worker does: it is left to the first use. */
function separateFetch(): void {
  const { fetch } = globalThis;
  const separated: typeof fetch = (...args) => {
    if (globalThis.fetch === separated) globalThis.fetch = fetch;
    separate();
    return fetch(...args);
  };
  let done = false;
  const separate = (): void => {
    if (done) return;
    done = true;
    separateDispatchers();
  };
  Object.defineProperty(separated, 'name', { value: fetch.name, configurable: true });
  globalThis.fetch = separated;
}
