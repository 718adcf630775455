/** Workers of many kinds, each described by itself. */
const { once } = require('node:events');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const threads = require('node:worker_threads');

const DESCRIBE = `
  const threads = await import('node:worker_threads');
  threads.parentPort.postMessage({
    argv: process.argv.slice(1),
    execArgv: process.execArgv,
    env: { A: process.env.A, WITH: process.env.WITH, options: process.env.NODE_OPTIONS },
    evaluated: process._eval,
    workerData: threads.workerData,
    environmentData: threads.getEnvironmentData('from the test'),
    limits: threads.resourceLimits,
    isMainThread: threads.isMainThread,
    globals: Object.getOwnPropertyNames(globalThis).sort(),
    warnings: process.noDeprecation,
  });
`;
const classic = (before = '') => `${before}(async () => {${DESCRIBE}})()`;

const file = join(__dirname, 'describing.cjs');
const kinds = {
  'a file': [file],
  'a file by its URL': [pathToFileURL(file)],
  'a module': [join(__dirname, 'describing.mjs')],
  code: [classic(), { eval: true }],
  'strict code': [
    classic("/* first */ 'use strict'; if ((function () { return this; })()) throw new Error('sloppy');"),
    { eval: true },
  ],
  'sloppy code': [classic("if (!(function () { return this; })()) throw new Error('strict');"), { eval: true }],
  'a data URL': [new URL(`data:text/javascript,${encodeURIComponent(DESCRIBE)}`)],
  'a data URL in base64': [new URL(`data:text/javascript;base64,${Buffer.from(DESCRIBE).toString('base64')}`)],
  arguments: [file, { argv: ['--one', 'two'] }],
  data: [file, { workerData: { cups: new Map([['a', 1n]]) } }],
  'options of Node': [file, { execArgv: ['--no-deprecation', '--conditions=test'] }],
  'no options of Node': [file, { execArgv: [] }],
  'an environment': [file, { env: { WITH: 'env', NODE_OPTIONS: '--no-deprecation' } }],
  'the environment of all': [file, { env: threads.SHARE_ENV }],
  limits: [file, { resourceLimits: { maxOldGenerationSizeMb: 96, stackSizeMb: 2 } }],
  'what cannot be found': [join(__dirname, 'nowhere.cjs')],
  'code that throws': ["\n\nthrow new TypeError('by the code')", { eval: true }],
  'code that cannot be read': ['\n\n  const = 1', { eval: true }],
};

/** @returns {Promise<Record<string, unknown>>} what each says of itself, or fails with */
exports.describeWorkers = async () => {
  threads.setEnvironmentData('from the test', { of: 'the test' });
  const described = {};
  for (const [name, [what, options]] of Object.entries(kinds)) {
    const worker = new threads.Worker(what, options);
    described[name] = await once(worker, 'message').then(
      ([said]) => said,
      (error) => ({
        name: error.name,
        message: error.message,
        code: error.code,
        at: /:(\d+)(:\d+)?\)?$/m.exec(error.stack)?.[1],
      }),
    );
    await worker.terminate();
  }
  return described;
};

// Prints, as a program, what they say without Waylay.
if (require.main === module) {
  exports
    .describeWorkers()
    .then((described) => process.stdout.write(require('node:v8').serialize(described).toString('base64')));
}
