// @ts-check
/**
 * The cost of importing an entry of the built package: the median of starts of Node that import it, less the median of
 * starts that import nothing, measured in turns.
 *
 *   npm run build && npm run bench:import
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../scripts/command.mjs';
import { isCommand } from './machine/command.mjs';
import { median } from './measure/statistics.mjs';

const ROUNDS = 20;
/** Milliseconds for an entry without a runner. */
const GOAL = 100;

const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const entries = Object.keys(exports).filter((entry) => !entry.endsWith('.json'));

/**
 * Milliseconds from start to end, and those of a processor, which say more where the machine has other work.
 *
 * @param {string} cwd
 * @param {string} type
 * @param {string} text
 */
function start(cwd, type, text) {
  const before = performance.now();
  const last = `process.on('exit', () => { const { user, system } = process.cpuUsage(); console.log(user + system); });`;
  const args = [`--input-type=${type}`, '-e', `${text};${last}`];
  const used = execFileSync(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' });
  return { elapsed: performance.now() - before, used: Number(used) / 1000 };
}

/** @typedef {ReturnType<typeof start>} Times */

/**
 * Starts of Node that import nothing, and that import each entry; none of one that cannot be imported here.
 *
 * @param {number} rounds
 */
export function importTimes(rounds) {
  const project = mkdtempSync(join(tmpdir(), 'waylay-bench-'));
  try {
    mkdirSync(join(project, 'node_modules'));
    symlinkSync(root, join(project, 'node_modules', 'waylay'), 'junction');
    /** @type {{ name: string, type: string, text: string, times: Times[] }[]} */
    const subjects = [
      { name: 'nothing (ESM)', type: 'module', text: '', times: [] },
      { name: 'nothing (CommonJS)', type: 'commonjs', text: '', times: [] },
    ];
    for (const entry of entries) {
      const name = entry.replace('.', 'waylay');
      subjects.push({ name: `import '${name}'`, type: 'module', text: `import '${name}'`, times: [] });
      subjects.push({ name: `require('${name}')`, type: 'commonjs', text: `require('${name}')`, times: [] });
    }
    const failing = subjects.filter(({ type, text }) => {
      try {
        start(project, type, text);
        return false;
      } catch {
        return true;
      }
    });
    for (let round = 0; round < rounds; round += 1) {
      for (const subject of subjects) {
        if (!failing.includes(subject)) subject.times.push(start(project, subject.type, subject.text));
      }
    }
    return subjects;
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

if (isCommand(import.meta.url)) {
  const subjects = importTimes(ROUNDS);
  console.log(
    `Node ${process.versions.node}, median of ${ROUNDS} starts, milliseconds${' '.repeat(8)}elapsed  of a processor\n`,
  );
  for (const { name, text, type, times } of subjects) {
    if (times.length === 0) {
      console.log(`${name}: cannot be imported without its runner`);
      continue;
    }
    const nothing = subjects.find((other) => other.text === '' && other.type === type)?.times ?? [];
    const own = (/** @type {keyof Times} */ key) =>
      median(times.map((time) => time[key])) - (text === '' ? 0 : median(nothing.map((time) => time[key])));
    console.log(name.padEnd(60), own('elapsed').toFixed(0).padStart(5), own('used').toFixed(0).padStart(15));
    if (/'waylay'/.test(name) && own('elapsed') > GOAL) {
      console.log(`  More than ${GOAL}: too much, unless the machine has other work.`);
      process.exitCode = 1;
    }
  }
}
