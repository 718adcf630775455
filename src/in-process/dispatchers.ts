import { processGlobal } from '../runtime/realm.js';
import { replace } from './replace.js';
import type { Route } from './route.js';
import { currentRoute } from './routes.js';

/** A dispatcher of undici, of whatever version. */
interface Dispatcher {
  dispatch(options: object, handler: object): boolean;
  close(...args: unknown[]): unknown;
  destroy(...args: unknown[]): unknown;
  readonly constructor: unknown;
}

type Holder = Record<symbol, Dispatcher | undefined>;

/** The key of the dispatcher that fetch and undici's other functions use by default (its lib/global.js). */
const CURRENT = Symbol.for('undici.globalDispatcher.2');
const LEGACY = Symbol.for('undici.globalDispatcher.1');

/**
 * Gives each test connections of its own behind fetch, and behind what else uses undici's global dispatcher: it is
 * replaced by one that hands requests on to a new one of the same kind for each test. Returns what undoes it.
 */
export function separateDispatchers(): () => void {
  const undo = realms().flatMap((realm) => {
    const inner = realm[CURRENT];
    const dispatcherFor = inner === undefined ? undefined : dispatchersLike(inner);
    return [
      dispatcherFor === undefined ? undefined : replaceBy(realm, CURRENT, dispatcherFor),
      separateLegacy(realm, inner, dispatcherFor),
    ].filter((restore) => restore !== undefined);
  });
  return () => {
    for (const restore of undo.reverse()) restore();
  };
}

function separateLegacy(
  realm: Holder,
  inner: Dispatcher | undefined,
  dispatcherFor: DispatcherFor | undefined,
): (() => void) | undefined {
  const legacy = realm[LEGACY];
  if (legacy === undefined) return undefined;
  if (legacy === inner) return dispatcherFor && replaceBy(realm, LEGACY, dispatcherFor);
  // Undici 8 wraps its dispatcher for older versions.
  if (nameOf(legacy) === 'Dispatcher1Wrapper') {
    const { constructor: Wrapper } = legacy as { constructor: new (inner: Dispatcher) => Dispatcher };
    const wrapped = new WeakMap<Dispatcher, Dispatcher>();
    return (
      dispatcherFor &&
      replaceBy(realm, LEGACY, (route) => {
        const dispatcher = dispatcherFor(route);
        let wrapper = wrapped.get(dispatcher);
        if (wrapper === undefined) wrapped.set(dispatcher, (wrapper = new Wrapper(dispatcher)));
        return wrapper;
      })
    );
  }
  const own = dispatchersLike(legacy);
  return own && replaceBy(realm, LEGACY, own);
}

/** The dispatcher that stands for the original on a route. */
type DispatcherFor = (route: Route) => Dispatcher;

/** Makes others like a dispatcher; undefined where that cannot be known. */
function dispatchersLike(original: Dispatcher): DispatcherFor | undefined {
  // Other dispatchers (mocks, proxies, retries) are made of parts that only their maker has.
  if (nameOf(original) !== 'Agent') return undefined;
  const Agent = original.constructor as new (options: object) => Dispatcher;
  const options = optionsOf(original);
  const made = new WeakMap<Route, Dispatcher>();
  return (route) => {
    let dispatcher = made.get(route);
    if (dispatcher === undefined) {
      const born = (dispatcher = new Agent(options));
      made.set(route, born);
      route.keepPool({
        retire: () => void Promise.resolve(born.close()).catch(() => {}),
        close: () => void Promise.resolve(born.destroy()).catch(() => {}),
      });
    }
    return dispatcher;
  };
}

function replaceBy(realm: Holder, key: symbol, dispatcherFor: DispatcherFor): () => void {
  return replace(realm, key, (original) => {
    const current = original as Dispatcher;
    const dispatch: Dispatcher['dispatch'] = (options, handler) => {
      const route = currentRoute();
      return (route === undefined ? current : dispatcherFor(route)).dispatch(options, handler);
    };
    // The rest is as in the original.
    return Object.create(current, {
      dispatch: { value: dispatch },
      close: { value: (...args: unknown[]) => current.close(...args) },
      destroy: { value: (...args: unknown[]) => current.destroy(...args) },
    }) as Dispatcher;
  });
}

function nameOf(dispatcher: Dispatcher): string | undefined {
  const { constructor: kind } = dispatcher;
  return typeof kind === 'function' ? kind.name : undefined;
}

function optionsOf(dispatcher: Dispatcher): object {
  const key = Object.getOwnPropertySymbols(dispatcher).find(({ description }) => description === 'options');
  const options = key === undefined ? undefined : (dispatcher as unknown as Record<symbol, object>)[key];
  return Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined));
}

/**
 * The places where a dispatcher may be: some runners give tests a global object of their own, and fetch that of the
 * process.
 */
function realms(): Holder[] {
  // Node makes its dispatcher when the first of its classes is looked at.
  void processGlobal.Headers;
  const realms = new Set<unknown>([processGlobal, globalThis]);
  return [...realms] as Holder[];
}
