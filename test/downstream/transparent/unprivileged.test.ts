/** Where there is no root, everybody may still be root of a user namespace: there the tests run that need one. */
import { expect, test } from 'vitest';
import { commandFile, root } from '../../../scripts/command.mjs';
import { run } from '../../tools.js';

const FILES = ['kernel', 'one-port', 'processes'].map((name) => `test/downstream/transparent/${name}.test.ts`);

test('redirected clients are served in a user namespace', { timeout: 300_000 }, async (ctx) => {
  if (process.getuid?.() === 0) ctx.skip('root runs these tests as they are');
  const isolate = ['--user', '--map-root-user', '--net'];
  const { code, stderr } = await run('unshare', [...isolate, 'true']).catch((cause) => ({
    code: 1,
    stderr: `${cause}`,
  }));
  if (code !== 0) ctx.skip(`the kernel allows no user namespace: ${stderr.trim()}`);
  const vitest = [commandFile('vitest', 'vitest'), 'run', ...FILES];
  const result = await run('unshare', [...isolate, process.execPath, ...vitest], { cwd: root, timeout: 280_000 });
  expect(result.code, `${result.stdout}${result.stderr}`).toBe(0);
});
