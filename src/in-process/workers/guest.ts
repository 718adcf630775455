import type { MessagePort } from 'node:worker_threads';
import { afterTurns } from '../../downstream/retirement.js';
import type { TestError } from '../../errors.js';
import { separateAgents } from '../agents.js';
import { separateDispatchers } from '../dispatchers.js';
import { watchHttp2Sessions } from '../http2-sessions.js';
import { resolveNames } from '../names.js';
import { replace } from '../replace.js';
import type { Route } from '../route.js';
import { belongTo, closeRoute, lookFirst, openRoute } from '../routes.js';
import { redirectSockets } from '../sockets.js';
import { watchStrays } from '../strays.js';
import { trustAuthority } from '../trust.js';
import { type Blocked, type RemoteEnd, receivedError } from './messages.js';
import { Remote } from './remote.js';
import { RemoteRoute } from './remote-route.js';
import { leadStarted } from './starting.js';

/**
 * Routes this worker thread to the proxy of the test that runs, for as long as it is there: while none runs, its connections
 * are what they are without.
 *
 * @param port to the thread that Waylay runs in
 * @param own the route of what started this worker
 * @param blocked says to the other thread whether this one is blocked
 */
export function leadThisWorker(port: MessagePort, own: number | undefined, blocked: Blocked): void {
  const routes = new Map<number, RemoteRoute>();
  let ends: readonly RemoteEnd[] = [];
  const remote = new Remote(port, (message) => {
    if (message.kind === 'routes') {
      ends = message.routes;
      follow(routes, ends, remote);
    } else if (message.kind === 'turn') {
      afterTurns(() => remote.tell({ kind: 'turned', question: message.question }));
    } else {
      for (const route of routes.values()) route.lost(message.localPort, receivedError(message.error));
    }
  });
  // Before anything else of this worker, so that it is never later than what it is asked to do.
  remote.listen();
  lookFirst(() => remote.listen());
  const first = own === undefined ? undefined : routes.get(own);
  if (first !== undefined) belongTo(first);

  const tell = (route: Route, { message }: TestError): void =>
    remote.tell({ kind: 'stray', routeId: route.id, message });
  tellWhenBlocked(blocked);
  trustAuthority();
  redirectSockets();
  resolveNames();
  separateAgents();
  separateFetch();
  watchStrays(tell);
  watchHttp2Sessions(tell);
  leadStarted((started, itsBlocked) => {
    remote.listen();
    // A message from the thread of the tests comes later than what the worker may do.
    started.postMessage({ kind: 'routes', routes: ends });
    remote.tell({ kind: 'started', port: started, blocked: itsBlocked }, [started]);
  });
}

function tellWhenBlocked(blocked: Blocked): void {
  replace(Atomics, 'wait', (original) => {
    const wait = original as (...args: unknown[]) => ReturnType<typeof Atomics.wait>;
    return ((...args: unknown[]) => {
      Atomics.store(blocked, 0, 1);
      try {
        return wait(...args);
      } finally {
        Atomics.store(blocked, 0, 0);
      }
    }) as typeof original;
  });
}

/** Opens and closes routes, as they are now. */
function follow(routes: Map<number, RemoteRoute>, ends: readonly RemoteEnd[], remote: Remote): void {
  for (const [id, route] of routes) {
    if (ends.some((end) => end.id === id)) continue;
    routes.delete(id);
    closeRoute(route);
    void route.fade();
  }
  for (const end of ends) {
    if (routes.has(end.id)) continue;
    const route = new RemoteRoute(end, remote);
    routes.set(end.id, route);
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
