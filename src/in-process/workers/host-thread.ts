import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { TestError } from '../../errors.js';
import type { Authority } from '../../net/authority.js';
import { adoptSyntheticNumber } from '../../net/synthetic-addresses.js';
import { clearTimeout, setTimeout } from '../../runtime/realm.js';
import { type ContextMaterial, type FromWorker, receivedError, type ToWorker } from './messages.js';

/** Milliseconds in which the other thread says that it has heard a question. */
const HEARD_LIMIT = 10_000;

/** A link that was dialled ahead in the host's thread. */
export interface RemoteLink {
  readonly to: Authority;
  /** Its number there. */
  readonly number: number | undefined;
  /** The question that was answered by it. */
  readonly question: number;
  close(): void;
}

type Answer = Exclude<ToWorker, { readonly kind: 'routes' | 'lost' | 'turn' }>;

/** The thread that Waylay runs in, as a worker sees it. */
export class HostThread {
  readonly #port: MessagePort;
  readonly #onMessage: (message: Exclude<ToWorker, Answer>) => void;
  readonly #asked = new Map<number, (answer: Answer) => void>();
  #last = 0;

  constructor(port: MessagePort, onMessage: (message: Exclude<ToWorker, Answer>) => void) {
    this.#port = port;
    this.#onMessage = onMessage;
    port.on('message', (message: ToWorker) => this.#take(message));
    port.unref();
  }

  /** Takes what has been said by now: this thread may do so much in one turn that nothing else is heard. */
  listen(): void {
    for (let said = receiveMessageOnPort(this.#port); said !== undefined; said = receiveMessageOnPort(this.#port)) {
      this.#take(said.message as ToWorker);
    }
  }

  tell(message: FromWorker, transfer: readonly MessagePort[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  /** @throws what the client would meet without a proxy */
  async dialAhead(routeId: number, to: Authority, aborted: (stop: () => void) => void): Promise<RemoteLink> {
    const question = ++this.#last;
    const close = (): void => this.tell({ kind: 'cancel', question });
    aborted(close);
    const answer = await this.#ask({ kind: 'dial', question, routeId, to }, to);
    if (answer.kind !== 'dialled') throw new Error(`unexpected: ${answer.kind}`);
    return { to: answer.to, number: answer.link, question, close };
  }

  async knowsName(routeId: number, name: string): Promise<boolean> {
    const answer = await this.#ask({ kind: 'know', question: ++this.#last, routeId, name }, undefined);
    if (answer.kind !== 'known' || answer.number === undefined) return false;
    adoptSyntheticNumber(name, answer.number);
    return true;
  }

  /** Says whose a connection is that is being made; what its context is made of may be what no other thread can be told. */
  routed(
    connection: Omit<Extract<FromWorker, { kind: 'routed' }>, 'kind' | 'material'>,
    material: ContextMaterial | undefined,
  ): void {
    try {
      this.tell({ kind: 'routed', ...connection, material });
    } catch {
      this.tell({ kind: 'routed', ...connection, material: undefined });
    }
  }

  #ask(question: Extract<FromWorker, { kind: 'dial' | 'know' }>, to: Authority | undefined): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#asked.delete(question.question);
        if (this.#asked.size === 0) this.#port.unref();
      };
      const timer = setTimeout(() => {
        done();
        reject(blocked(to));
      }, HEARD_LIMIT);
      const take = (answer: Answer): void => {
        clearTimeout(timer);
        if (answer.kind === 'heard') return;
        done();
        if (answer.kind === 'failed') reject(receivedError(answer.error));
        else resolve(answer);
      };
      this.#asked.set(question.question, take);
      this.#port.ref();
      this.tell(question);
    });
  }

  #take(message: ToWorker): void {
    if (message.kind === 'routes' || message.kind === 'lost' || message.kind === 'turn') this.#onMessage(message);
    else this.#asked.get(message.question)?.(message);
  }
}

function blocked(to: Authority | undefined): TestError {
  const what = to === undefined ? 'asks for a name' : `connects to ${to.host}:${to.port}`;
  return new TestError(
    'WAYLAY_BLOCKED',
    `A worker thread ${what}, and the thread of the test, in which Waylay runs, has done nothing for ${HEARD_LIMIT / 1000} s: it may be waiting for that worker (Atomics.wait, as synckit and sync-fetch do). Nothing can be answered meanwhile. Await the worker instead.`,
  );
}
