/** Sees every worker thread that this thread starts, whichever way its class was come by, before its code runs. */
import { MessagePort, Worker } from 'node:worker_threads';
import { nextTick, processGlobal } from '../../runtime/realm.js';
import { replace } from '../replace.js';

// Some runners give tests a process of their own.
const { process } = processGlobal;

/** The part that is looked at of Node's message which tells a new worker what to run (lib/internal/worker.js). */
export interface Script {
  readonly type: 'loadScript';
  /** The path of a file, or code. */
  readonly filename: string;
  /** `classic` is that of `eval: true`; a `data:` URL is code of its own (Node 20), or what it is. */
  readonly doEval: false | 'classic' | 'module' | 'data-url';
  readonly environmentData: ReadonlyMap<unknown, unknown>;
}

/** The message in place of that, and what goes with it. */
export interface Rewritten {
  readonly script: Script;
  readonly transfer: readonly MessagePort[];
}

/**
 * Calls back for each worker that is started from now on. Returns what undoes it.
 *
 * @param rewrite what the worker is to be told; undefined: what it was to be
 * @param unknown is called where Node tells workers otherwise than expected
 */
export function watchWorkers(rewrite: (script: Script) => Rewritten | undefined, unknown: () => void): () => void {
  const Base = Object.getPrototypeOf(Worker);
  const Watched = new Proxy(Base, {
    construct(target, args, newTarget) {
      const worker = Reflect.construct(target, args, newTarget);
      watchScript(rewrite, unknown);
      return worker;
    },
  });
  Object.setPrototypeOf(Worker, Watched);
  return () => {
    if (Object.getPrototypeOf(Worker) === Watched) Object.setPrototypeOf(Worker, Base);
  };
}

/** The script is sent while the worker is being constructed, in this turn. */
function watchScript(rewrite: (script: Script) => Rewritten | undefined, unknown: () => void): void {
  let sent = false;
  const restore = replace(MessagePort.prototype, 'postMessage', (original) => {
    const post = original as (message: unknown, transfer?: readonly unknown[]) => void;
    return function (this: MessagePort, message: unknown, transfer?: readonly unknown[]): void {
      if (sent || !isScript(message)) {
        post.call(this, message, transfer);
        return;
      }
      sent = true;
      restore();
      const own = message.doEval === 'internal' || message.isInternal === true;
      const rewritten = !own && isRewritable(message) ? rewrite(message) : undefined;
      if (!own && !isRewritable(message)) unknown();
      if (rewritten === undefined) post.call(this, message, transfer);
      else post.call(this, rewritten.script, [...(transfer ?? []), ...rewritten.transfer]);
    };
  });
  const started = (): void => {
    if (!sent) unknown();
  };
  if (unseen.size === 0) process.on('worker', notifyAll);
  unseen.add(started);
  nextTick(() => {
    restore();
    // Node tells of it in a turn queued before this one, where it was constructed at all.
    nextTick(() => forget(started));
  });
}

/** Waiters for Node's word of a worker: one listener for all, of which Node warns where there are more than ten. */
const unseen = new Set<() => void>();

function notifyAll(): void {
  for (const started of unseen) {
    forget(started);
    started();
  }
}

function forget(started: () => void): void {
  if (unseen.delete(started) && unseen.size === 0) process.off('worker', notifyAll);
}

/** Narrows to a script's message: `internal` or `isInternal` in it means a worker of Node's own. */
function isScript(message: unknown): message is { readonly doEval?: unknown; readonly isInternal?: unknown } {
  return typeof message === 'object' && message !== null && (message as { type?: unknown }).type === 'loadScript';
}

function isRewritable(message: object): message is Script {
  const { filename, doEval, environmentData, webWorkerData } = message as Partial<Script> & { webWorkerData?: unknown };
  return (
    typeof filename === 'string' &&
    KINDS.has(doEval) &&
    webWorkerData === undefined &&
    typeof (environmentData as { entries?: unknown } | undefined)?.entries === 'function'
  );
}

const KINDS: ReadonlySet<unknown> = new Set<Script['doEval']>([false, 'classic', 'module', 'data-url']);
