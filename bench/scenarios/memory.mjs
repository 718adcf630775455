// @ts-check
/** Memory that stays: of large transfers, and of many exchanges. */

import { BLOCK } from '../load/exchange.mjs';
import { resident } from '../machine/processes.mjs';
import { add } from './side-by-side.mjs';

/** @typedef {import('../machine/bench.mjs').Bench} Bench */
/** @typedef {import('../measure/result.mjs').Result} Result */
/** @typedef {import('../measure/result.mjs').Row} Row */

const SIZE = 300 * 2 ** 20;

export const transfers = {
  name: 'transfers',
  /**
   * @param {Bench} bench
   * @returns {Promise<Result>}
   */
  async run(bench) {
    /** @type {Row[]} */
    const rows = [];
    /** @type {string[]} */
    const notes = [];
    const directions = /** @type {const} */ ([
      ['down', { path: `/stream/${SIZE}` }],
      ['up', { method: 'POST', path: '/upload', blocks: SIZE / BLOCK.length }],
    ]);
    for (const name of ['waylay', 'prototype', 'mockttp', 'http-mitm-proxy', 'mitmproxy']) {
      if (!bench.takesPart(name)) continue;
      const row = { name, figures: {} };
      rows.push(row);
      for (const [direction, request] of directions) {
        // Each is a process of its own, and much the same.
        for (let round = 0; round < Math.min(bench.rounds, 2); round += 1) {
          const started = await bench.contestant(name, { kind: 'forward' }, bench.node);
          if (started === undefined) continue;
          try {
            // Memory of code and pools is no growth.
            await bench.load(started, { kind: 'http1', requests: 2000, request: { path: '/16k' } }, bench.node);
            const before = resident(started.pid);
            let most = before;
            const sampling = setInterval(() => (most = Math.max(most, resident(started.pid))), 20);
            const once = /** @type {const} */ ({ kind: 'http1', connections: 1, requests: 1, cold: true });
            const { seconds } = await bench.load(started, { ...once, request }, bench.node).finally(() => {
              clearInterval(sampling);
            });
            add(row, `${direction}: MiB more`, Math.max(0.1, most - before));
            add(row, `${direction}: MiB/s`, SIZE / 2 ** 20 / seconds);
          } catch (error) {
            notes.push(`${name}, ${direction}: ${/** @type {Error} */ (error).message}`);
          }
          await started.stop();
        }
      }
    }
    const goals = ['down', 'up'].map((direction) => ({ column: `${direction}: MiB more`, below: 40 }));
    const title = '300 MiB through one connection: the most memory while it passes, less that before';
    return { name: 'transfers', title, rows, notes, goals };
  },
};

const STEP = 10_000;
const ALL = 100_000;

export const exchanges = {
  name: 'exchanges',
  /**
   * @param {Bench} bench
   * @returns {Promise<Result>}
   */
  async run(bench) {
    /** @type {Row[]} */
    const rows = [];
    /** @type {import('../measure/result.mjs').Plot['lines']} */
    const memory = [];
    /** @type {import('../measure/result.mjs').Plot['lines']} */
    const work = [];
    for (const name of ['waylay', 'prototype']) {
      const started = await bench.contestant(name);
      if (started === undefined) continue;
      /** @type {Row} */
      const row = { name, figures: {} };
      rows.push(row);
      /** @type {[number, number][]} */
      const held = [];
      /** @type {[number, number][]} */
      const spent = [];
      let sum = 0;
      for (let count = STEP; count <= ALL; count += STEP) {
        const { cpu } = await bench.load(started, { kind: 'http1', requests: STEP, request: { path: '/1k' } });
        sum += (cpu * STEP) / 1000;
        const now = resident(started.pid);
        held.push([count, now]);
        spent.push([count, sum]);
        if (count === 2 * STEP || count === ALL) add(row, `MiB after ${count.toLocaleString('en-US')}`, now);
      }
      memory.push({ name, points: held });
      work.push({ name, points: spent });
      await started.stop();
    }
    return {
      name: 'exchanges',
      title: '100,000 exchanges in one test: what stays in memory of them',
      rows,
      notes: ['The journal keeps the last 10,000 exchanges, by default.'],
      plots: [
        { file: 'exchanges-memory', title: 'Memory', x: 'exchanges so far', y: 'MiB', lines: memory },
        { file: 'exchanges', title: 'Exchanges', x: 'exchanges so far', y: 'CPU ms in all', lines: work },
      ],
    };
  },
};
