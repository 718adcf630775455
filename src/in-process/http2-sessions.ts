import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { TestError } from '../errors.js';
import { formatAuthority } from '../net/authority.js';
import { DIRECT } from '../net/direct.js';
import { nextTick } from '../runtime/realm.js';
import { replace } from './replace.js';
import { currentRoute, type ReportStray, routeIfKnown } from './routes.js';
import { ROUTED, type Routed } from './sockets.js';

type Session = ClientHttp2Session & { readonly [DIRECT]?: boolean };

/** The connection that a session goes over. */
interface Wire extends Socket {
  readonly [ROUTED]?: Routed;
  /** The connection under TLS that was begun on it. */
  readonly _parent?: Wire | null;
  /** The connection inside of Node's wrapper, where that has no handle yet. */
  readonly stream?: Wire;
  /** The server of a connection that was accepted. */
  readonly server?: unknown;
}

/**
 * Watches for requests over HTTP/2 sessions that are kept open. No test sees those over a session from before: they are
 * told of. A session of another test that is running takes none. Returns what undoes it.
 *
 * @param report gets the route of the test, and what there is to say
 */
export function watchHttp2Sessions(report: ReportStray): () => void {
  kinds ??= findKinds();
  if (kinds === undefined) return () => {};
  const { sessions, Stream } = kinds;
  const undo = replace(sessions, 'request', (original) => {
    return function (this: ClientHttp2Session, ...args) {
      refuse(this, report);
      return original.apply(this, args);
    };
  });
  // Some clients (http2-wrapper) keep the function of a session that they made before, but none has streams of its own.
  const Base = Object.getPrototypeOf(Stream);
  const Watched = new Proxy(Base, {
    construct(target, args, newTarget) {
      const stream: ClientHttp2Stream = Reflect.construct(target, args, newTarget);
      if (isFromBefore(args[0])) watch(stream, report);
      return stream;
    },
  });
  Object.setPrototypeOf(Stream, Watched);
  return () => {
    undo();
    if (Object.getPrototypeOf(Stream) === Watched) Object.setPrototypeOf(Stream, Base);
  };
}

interface Kinds {
  readonly sessions: ClientHttp2Session;
  readonly Stream: object;
}

let kinds: Kinds | undefined;

/** Node shows neither class: they are had from a session over nothing. Undefined where Node makes none of that any more. */
function findKinds(): Kinds | undefined {
  try {
    return kindsOf(sessionOverNothing());
  } catch {
    return undefined; // what is watched for is the exception; all else goes on
  }
}

function sessionOverNothing(): ClientHttp2Session {
  const nothing = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  // Node begins with what costs most of a session when it is connected.
  Object.assign(nothing, { _handle: { isStreamBase: true }, connecting: true });
  const session = connect('http://nowhere.invalid', { createConnection: () => nothing });
  session.on('error', () => {});
  return session;
}

function kindsOf(session: ClientHttp2Session): Kinds {
  const stream = session.request();
  stream.on('error', () => {});
  session.destroy();
  return { sessions: Object.getPrototypeOf(session), Stream: stream.constructor };
}

/** @throws {TestError} `WAYLAY_STRAY_REQUEST`, `WAYLAY_WHOSE_REQUEST` where the request is not of the session's test */
function refuse(session: Session, report: ReportStray): void {
  if (session[DIRECT] === true || session.closed || session.destroyed) return; // Node says the latter
  const routed = wireOf(session)[ROUTED];
  if (routed === null || (routed === undefined && !isFromBefore(session))) return;
  // A client of undici that is thrown at stands still from then on, for whoever uses it.
  const undici = isOfUndici(session);
  const route = undici ? routeIfKnown() : currentRoute();
  if (routed === undefined || route === undefined || route === routed.route) return;
  const message = `A request was to go over an HTTP/2 session with ${formatAuthority(routed.target)} that belongs to another test, which ${routed.route.closed ? 'is over' : 'is running at the same time'}. Make the session, or the client that keeps it, inside each test.`;
  const error = new TestError('WAYLAY_STRAY_REQUEST', message);
  if (!undici) throw error;
  report(route, error);
}

function isOfUndici(session: ClientHttp2Session): boolean {
  const values = session as unknown as Record<symbol, { readonly dispatch?: unknown } | undefined>;
  const key = Object.getOwnPropertySymbols(session).find(({ description }) => description === 'client');
  return key !== undefined && typeof values[key]?.dispatch === 'function';
}

function watch(stream: ClientHttp2Stream, report: ReportStray): void {
  const route = routeIfKnown();
  nextTick(() => {
    const { sentHeaders: sent } = stream;
    if (sent === undefined || route === undefined || route.closed) return; // what a server pushes was not sent
    const { ':method': method, ':scheme': scheme, ':authority': authority = sent.host, ':path': path } = sent;
    const url = scheme === undefined ? authority : `${scheme}://${authority}${path}`;
    const message = `${method} ${url} went over a connection that was open before this test: an HTTP/2 session had been kept open. Make the session, or the client that keeps it, inside the test, or close it at the end of whatever used it.`;
    report(route, new TestError('WAYLAY_STRAY_REQUEST', message));
  });
}

/** True if it goes over a connection that was made before there was a route, by this process, over the network. */
function isFromBefore(session: Session): boolean {
  if (session[DIRECT] === true) return false; // the proxy's own
  const { [ROUTED]: routed, server, connecting, remotePort } = wireOf(session);
  return routed === undefined && !server && (connecting || remotePort !== undefined);
}

/** The connection that a session, or the TLS under it, was begun on. */
function wireOf({ socket }: ClientHttp2Session): Wire {
  let wire = socket as Wire;
  wire = wire.stream ?? wire;
  while (wire._parent) wire = wire._parent;
  return wire;
}
