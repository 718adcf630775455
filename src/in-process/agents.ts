import { Agent } from 'node:http';
import { replace } from './replace.js';
import type { Route } from './route.js';
import { currentRoute } from './routes.js';

/**
 * The key under which a request's options keep the route that its connection was opened on. Enumerable: Node copies
 * options often.
 */
const ROUTE: unique symbol = Symbol('waylay.route');

/** Names of routes, short enough for a key. */
const ids = new WeakMap<Route, number>();
let last = 0;

/**
 * Keeps the connections that an agent of node:http keeps alive from being used by another test than that which opened
 * them, and those from before by any: agents find them by a name, and this makes the route a part of it. Returns what
 * undoes it.
 */
export function separateAgents(): () => void {
  return replace(Agent.prototype, 'getName', (original) => {
    return function (this: Agent, options?: object & { [ROUTE]?: string }): string {
      const name = original.call(this, options as never);
      if (options === undefined || options === null) return name + routeKey();
      // A connection is given back, and forgotten, by the name that it was asked for by, whoever runs then.
      const key = (options[ROUTE] ??= routeKey());
      return name + key;
    } as typeof original;
  });
}

function routeKey(): string {
  let route: Route | undefined;
  try {
    route = currentRoute();
  } catch {
    return ':?'; // it is going to be told when it connects
  }
  if (route === undefined) return '';
  let id = ids.get(route);
  if (id === undefined) ids.set(route, (id = ++last));
  return `:waylay-${id}`;
}
