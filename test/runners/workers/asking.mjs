import { parentPort, workerData } from 'node:worker_threads';
import { ask } from './clients.cjs';

parentPort.postMessage(await ask(workerData.ask));
