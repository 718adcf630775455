// @ts-check
/** The cost until the first request is through: import, start, the first contact with a host. */
import { join } from 'node:path';
import { root } from '../../scripts/command.mjs';
import { importTimes } from '../import.mjs';
import { CORES, Started } from '../machine/processes.mjs';
import { median, quantile } from '../measure/statistics.mjs';
import { add, sideBySide } from './side-by-side.mjs';

/** @typedef {import('../machine/bench.mjs').Bench} Bench */
/** @typedef {import('../measure/result.mjs').Result} Result */
/** @typedef {import('../measure/result.mjs').Row} Row */

export const startStop = {
  name: 'start-stop',
  /**
   * @param {Bench} bench
   * @returns {Promise<Result>}
   */
  async run(bench) {
    /** @type {Row[]} */
    const rows = ['waylay', 'mockttp'].filter((name) => bench.takesPart(name)).map((name) => ({ name, figures: {} }));
    for (let round = 0; round < bench.rounds; round += 1) {
      for (const row of rows) {
        const file = join(root, 'bench/subjects/lifecycle.mjs');
        const subject = new Started(CORES.proxy, process.execPath, [file, row.name]);
        const { times } = await subject.told(120);
        await subject.stop();
        add(row, 'median ms', median(times));
        add(row, 'p95 ms', quantile(times, 0.95));
      }
    }
    return { name: 'start-stop', title: 'Start and stop, warm', rows, goals: [{ below: 3 }] };
  },
};

export const importing = {
  name: 'import',
  /**
   * @param {Bench} bench
   * @returns {Promise<Result>}
   */
  async run(bench) {
    const rows = importTimes(bench.rounds * 3)
      .filter(({ times }) => times.length > 0)
      .map(({ name, times }) => ({
        name: name === "import 'waylay'" ? 'waylay' : name,
        figures: { ms: times.map(({ elapsed }) => elapsed), 'CPU ms': times.map(({ used }) => used) },
      }));
    const goals = [{ above: 'nothing (ESM)', below: 100 }];
    const notes = ['Milliseconds from the start of Node to its end, with nothing else in it.'];
    return { name: 'import', title: "import 'waylay'", rows, goals, notes };
  },
};

export const newHost = {
  name: 'new-host',
  /**
   * @param {Bench} bench
   * @returns {Promise<Result>}
   */
  async run(bench) {
    const title = 'The first request to a host: connection, CONNECT, handshake, certificate, answer';
    const job = /** @type {const} */ ({ kind: 'forward', anyHost: true });
    const entries = ['direct', 'prototype', 'before', 'waylay', 'mockttp'].map((name) => ({ name, job }));
    const load = /** @type {const} */ ({
      kind: 'handshakes',
      host: '*.bench.test',
      connections: 1,
      latencies: true,
      requests: 100,
      request: { path: '/1k' },
    });
    const { rows, notes } = await sideBySide(bench, entries, load);
    notes.push('mockttp forwards all names to one, which spares it the DNS that does not have them.');
    return { name: 'new-host', title, rows, notes, goals: [{ column: 'p50 ms', above: 'direct', below: 5 }] };
  },
};
