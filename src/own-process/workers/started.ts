/** Sees every worker thread that this thread starts, whichever way its class was come by, before its code runs. */
import { MessagePort, Worker } from 'node:worker_threads';
import { nextTick, processGlobal } from '../../realm.js';
import { replace } from '../replace.js';

// Some runners give tests a process of their own.
const { process } = processGlobal;

/** What Node tells a new worker to run (lib/internal/worker.js), as far as it is looked at. */
export interface Script {
  readonly type: 'loadScript';
  /** The path of a file, or code. */
  readonly filename: string;
  /** `classic` is that of `eval: true`, `module` that of a `data:` URL. */
  readonly doEval: false | 'classic' | 'module';
  readonly environmentData: ReadonlyMap<unknown, unknown>;
}

/** What it is told in place of that, and what goes with it. */
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
      const { doEval } = message;
      // The others are Node's own.
      const known = doEval === false || doEval === 'classic' || doEval === 'module';
      const rewritten = known && isRewritable(message) ? rewrite(message) : undefined;
      if (known && !isRewritable(message)) unknown();
      if (rewritten === undefined) post.call(this, message, transfer);
      else post.call(this, rewritten.script, [...(transfer ?? []), ...rewritten.transfer]);
    };
  });
  const started = (): void => {
    if (!sent) unknown();
  };
  process.once('worker', started);
  nextTick(() => {
    restore();
    // Node tells of it in a turn queued before this one, where it was constructed at all.
    nextTick(() => process.off('worker', started));
  });
}

function isScript(message: unknown): message is { readonly doEval?: unknown } {
  return typeof message === 'object' && message !== null && (message as { type?: unknown }).type === 'loadScript';
}

function isRewritable(message: object): message is Script {
  const { filename, environmentData } = message as Partial<Script>;
  return typeof filename === 'string' && typeof (environmentData as { entries?: unknown })?.entries === 'function';
}
