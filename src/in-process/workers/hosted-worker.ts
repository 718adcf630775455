import { createSecureContext, type SecureContext } from 'node:tls';
import type { MessagePort } from 'node:worker_threads';
import { TestError } from '../../errors.js';
import type { Authority } from '../../net/authority.js';
import { syntheticNumber } from '../../net/synthetic-addresses.js';
import { clearTimeout, setTimeout } from '../../runtime/realm.js';
import { WorkLimit } from '../../runtime/work-limit.js';
import type { Link } from '../../upstream/link.js';
import type { Route } from '../route.js';
import { lingeringRoutes, openRoutes, type ReportStray } from '../routes.js';
import { addRoot } from '../trust.js';
import type { Bridge } from './bridge.js';
import { type Blocked, type ContextMaterial, type FromWorker, sentError, type ToWorker } from './messages.js';
import { isBlocked } from './wake-ups.js';

interface HostedWorkerContext {
  readonly report: ReportStray;
  bridge(): Bridge;
  /** Takes in a worker that this one has started. */
  adopt(port: MessagePort, blocked: Blocked): void;
}

type MessageOf<Kind extends FromWorker['kind']> = Extract<FromWorker, { readonly kind: Kind }>;

/** A worker thread, as the thread sees it that Waylay runs in: answers its questions, and takes its connections in. */
export class HostedWorker {
  readonly #port: MessagePort;
  readonly #context: HostedWorkerContext;
  /** Functions that end dialling for a question. */
  readonly #stops = new Map<number, () => void>();
  /** Links that were dialled ahead, by their questions. */
  readonly #links = new Map<number, Link>();
  /** Functions that let go of the route that was held for a question. */
  readonly #holds = new Map<number, () => void>();
  readonly #blocked: Blocked;
  /** Waiters for the worker's turns; the last one has not had its word where there is any. */
  readonly #turns = new Map<number, () => void>();
  #lastTurn = 0;

  constructor(port: MessagePort, blocked: Blocked, context: HostedWorkerContext) {
    this.#port = port;
    this.#blocked = blocked;
    this.#context = context;
  }

  send(message: ToWorker): void {
    this.#port.postMessage(message);
  }

  /** Resolves when what it was told by now has had its turns; at once where it is blocked, and in time where it is busy. */
  async turn(): Promise<void> {
    // A worker that has not come to answer the last time is not waited for again.
    if (isBlocked(this.#blocked) || this.#turns.size > 0) return;
    const question = ++this.#lastTurn;
    const turned = new Promise<void>((resolve) => this.#turns.set(question, resolve));
    this.send({ kind: 'turn', question });
    await orInTime(turned);
  }

  receive(said: FromWorker): void {
    switch (said.kind) {
      case 'dial':
        this.send({ kind: 'heard', question: said.question });
        void this.#dial(said);
        break;
      case 'cancel':
        this.#stops.get(said.question)?.();
        this.#links.get(said.question)?.close();
        this.#links.delete(said.question);
        this.#letGo(said.question);
        break;
      case 'turned':
        this.#turns.get(said.question)?.();
        this.#turns.delete(said.question);
        break;
      case 'know':
        this.#know(said);
        break;
      case 'routed':
        this.#register(said);
        break;
      case 'stray': {
        const route = routeBy(said.routeId);
        if (route !== undefined) this.#context.report(route, new TestError('WAYLAY_STRAY_REQUEST', said.message));
        break;
      }
      case 'started':
        this.#context.adopt(said.port, said.blocked);
    }
  }

  /** The worker has ended. */
  close(): void {
    for (const stop of this.#stops.values()) stop();
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
    for (const letGo of this.#holds.values()) letGo();
    this.#holds.clear();
    for (const turned of this.#turns.values()) turned();
    this.#turns.clear();
  }

  #letGo(question: number): void {
    this.#holds.get(question)?.();
    this.#holds.delete(question);
  }

  async #dial({ question, routeId, to }: MessageOf<'dial'>): Promise<void> {
    try {
      const route = routeBy(routeId);
      if (route === undefined) throw over(to);
      // Holds the route until its connection is there.
      this.#holds.set(question, route.hold());
      const entrance = await this.#context.bridge().address();
      const link = await route.proxy.dialAhead(destinationOf(route, to), (stop) => this.#stops.set(question, stop));
      if (link !== undefined) this.#links.set(question, link);
      this.send({ kind: 'dialled', question, to: entrance, link: link && question });
    } catch (cause) {
      this.#letGo(question);
      this.send({ kind: 'failed', question, error: sentError(cause as Error) });
    } finally {
      this.#stops.delete(question);
    }
  }

  #know({ question, routeId, name }: MessageOf<'know'>): void {
    const known = routeBy(routeId)?.proxy.knowsName(name) ?? false;
    void Promise.resolve(known).then((number) =>
      this.send({ kind: 'known', question, number: number ? syntheticNumber(name) : undefined }),
    );
  }

  #register({ routeId, question, localPort, to, material }: MessageOf<'routed'>): void {
    const link = this.#links.get(question);
    this.#links.delete(question);
    this.#context.bridge().expect(localPort, (socket) => {
      const route = routeBy(routeId);
      if (route === undefined || socket.destroyed) {
        this.#letGo(question);
        link?.close();
        socket.destroy();
        return;
      }
      const fail = (cause: Error): void => {
        this.send({ kind: 'lost', localPort, error: sentError(cause) });
        socket.destroy();
      };
      const destination = destinationOf(route, to);
      const secureContext = material && contextOf(material, route);
      route.expect(localPort, socket, { verifies: true, destination, link, fail, secureContext });
      route.proxy.accept(socket);
      this.#letGo(question);
    });
  }
}

function routeBy(routeId: number): Route | undefined {
  for (const route of [...openRoutes(), ...lingeringRoutes()]) if (route.id === routeId) return route;
  return undefined;
}

/** The worker may have been told an address by another thread. */
function destinationOf(route: Route, { host, port }: Authority): Authority {
  return { host: route.names.nameOf(host), port };
}

function contextOf(material: ContextMaterial, route: Route): SecureContext | undefined {
  try {
    const context = createSecureContext(material);
    for (const root of route.proxy.trustedRoots) addRoot(context, root);
    return context;
  } catch {
    return undefined; // the client has met that already, and was not routed
  }
}

/** A worker that works on something for long is not waited for. */
async function orInTime(turned: Promise<void>): Promise<void> {
  const limit = new WorkLimit(500, 5000);
  let isOver = false;
  const over = turned.then(() => {
    isOver = true;
  });
  while (!isOver && !limit.isReached) {
    let timer: NodeJS.Timeout | undefined;
    const moment = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, 20);
    });
    await Promise.race([over, moment]);
    clearTimeout(timer);
  }
}

function over({ host, port }: Authority): TestError {
  return new TestError(
    'WAYLAY_OUTSIDE_TEST',
    `A worker thread connects to ${host}:${port} for a test that is over. Await what it does before the test ends.`,
  );
}
