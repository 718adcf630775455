/** The start of a worker thread that is routed: it gets ready, and goes on with what it was to run. */
import Module from 'node:module';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { leadThisWorker } from './guest.js';
import { HANDED, type Handed } from './messages.js';

const handed = getEnvironmentData(HANDED) as unknown as Handed | undefined;
if (handed !== undefined) {
  // Workers that this one starts are handed their own.
  setEnvironmentData(HANDED, undefined as never);
  const { port, main, prefix, own, blocked } = handed;
  leadThisWorker(port, own, blocked);
  if (main !== undefined) {
    process.argv[1] = main;
    (Module as unknown as { runMain(path: string): void }).runMain(main);
  } else {
    forget(prefix);
  }
}

/** The code is what it was given. */
function forget(prefix: number): void {
  const { value, ...as } = Object.getOwnPropertyDescriptor(process, '_eval') ?? {};
  if (typeof value === 'string') Object.defineProperty(process, '_eval', { ...as, value: value.slice(prefix) });
}
