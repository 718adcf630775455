/** A worker that describes what it was given. */
const threads = require('node:worker_threads');

threads.parentPort.postMessage({
  argv: process.argv.slice(1),
  execArgv: process.execArgv,
  env: { A: process.env.A, WITH: process.env.WITH, options: process.env.NODE_OPTIONS },
  evaluated: process._eval,
  workerData: threads.workerData,
  environmentData: threads.getEnvironmentData('from the test'),
  limits: threads.resourceLimits,
  isMainThread: threads.isMainThread,
  isMain: require.main === module,
  id: module.id,
  globals: Object.getOwnPropertyNames(globalThis).sort(),
  noDeprecation: process.noDeprecation,
});
