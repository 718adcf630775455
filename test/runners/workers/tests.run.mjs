/** Run by a Vitest of its own: one of these fails, and is to. */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { afterAll, describe, test } from 'vitest';
import { expect, useWaylay } from 'waylay/vitest';
import { scenarios } from './scenarios.cjs';

scenarios({ test, describe, expect, afterAll, useWaylay, Piscina, ImportedWorker: Worker, node: process.execPath });

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
