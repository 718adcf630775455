/** Things borrowed of node:worker_threads, and of how Node starts (docs/internals.md). */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessagePort, Worker, type WorkerOptions } from 'node:worker_threads';
import { onTestFinished, test } from 'vitest';
import { httpOrigin } from '../servers.js';
import { borrowed } from './borrowed.js';

const CODE = "require('node:worker_threads').parentPort.postMessage(process._eval)";

test.each<[string, unknown, string | URL, WorkerOptions]>([
  ['code', 'classic', CODE, { eval: true }],
  ['a data: URL', /^(data-url|module)$/, new URL('data:text/javascript,0'), {}],
  ['a file', false, '', {}],
])('a worker is told what to run by a message, which can be changed: %s', async (name, kind, script, options) => {
  const holds = borrowed("Node's word to a new worker");
  const folder = mkdtempSync(join(tmpdir(), 'waylay-canary-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'worker.cjs');
  writeFileSync(file, '');
  const messages: Record<string, unknown>[] = [];
  const Base = Object.getPrototypeOf(Worker);
  const { postMessage } = MessagePort.prototype;
  let constructed = false;
  let told: unknown;
  process.once('worker', (worker) => {
    told = worker;
  });
  function posting(this: MessagePort, message: Record<string, unknown>, ...rest: []): void {
    if (message?.type === 'loadScript') messages.push(message);
    postMessage.call(this, message, ...rest);
  }
  Object.assign(MessagePort.prototype, { postMessage: posting });
  Object.setPrototypeOf(
    Worker,
    new Proxy(Base, {
      construct(target, args, newTarget) {
        constructed = true;
        return Reflect.construct(target, args, newTarget);
      },
    }),
  );
  let worker: Worker;
  try {
    worker = new Worker(script === '' ? file : script, options);
  } finally {
    Object.assign(MessagePort.prototype, { postMessage });
    Object.setPrototypeOf(Worker, Base);
  }
  onTestFinished(() => worker.terminate().then(() => {}));
  holds(constructed, 'the superclass of Worker is constructed by what it was set to');
  const [message] = messages;
  holds(messages.length === 1, 'the message `loadScript` is posted once, while a worker is constructed');
  const doEval = message?.doEval;
  holds(kind instanceof RegExp ? kind.test(String(doEval)) : doEval === kind, `its doEval says ${name}, not ${doEval}`);
  holds(typeof message?.filename === 'string', 'its filename is a path, or the code');
  const data = message?.environmentData as { entries?: unknown } | undefined;
  holds(typeof data?.entries === 'function', 'its environmentData is a Map');
  if (options.eval) {
    const [code] = (await once(worker, 'message')) as [unknown];
    holds(code === CODE, 'a worker has the code that it was given as process._eval');
  } else {
    await once(worker, 'online');
  }
  holds(told === worker, "the process emits 'worker' for it");
});

test('a worker can go on with another file by Module.runMain', async () => {
  const holds = borrowed("Node's word to a new worker");
  const worker = new Worker(
    "const { parentPort } = require('node:worker_threads'); parentPort.postMessage(typeof require('node:module').runMain)",
    { eval: true },
  );
  const [kind] = (await once(worker, 'message')) as [unknown];
  holds(kind === 'function', 'node:module has runMain');
  await worker.terminate();
});

test('Node 22 warns of its proxy by a code, and agents show their options', async () => {
  const holds = borrowed('What a child process of Node is given');
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const env = { PATH: process.env.PATH, NODE_USE_ENV_PROXY: '1', HTTP_PROXY: 'http://127.0.0.1:9' };
  const look = "process.on('warning', ({ code }) => console.log(code))";
  const code = execFileSync(process.execPath, ['-e', look], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const warns = major === 22 && minor >= 21;
  holds(code.trim() === (warns ? 'UNDICI-EHPA' : ''), `a process that is told of a proxy warns so: ${code.trim()}`);
  const { options } = http.globalAgent as http.Agent & { options?: object };
  holds(typeof options === 'object', 'http.globalAgent.options are what it was made with');
  const { port } = await httpOrigin((_request, response) => response.end());
  let given: unknown[] = [];
  class Late extends (http.Agent as unknown as new () => { createConnection(...args: unknown[]): unknown }) {
    override createConnection(...args: unknown[]): unknown {
      given = args;
      const [wanted, done] = args as [object, (error: null, socket: unknown) => void];
      setImmediate(() => done(null, super.createConnection(wanted)));
      return undefined;
    }
  }
  const request = http.get({ host: '127.0.0.1', port, agent: new Late() as unknown as http.Agent });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  response.resume();
  holds(typeof given[1] === 'function', "an agent's createConnection may make its connection later");
});

test('a thread that is woken up is one of those that Atomics.notify counts, and its wait is over with ok', async () => {
  const holds = borrowed('`Atomics.wait` and `Atomics.notify`');
  const signal = new Int32Array(new SharedArrayBuffer(4));
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    parentPort.postMessage(Atomics.wait(workerData, 0, 0));`;
  const worker = new Worker(code, { eval: true, workerData: signal });
  const said = once(worker, 'message');
  let woken = 0;
  while (woken === 0) {
    woken = Atomics.notify(signal, 0);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const [ended] = await said;
  holds(woken === 1, 'one thread was woken up');
  holds(ended === 'ok', 'its wait was over with ok');
});
