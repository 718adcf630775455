// @ts-check
/** Scenarios that are a load and nothing more. */
import { CPU, sideBySide } from './side-by-side.mjs';

/** @typedef {import('../machine/bench.mjs').Bench} Bench */
/** @typedef {import('../measure/result.mjs').Result} Result */

const ALL = ['direct', 'pipe', 'prototype', 'waylay', 'before', 'mockttp', 'http-mitm-proxy', 'mitmproxy'];
/** Those that do more than let through. */
const CHANGING = ALL.filter((name) => name !== 'direct' && name !== 'pipe');
const TLS_PEERS = [
  { than: 'mockttp', atLeast: 4 },
  { than: 'http-mitm-proxy', atLeast: 4 },
  { than: 'mitmproxy', atLeast: 9 },
];

/**
 * @typedef {object} LoadScenario
 * @property {string} name
 * @property {string} title
 * @property {string[]} [contestants] default all
 * @property {import('../contestants/contestant.mjs').Job} [job]
 * @property {Parameters<Bench['load']>[1]} load
 * @property {boolean} [node] whether the upstream has to be the one in Node
 * @property {import('../measure/result.mjs').Goal[]} [goals]
 */

/** @type {LoadScenario[]} */
const table = [
  {
    name: 'passthrough',
    title: 'HTTPS, 1 KiB, HTTP/1.1 keep-alive, 32 connections',
    load: { kind: 'http1', request: { path: '/1k' } },
    goals: [...TLS_PEERS, { than: 'prototype', atMost: 1.25 }],
  },
  {
    name: 'http2',
    title: 'HTTPS, 1 KiB, HTTP/2, 1 connection, 100 streams',
    contestants: ALL.filter((name) => name !== 'http-mitm-proxy' && name !== 'pipe'),
    load: { kind: 'http2', request: { path: '/1k' } },
    goals: [{ than: 'mockttp', atLeast: 4 }],
  },
  {
    name: 'plain',
    title: 'Plain HTTP, 1 KiB, keep-alive, 32 connections',
    load: { kind: 'http1', tls: false, request: { path: '/1k' } },
    goals: TLS_PEERS,
  },
  {
    name: 'handshakes',
    title: 'A new connection with a full handshake for each request, 8 at a time',
    load: { kind: 'handshakes', request: { path: '/1k' } },
  },
  {
    name: 'large-bodies',
    title: 'HTTPS, 1 MiB down, 8 connections',
    load: { kind: 'http1', connections: 8, request: { path: '/1m' } },
    goals: ['mockttp', 'http-mitm-proxy', 'mitmproxy'].map((than) => ({ than, atLeast: 1.5 })),
  },
  {
    name: 'uploads',
    title: 'HTTPS, 16 KiB up, 32 connections',
    load: { kind: 'http1', request: { method: 'POST', path: '/upload', body: 16_384 } },
    node: true,
  },
  {
    name: 'stub',
    title: 'Answers of a stub over HTTPS, 1 KiB, 32 connections',
    contestants: CHANGING,
    job: { kind: 'stub', rules: 1 },
    load: { kind: 'http1', request: { path: '/stub' } },
    goals: [{ than: 'mockttp', atLeast: 2.5 }],
  },
  {
    name: 'mutate',
    title: 'JSON of 1 KiB with a member changed on its way, HTTPS, 32 connections',
    contestants: CHANGING,
    job: { kind: 'mutate' },
    load: { kind: 'http1', request: { path: '/json' } },
  },
  {
    name: 'latency',
    title: 'One connection, one request at a time: what is added to each',
    load: { kind: 'http1', connections: 1, latencies: true, request: { path: '/1k' } },
  },
];

export const loadScenarios = table.map(({ name, title, contestants = ALL, job, load, node, goals = [] }) => ({
  name,
  /**
   * @param {Bench} bench
   * @returns {Promise<Result>}
   */
  async run(bench) {
    const entries = contestants.map((contestant) => ({ name: contestant, ...(job && { job }) }));
    const { rows, notes } = await sideBySide(bench, entries, load, node ? bench.node : undefined);
    return { name, title, rows, notes, goals: goals.map((goal) => ({ column: CPU, ...goal })) };
  },
}));

/** Many rules, of which the one looked at last matches. */
export const rules = {
  name: 'rules',
  /**
   * @param {Bench} bench
   * @returns {Promise<Result>}
   */
  async run(bench) {
    const entries = [
      { name: 'waylay', job: /** @type {const} */ ({ kind: 'stub', rules: 1 }) },
      { name: 'waylay, 64 rules', contestant: 'waylay', job: /** @type {const} */ ({ kind: 'stub', rules: 64 }) },
      { name: 'before, 64 rules', contestant: 'before', job: /** @type {const} */ ({ kind: 'stub', rules: 64 }) },
      { name: 'mockttp', job: /** @type {const} */ ({ kind: 'stub', rules: 1 }) },
      { name: 'mockttp, 64 rules', contestant: 'mockttp', job: /** @type {const} */ ({ kind: 'stub', rules: 64 }) },
    ];
    const load = /** @type {const} */ ({ kind: 'http1', request: { path: '/stub' } });
    const { rows, notes } = await sideBySide(bench, entries, load);
    const goals = [{ column: CPU, of: 'waylay, 64 rules', than: 'waylay', atMost: 1.1 }];
    return { name: 'rules', title: '64 stubs of which the last looked at matches, against one', rows, notes, goals };
  },
};
