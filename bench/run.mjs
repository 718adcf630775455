// @ts-check
/**
 * Everything side by side, in one go. See README.md.
 *
 *   npm run bench
 *   npm run bench -- passthrough stub --rounds 5 --seconds 3 --with mockttp
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, freemem, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { node, root } from '../scripts/command.mjs';
import { Bench } from './machine/bench.mjs';
import { hasNginx, installPeers, versions } from './machine/peers.mjs';
import { pinned } from './machine/processes.mjs';
import { linePlot } from './measure/line-plot.mjs';
import { reportText, resultText } from './measure/report.mjs';
import { scenarios } from './scenarios/scenarios.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    against: { type: 'string' },
    with: { type: 'string', multiple: true },
    'no-build': { type: 'boolean', default: false },
  },
});
const unknown = positionals.filter((name) => !scenarios.some((scenario) => scenario.name === name));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}. There are: ${scenarios.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
const chosen = scenarios.filter(({ name }) => positionals.length === 0 || positionals.includes(name));

if (!values['no-build'] && (await node([join(root, 'scripts/build.mjs')])) !== 0) process.exit(1);
installPeers();

const bench = new Bench({
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  only: values.with,
  against: values.against && resolve(values.against),
});
/** @type {import('./measure/result.mjs').Result[]} */
const results = [];
const [busy = 0] = loadavg();
if (busy > availableParallelism()) {
  console.error(
    `The machine has other work (load ${busy.toFixed(1)}): contestants that lack time are cold, and figures jump.`,
  );
}
const circumstances = {
  made: new Date().toISOString().slice(0, 16).replace('T', ' '),
  commit: commit(),
  machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(freemem() / 2 ** 30)} GiB free, ${process.platform}`,
  'load before': busy.toFixed(1),
  cores: pinned ? 'proxy on one, load and upstream on another' : 'not held to any, so that figures jump',
  node: process.versions.node,
  ...versions(),
  upstream: hasNginx ? 'nginx; Node where uploads are read' : 'Node',
  rounds: `${values.rounds} of ${values.seconds} s; median (lowest–highest)`,
};
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
process.on('exit', () => bench.abandon());
try {
  await bench.open();
  for (const scenario of chosen) {
    const result = await scenario.run(bench);
    results.push(result);
    console.log(`\n${resultText(result)}`);
  }
} finally {
  await bench.close();
}

const whole = positionals.length === 0 && values.with === undefined;
// A part's results do not take the place of the whole.
const place = whole ? 'bench/results' : 'bench/results/part';
const folder = join(root, place);
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'latest.md'), reportText(circumstances, results));
writeFileSync(join(folder, 'latest.json'), `${JSON.stringify({ circumstances, results }, null, 2)}\n`);
for (const plot of results.flatMap(({ plots = [] }) => plots)) {
  writeFileSync(join(folder, `${plot.file}.svg`), linePlot(plot));
}
console.log(`\nWritten to ${place}/latest.md.`);

function commit() {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { cwd: root, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
