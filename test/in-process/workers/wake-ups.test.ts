/** Workers that wait (`Atomics.wait`), as they come to when this thread has woken them up. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import type { Blocked } from '../../../src/in-process/workers/messages.js';
import { isBlocked, WakeUps } from '../../../src/in-process/workers/wake-ups.js';

/** A thread that waits, and says so as workers that are routed do. */
async function waiting(signal: Int32Array<SharedArrayBuffer>): Promise<{ worker: Worker; blocked: Blocked }> {
  const blocked: Blocked = new Int32Array(new SharedArrayBuffer(8));
  const code = `
    const { workerData: { signal, blocked } } = require('node:worker_threads');
    for (;;) {
      Atomics.store(blocked, 0, 1);
      const ended = Atomics.wait(signal, 0, 0, 60_000);
      Atomics.store(blocked, 0, 0);
      if (ended === 'ok') Atomics.add(blocked, 1, 1);
    }`;
  const worker = new Worker(code, { eval: true, workerData: { signal, blocked } });
  onTestFinished(async () => void (await worker.terminate()));
  await once(worker, 'online');
  return { worker, blocked };
}

const signalOf = (): Int32Array<SharedArrayBuffer> => new Int32Array(new SharedArrayBuffer(4));

/** Wakes up exactly one thread, as soon as one waits. */
async function wakeOne(signal: Int32Array): Promise<void> {
  while (Atomics.notify(signal, 0, 1) === 0) await new Promise((resolve) => setImmediate(resolve));
}

function watched(...workers: readonly Blocked[]): WakeUps {
  const wakeUps = new WakeUps();
  for (const worker of workers) wakeUps.add(worker);
  onTestFinished(wakeUps.watch());
  return wakeUps;
}

test('a worker that was woken up is waited for until it has come to', async () => {
  const signal = signalOf();
  const { blocked } = await waiting(signal);
  const wakeUps = watched(blocked);
  for (let count = 1; count <= 20; count++) {
    await wakeOne(signal);
    await wakeUps.settled();
    expect(Atomics.load(blocked, 1)).toBe(count);
  }
});

test('workers that wait on, and were not woken up, are not waited for', async () => {
  const idle = signalOf();
  const signal = signalOf();
  const [{ blocked: other }, { blocked }] = await Promise.all([waiting(idle), waiting(signal)]);
  const wakeUps = watched(other, blocked);
  await wakeUps.settled();
  await wakeOne(signal);
  await wakeUps.settled();
  expect([Atomics.load(other, 1), Atomics.load(blocked, 1)]).toEqual([0, 1]);
});

test('threads of somebody else that are woken up are waited for once', async () => {
  const idle = signalOf();
  const foreign = signalOf();
  const [{ blocked }] = await Promise.all([waiting(idle), waiting(foreign)]);
  while (!isBlocked(blocked)) await new Promise((resolve) => setImmediate(resolve));
  const wakeUps = watched(blocked);
  let waits = 0;
  for (let count = 0; count < 3; count++) {
    await wakeOne(foreign);
    let turned = false;
    setImmediate(() => setImmediate(() => (turned = true)));
    await wakeUps.settled();
    if (turned) waits += 1;
  }
  expect(waits).toBe(1);
});

test('Atomics.notify is as it was when nobody watches any more', () => {
  const before = Object.getOwnPropertyDescriptor(Atomics, 'notify');
  const undo = new WakeUps().watch();
  undo();
  expect(Object.getOwnPropertyDescriptor(Atomics, 'notify')).toEqual(before);
});
