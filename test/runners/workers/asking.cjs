/** A worker that asks for what it is told to, one thing after the other. */
const { parentPort, workerData } = require('node:worker_threads');
const { ask } = require('./clients.cjs');

if (workerData?.ask) ask(workerData.ask).then((said) => parentPort.postMessage(said));
else parentPort.on('message', async (what) => parentPort.postMessage(await ask(what)));
