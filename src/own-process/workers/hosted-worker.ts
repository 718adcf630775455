import { createSecureContext, type SecureContext } from 'node:tls';
import type { MessagePort } from 'node:worker_threads';
import type { Authority } from '../../destination.js';
import { TestError } from '../../errors.js';
import type { Link } from '../../upstream/link.js';
import { numberOf } from '../invented-addresses.js';
import type { Route } from '../route.js';
import { lingeringRoutes, openRoutes, type Tell } from '../routes.js';
import { addRoot } from '../trust.js';
import type { Bridge } from './bridge.js';
import { type ContextMaterial, type FromWorker, sentError, type ToWorker } from './messages.js';

interface Surroundings {
  readonly tell: Tell;
  bridge(): Bridge;
  /** Takes in a worker that this one has started. */
  adopt(port: MessagePort): void;
}

type Said<Kind extends FromWorker['kind']> = Extract<FromWorker, { readonly kind: Kind }>;

/** A worker thread, as the thread sees it that Waylay runs in: answers its questions, and takes its connections in. */
export class HostedWorker {
  readonly #port: MessagePort;
  readonly #around: Surroundings;
  /** What ends dialling for a question. */
  readonly #stops = new Map<number, () => void>();
  /** What was dialled ahead, by its question. */
  readonly #links = new Map<number, Link>();

  constructor(port: MessagePort, around: Surroundings) {
    this.#port = port;
    this.#around = around;
  }

  send(message: ToWorker): void {
    this.#port.postMessage(message);
  }

  hear(said: FromWorker): void {
    switch (said.kind) {
      case 'dial':
        this.send({ kind: 'heard', question: said.question });
        void this.#dial(said);
        break;
      case 'give up':
        this.#stops.get(said.question)?.();
        this.#links.get(said.question)?.close();
        this.#links.delete(said.question);
        break;
      case 'know':
        this.#know(said);
        break;
      case 'led':
        this.#takeIn(said);
        break;
      case 'stray': {
        const route = routeBy(said.way);
        if (route !== undefined) this.#around.tell(route, new TestError('WAYLAY_STRAY_REQUEST', said.message));
        break;
      }
      case 'started':
        this.#around.adopt(said.port);
    }
  }

  /** The worker has ended. */
  close(): void {
    for (const stop of this.#stops.values()) stop();
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
  }

  async #dial({ question, way, to }: Said<'dial'>): Promise<void> {
    try {
      const route = routeBy(way);
      if (route === undefined) throw over(to);
      const entrance = await this.#around.bridge().address();
      const link = await route.to.dialAhead(destinationOf(route, to), (stop) => this.#stops.set(question, stop));
      if (link !== undefined) this.#links.set(question, link);
      this.send({ kind: 'dialled', question, to: entrance, link: link && question });
    } catch (cause) {
      this.send({ kind: 'failed', question, error: sentError(cause as Error) });
    } finally {
      this.#stops.delete(question);
    }
  }

  #know({ question, way, name }: Said<'know'>): void {
    const known = routeBy(way)?.to.knowsName(name) ?? false;
    void Promise.resolve(known).then((number) =>
      this.send({ kind: 'known', question, number: number ? numberOf(name) : undefined }),
    );
  }

  #takeIn({ way, localPort, to, link: question, material }: Said<'led'>): void {
    const link = question === undefined ? undefined : this.#links.get(question);
    if (question !== undefined) this.#links.delete(question);
    this.#around.bridge().expect(localPort, (socket) => {
      const route = routeBy(way);
      if (route === undefined || socket.destroyed) {
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
      route.to.accept(socket);
    });
  }
}

function routeBy(way: number): Route | undefined {
  for (const route of [...openRoutes(), ...lingeringRoutes()]) if (route.id === way) return route;
  return undefined;
}

/** The worker may have been told an address by another thread. */
function destinationOf(route: Route, { host, port }: Authority): Authority {
  return { host: route.names.nameOf(host), port };
}

function contextOf(material: ContextMaterial, route: Route): SecureContext | undefined {
  try {
    const context = createSecureContext(material);
    for (const root of route.to.trustedRoots) addRoot(context, root);
    return context;
  } catch {
    return undefined; // the client has met that already, and was not led
  }
}

function over({ host, port }: Authority): TestError {
  return new TestError(
    'WAYLAY_OUTSIDE_TEST',
    `A worker thread connects to ${host}:${port} for a test that is over. Await what it does before the test ends.`,
  );
}
