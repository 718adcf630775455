import type { Socket } from 'node:net';
import tls, { type SecureContext, type SecureContextOptions } from 'node:tls';
import { replace } from './replace.js';
import type { Route } from './route.js';
import { lingeringRoutes, openRoutes, routeIfKnown } from './routes.js';

/** The contexts that connections were to be made with, by the options they were made of. */
const ownContexts = new WeakMap<object, SecureContext>();
const materials = new WeakMap<SecureContext, SecureContextOptions>();
const trusting = new WeakMap<object, Route>();

/** The roots and certificate that a connection would have used, had nobody come between; undefined: those that all use. */
export function ownContextOf(options: object): SecureContext | undefined {
  return ownContexts.get(options) ?? (options as { secureContext?: SecureContext }).secureContext;
}

/** The options that such a context was made of, for another thread: contexts cannot be passed on. */
export function materialOf(context: SecureContext): SecureContextOptions | undefined {
  return materials.get(context);
}

/** The route whose certificates the context trusts that was made of these options. */
export function trustOf(options: object): Route | undefined {
  return trusting.get(options);
}

/**
 * Lets the TLS contexts that are made for one connection each trust the proxy's authority beside what they trust
 * anyway. Contexts that the application makes are left as they are, since they may live longer than the test. Returns
 * what undoes it.
 */
export function trustAuthority(): () => void {
  return replace(tls, 'createSecureContext', (original) => (options) => {
    const context = original(options);
    if (options === undefined) return context;
    const isOwn = OWN.some((name) => options[name] !== undefined && options[name] !== null);
    if (!isOfConnection(options)) {
      if (isOwn) materials.set(context, options);
      return context;
    }
    const route = routeOf(options);
    if (route === undefined) return context;
    if (isOwn) {
      const own = original(options);
      for (const root of route.proxy.trustedRoots) addRoot(own, root);
      ownContexts.set(options, own);
      materials.set(own, options);
    }
    addRoot(context, route.proxy.caPem);
    trusting.set(options, route);
    return context;
  });
}

/** Lets a context trust a certificate beside what it trusts anyway. */
export function addRoot({ context }: SecureContext, pem: string): void {
  (context as { addCACert(pem: string): void }).addCACert(pem);
}

/** Options that make a connection's context different from that of all others. */
const OWN = ['ca', 'cert', 'key', 'pfx', 'crl'] as const;

// tls.connect makes a context of its options, and these are among them always.
function isOfConnection(options: SecureContextOptions): boolean {
  return 'checkServerIdentity' in options && 'minDHSize' in options;
}

function routeOf({ socket }: SecureContextOptions & { socket?: Socket }): Route | undefined {
  if (socket !== undefined && socket !== null) {
    for (const route of [...openRoutes(), ...lingeringRoutes()]) {
      // TLS that begins on a connection that was routed here, or inside a tunnel through the proxy.
      if (route.has(socket) || socket.remotePort === route.proxy.port) return route;
    }
  }
  return routeIfKnown();
}
