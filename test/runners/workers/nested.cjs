/** A worker that has another one ask. */
const { join } = require('node:path');
const { Worker, parentPort, workerData } = require('node:worker_threads');

new Worker(join(__dirname, 'asking.cjs'), { workerData }).once('message', (said) => parentPort.postMessage(said));
