/** The start of a worker thread that is routed: it gets ready, and goes on with what it was to run. */
import Module from 'node:module';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { START_DATA_KEY, type StartData } from './messages.js';
import { routeThisWorker } from './this-worker.js';

const startData = getEnvironmentData(START_DATA_KEY) as unknown as StartData | undefined;
if (startData !== undefined) {
  // Workers that this one starts are handed their own.
  setEnvironmentData(START_DATA_KEY, undefined as never);
  const { port, main, prefix, own, blocked } = startData;
  routeThisWorker(port, own, blocked);
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
