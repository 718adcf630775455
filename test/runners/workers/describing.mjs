import { parentPort, workerData } from 'node:worker_threads';

parentPort.postMessage({ argv: process.argv.slice(1), execArgv: process.execArgv, workerData, url: import.meta.url });
