/** Run by a Vitest of its own: one of these fails, and is to. */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Worker as Pool } from 'jest-worker';
import { Piscina } from 'piscina';
import { Tinypool } from 'tinypool';
import { afterAll, describe, test } from 'vitest';
import { expect, useWaylay } from 'waylay/vitest';
import { scenarios } from './scenarios.cjs';

const file = (name) => join(import.meta.dirname, name);
const tiny = new Tinypool({ filename: file('pooled.cjs'), minThreads: 1, maxThreads: 1, idleTimeout: 600_000 });
const pool = new Pool(file('clients.cjs'), { enableWorkerThreads: true, numWorkers: 1 });
const others = [
  { run: (what) => tiny.run(what), end: () => tiny.destroy() },
  { run: (what) => pool.ask(what), end: () => pool.end() },
];

scenarios({
  others,
  test,
  describe,
  expect,
  afterAll,
  useWaylay,
  Piscina,
  ImportedWorker: Worker,
  node: process.execPath,
});

describe('a worker', () => {
  useWaylay();

  test('that this thread waits for without doing anything is told so', () => {
    const shared = new SharedArrayBuffer(4096);
    const ask = { client: 'node', url: 'https://nowhere.test/a' };
    const worker = new Worker(join(import.meta.dirname, 'blocking.cjs'), { workerData: { ask, shared } });
    worker.unref();
    Atomics.wait(new Int32Array(shared), 0, 0);
    const length = new Int32Array(shared)[1];
    expect(JSON.parse(String(Buffer.from(shared, 8, length)))).toMatchObject({
      code: 'WAYLAY_BLOCKED',
      message: expect.stringContaining('connects to nowhere.test:443'),
    });
  });
});

describe.concurrent('of tests at once,', () => {
  const waylay = useWaylay();
  const before = new Worker(file('asking.cjs'));
  before.unref();
  const url = 'http://nowhere.test/';
  const asked = async (name, worker) => {
    waylay.stubResponse(url, name);
    const said = once(worker, 'message');
    worker.postMessage({ client: 'node', url });
    return (await said)[0];
  };

  test.each(['a', 'b', 'c'])('%s is told apart', async (name) => {
    const worker = new Worker(file('asking.cjs'));
    expect(await asked(name, worker)).toBe(`200 ${name}`);
    await worker.terminate();
  });

  test('one from before is told apart', async () => {
    expect(await asked('d', before)).toMatchObject({ code: 'WAYLAY_WHOSE_REQUEST' });
    await before.terminate();
  });
});
