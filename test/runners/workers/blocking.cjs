/** A worker whose answer another thread waits for without doing anything else. */
const { workerData } = require('node:worker_threads');
const { ask } = require('./clients.cjs');

const { ask: what, shared } = workerData;
ask(what).then((said) => {
  const bytes = Buffer.from(JSON.stringify(said));
  new Uint8Array(shared).set(bytes, 8);
  const state = new Int32Array(shared, 0, 2);
  state[1] = bytes.length;
  Atomics.store(state, 0, 1);
  Atomics.notify(state, 0);
});
