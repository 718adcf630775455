// @ts-check
/** Growth of cost with the work. */
import { join } from 'node:path';
import { root } from '../../scripts/command.mjs';
import { CORES, Started } from '../machine/processes.mjs';
import { exponent } from '../measure/statistics.mjs';

/** @typedef {import('../machine/bench.mjs').Bench} Bench */
/** @typedef {import('../measure/result.mjs').Plot} Plot */

/** Steeper than this is more than linear; the rest is what measurements are off by. */
const LINEAR = 1.15;

export const growth = {
  name: 'growth',
  /**
   * @param {Bench} bench
   * @returns {Promise<import('../measure/result.mjs').Result>}
   */
  async run(bench) {
    /** @type {Plot[]} */
    const plots = [
      await connections(bench),
      await hosts(bench),
      await rules(bench),
      await bodySizes(bench),
      await journal(),
    ];
    const rows = plots.flatMap(({ file, lines }) =>
      lines.map(({ name, points }) => ({
        name: lines.length === 1 ? file : `${file}: ${name}`,
        figures: { exponent: [exponent(points)] },
      })),
    );
    return {
      name: 'growth',
      title: 'Growth',
      rows,
      plots,
      goals: rows.map(({ name }) => ({ of: name, below: LINEAR })),
      notes: ['The exponent n of cost = a × work ^ n: 1 is linear, below is better.'],
    };
  },
};

/**
 * A proxy for each amount of work, warmed by a part of it.
 *
 * @param {Bench} bench
 * @param {readonly number[]} amounts
 * @param {(amount: number) => { job?: import('../contestants/contestant.mjs').Job, load: Parameters<Bench['load']>[1] }} plan
 * @param {(cpu: number, requests: number) => number} cost
 * @returns {Promise<[number, number][]>}
 */
async function measured(bench, amounts, plan, cost) {
  /** @type {[number, number][]} */
  const points = [];
  for (const amount of amounts) {
    const { job, load } = plan(amount);
    const started = await bench.contestant('waylay', job);
    if (started === undefined) throw new Error('Waylay does not take part.');
    await bench.load(started, load);
    const { cpu, requests } = await bench.load(started, load);
    points.push([amount, Math.max(0.001, cost(cpu, requests))]);
    await started.stop();
  }
  return points;
}

/**
 * @param {Bench} bench
 * @returns {Promise<Plot>}
 */
async function connections(bench) {
  const plan = (/** @type {number} */ amount) => ({
    load: /** @type {const} */ ({
      kind: 'handshakes',
      connections: amount,
      requests: amount,
      request: { path: '/1k' },
    }),
  });
  const points = await measured(bench, [16, 64, 256, 1024], plan, (cpu, requests) => (cpu * requests) / 1000);
  const lines = [{ name: 'waylay', points }];
  return { file: 'connections', title: 'New connections, all at once', x: 'connections', y: 'CPU ms in all', lines };
}

/**
 * @param {Bench} bench
 * @returns {Promise<Plot>}
 */
async function hosts(bench) {
  const plan = (/** @type {number} */ amount) => ({
    job: /** @type {const} */ ({ kind: 'forward', anyHost: true }),
    load: /** @type {const} */ ({
      kind: 'handshakes',
      host: '*.bench.test',
      connections: 4,
      requests: amount,
      request: { path: '/1k' },
    }),
  });
  const points = await measured(bench, [16, 64, 256, 1024], plan, (cpu, requests) => (cpu * requests) / 1000);
  return { file: 'hosts', title: 'New hosts', x: 'hosts', y: 'CPU ms in all', lines: [{ name: 'waylay', points }] };
}

/**
 * @param {Bench} bench
 * @returns {Promise<Plot>}
 */
async function rules(bench) {
  const plan = (/** @type {number} */ amount) => ({
    job: /** @type {const} */ ({ kind: 'stub', rules: amount }),
    load: /** @type {const} */ ({ kind: 'http1', seconds: Math.min(bench.seconds, 1.5), request: { path: '/stub' } }),
  });
  const points = await measured(bench, [1, 8, 64, 256, 1024], plan, (cpu) => cpu);
  const lines = [{ name: 'waylay', points }];
  return {
    file: 'rules',
    title: 'Stubs, of which the last looked at matches',
    x: 'stubs',
    y: 'CPU µs a request',
    lines,
  };
}

/**
 * @param {Bench} bench
 * @returns {Promise<Plot>}
 */
async function bodySizes(bench) {
  const paths = ['1k', '4k', '16k', '64k', '256k', '1m', '4m', '16m'];
  const bytes = (/** @type {number} */ at) => 1024 * 4 ** at;
  /** @type {[number, number][]} */
  const points = [];
  for (const [at, path] of paths.entries()) {
    const load = /** @type {const} */ ({ kind: 'http1', connections: 4, request: { path: `/${path}` } });
    const seconds = Math.min(bench.seconds, 1.5);
    const [[, cost = 0] = []] = await measured(
      bench,
      [at],
      () => ({ load: { ...load, seconds } }),
      (cpu) => cpu,
    );
    points.push([bytes(at), cost]);
  }
  const lines = [{ name: 'waylay', points }];
  return { file: 'body-size', title: 'Bodies', x: 'bytes of the body', y: 'CPU µs a request', lines };
}

/** @returns {Promise<Plot>} */
async function journal() {
  const subject = new Started(CORES.proxy, process.execPath, [join(root, 'bench/subjects/journal.mjs')]);
  const { lines } = await subject.told(300);
  await subject.stop();
  return {
    file: 'journal',
    title: 'Reading the journal',
    x: 'exchanges in it',
    y: 'CPU ms',
    lines: Object.entries(lines).map(([name, points]) => ({ name, points })),
  };
}
