import { pathToFileURL } from 'node:url';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { processGlobal } from '../../runtime/realm.js';
import { ownRoute } from '../routes.js';
import { entryFile } from './entry-file.js';
import { type Blocked, START_DATA_KEY, type StartData } from './messages.js';
import { type Rewritten, type Script, watchWorkers } from './watch-workers.js';

/**
 * Has every worker thread that is started here begin with what routes it, and go on with what it was to run. It is Node's word
 * to the worker that is changed: options, arguments, environment and data are what they are. Returns what undoes it.
 *
 * @param connect gets the port to the new worker, in the turn in which it is started, and what says whether that is blocked
 */
export function routeStartedWorkers(connect: (port: MessagePort, blocked: Blocked) => void): () => void {
  return watchWorkers(
    (script) => {
      // Another copy of this library was first.
      if (script.environmentData.has(START_DATA_KEY)) return undefined;
      const entry = entryFile();
      if (entry === undefined) {
        warn(script);
        return undefined;
      }
      const { port1, port2 } = new MessageChannel();
      const blocked: Blocked = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
      connect(port1, blocked);
      return rewritten(script, entry, port2, blocked);
    },
    () => warn(undefined),
  );
}

function rewritten(script: Script, entry: string, port: MessagePort, blocked: Blocked): Rewritten {
  const { doEval, filename } = script;
  const prefix = doEval === 'classic' ? classicPrefix(filename, entry) : '';
  const startData: StartData = {
    port,
    main: doEval === false ? filename : undefined,
    prefix: prefix.length,
    own: ownRoute()?.id,
    blocked,
  };
  return {
    script: {
      ...script,
      filename:
        doEval === false ? entry : doEval === 'classic' ? prefix + filename : withImport(filename, doEval, entry),
      environmentData: new Map([...script.environmentData, [START_DATA_KEY, startData]]),
    },
    transfer: [port],
  };
}

/**
 * The module with an import before its first line. A `data:` URL is not imported by a module around it: Node from 22 on
 * crashes where a worker is ended while that waits.
 */
function withImport(module: string, kind: 'module' | 'data-url', entry: string): string {
  const load = `import ${JSON.stringify(pathToFileURL(entry).href)};`;
  if (kind === 'module') return load + module;
  const comma = module.indexOf(',') + 1;
  const [head, body] = [module.slice(0, comma), module.slice(comma)];
  if (!/;base64,$/i.test(head)) return head + encodeURIComponent(load) + body;
  const code = Buffer.from(decodeURIComponent(body), 'base64');
  return head + encodeURIComponent(Buffer.concat([Buffer.from(load), code]).toString('base64'));
}

/** The code that stands before other code, on its first line. */
function classicPrefix(code: string, entry: string): string {
  const path = JSON.stringify(entry);
  // Node takes code for a module where it can be nothing else: there is no require in that.
  const load = `process.getBuiltinModule('module').createRequire(${path})(${path});`;
  return STRICT.test(code) ? `'use strict';${load}` : load;
}

/** A directive, after blanks and comments (ECMA-262, section 11.2.1): only what comes first is one. */
const STRICT = /^(?:\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)*(['"])use strict\1/;

let warned = false;

function warn(script: Script | undefined): void {
  if (warned) return;
  warned = true;
  const what = script?.doEval === false ? ` that runs ${script.filename}` : '';
  processGlobal.process.emitWarning(
    `A worker thread was started${what} that cannot be routed to Waylay: what it requests goes past the tests. Give it env: { ...process.env, ...waylay.env() } where the test starts it, and leave the package waylay out of what is bundled.`,
    { type: 'WaylayWarning' },
  );
}
