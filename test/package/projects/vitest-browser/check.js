/** The run in a browser has to fail, with one sentence. */
import { spawnSync } from 'node:child_process';

const { status, stdout, stderr } = spawnSync('npx', ['vitest', 'run'], { encoding: 'utf8' });
const output = stdout + stderr;
const sentence =
  /Waylay runs in Node, and this file runs in a browser, in Vitest's browser mode\. Run what uses waylay/;
if (status !== 1 || !sentence.test(output) || output.includes('BlockList')) {
  throw new Error(`${output}\nThe run ended with ${status}, and not with the sentence that was expected.`);
}
