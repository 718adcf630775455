import type { MessagePort } from 'node:worker_threads';
import { receiveMessageOnPort } from 'node:worker_threads';
import { lingeringRoutes, onRoutesChanged, openRoutes, type ReportStray } from '../routes.js';
import { Bridge } from './bridge.js';
import { HostedWorker } from './hosted-worker.js';
import type { Blocked, FromWorker, SentRoute } from './messages.js';
import { routeStartedWorkers } from './route-started-workers.js';
import { WakeUps } from './wake-ups.js';

const workers = new Map<MessagePort, HostedWorker>();
const wakeUps = new WakeUps();
let bridge: Bridge | undefined;
let users = 0;
let unwatch: (() => void) | undefined;

/**
 * Routes the worker threads that this thread starts from now on, and those that they start: to the proxy of the test that runs
 * when they connect, however long they have been there. Returns what undoes it; workers that were started go on being routed.
 *
 * @param report gets what a worker says of requests that went past
 */
export function routeWorkers(report: ReportStray): () => void {
  users += 1;
  unwatch ??= watch(report);
  onRoutesChanged(announce);
  let undone = false;
  return () => {
    if (undone) return;
    undone = true;
    users -= 1;
    if (users > 0) return;
    unwatch?.();
    unwatch = undefined;
  };
}

function watch(report: ReportStray): () => void {
  const undoWakeUps = wakeUps.watch();
  const undoStarted = routeStartedWorkers((port, blocked) => host(port, blocked, report));
  return () => {
    undoStarted();
    undoWakeUps();
  };
}

/** Reads what workers have said by now. */
export function readWorkerMessages(): void {
  for (const [port, worker] of workers) {
    for (let said = receiveMessageOnPort(port); said !== undefined; said = receiveMessageOnPort(port)) {
      worker.receive(said.message as FromWorker);
    }
  }
}

/** Resolves when what the workers were told by now has had its turns there. */
export async function workersTurn(): Promise<void> {
  await wakeUps.settled();
  await Promise.all([...workers.values()].map((worker) => worker.turn()));
}

function host(port: MessagePort, blocked: Blocked, report: ReportStray): void {
  const worker = new HostedWorker(port, blocked, {
    report,
    bridge: () => (bridge ??= new Bridge()),
    adopt: (other, itsBlocked) => host(other, itsBlocked, report),
  });
  workers.set(port, worker);
  wakeUps.add(blocked);
  port.on('message', (message: FromWorker) => worker.receive(message));
  port.once('close', () => {
    workers.delete(port);
    wakeUps.delete(blocked);
    worker.close();
  });
  // It is no reason for this thread to go on.
  port.unref();
  worker.send({ kind: 'routes', routes: routes() });
}

function announce(): void {
  const open = routes();
  for (const worker of workers.values()) worker.send({ kind: 'routes', routes: open });
  if (open.length > 0 || lingeringRoutes().size > 0) return;
  bridge?.close();
  bridge = undefined;
}

function routes(): SentRoute[] {
  return [...openRoutes()].map(({ id, concurrent, proxy: { host, port, caPem, trustedRoots } }) => ({
    ...{ id, concurrent, host, port, caPem, trustedRoots },
  }));
}
