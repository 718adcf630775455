/** Run by a Jest of its own: one of these fails, and is to. */
const { useWaylay } = require('waylay/jest');
const { Worker } = require('node:worker_threads');
const { Worker: Pool } = require('jest-worker');
const { Piscina } = require('piscina');
const { scenarios } = require('./scenarios.cjs');

const pool = new Pool(require.resolve('./clients.cjs'), { enableWorkerThreads: true, numWorkers: 1 });
const others = [{ run: (what) => pool.ask(what), end: () => pool.end() }];
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
