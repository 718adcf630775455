// @ts-check
/**
 * The load, a process of its own. Its argument is JSON; it says `{ "ready": true }` when all connections stand, begins
 * when it is told anything, and says what came of it.
 */

import { handshakes, http1 } from './load/http1.mjs';
import { http2 } from './load/http2.mjs';
import { quantile } from './measure/statistics.mjs';

/**
 * @typedef {object} LoadConfig
 * @property {'http1' | 'http2' | 'handshakes'} kind
 * @property {number} [proxy] its port on this machine; without it, there is none
 * @property {{ host: string, port: number }} target
 * @property {boolean} [tls] default true
 * @property {number} [connections]
 * @property {number} [streams]
 * @property {{ method?: string, path: string, body?: number, blocks?: number }} request
 * @property {number} [leadIn] seconds of the same load before it is ready
 * @property {boolean} [cold] whether connections are as good as new, without a request before
 * @property {number} [seconds] how long, or
 * @property {number} [requests] how many
 * @property {boolean} [latencies] whether each request is timed
 */

/**
 * @typedef {object} Course
 * @property {() => boolean} more whether another request is to be sent
 * @property {() => number} begin
 * @property {(since: number) => void} end
 */

/** @type {LoadConfig} */
const config = JSON.parse(process.argv[2] ?? '{}');
process.on('unhandledRejection', fail);

let [begun, ended, last] = [0, 0, Number.POSITIVE_INFINITY];
const most = config.requests ?? Number.POSITIVE_INFINITY;
/** @type {number[]} */
const latencies = [];
/** @type {Course} */
const course = {
  more: () => begun < most && performance.now() < last,
  begin() {
    begun += 1;
    return config.latencies ? performance.now() : 0;
  },
  end(since) {
    ended += 1;
    if (config.latencies) latencies.push(performance.now() - since);
  },
};

const run = await { http1, http2, handshakes }[config.kind](config);
console.log(JSON.stringify({ ready: true }));
process.stdin.once('data', async () => {
  const start = performance.now();
  if (config.seconds !== undefined) last = start + config.seconds * 1000;
  await run(course);
  const seconds = (performance.now() - start) / 1000;
  const timed = latencies.length > 0 && { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) };
  console.log(JSON.stringify({ requests: ended, seconds, ...timed }));
  process.stdin.pause();
});

/** @param {unknown} error */
function fail(error) {
  console.error(String(error));
  process.exit(1);
}
