import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commandFile, node, quietly, reason } from '../../scripts/command.mjs';

test.each([
  ['typescript', 'tsc'],
  ['vitest', 'vitest'],
  ['@biomejs/biome', 'biome'],
  ['@playwright/test', 'playwright'],
])('commandFile finds %s', (packageName, command) => {
  expect(existsSync(commandFile(packageName, command))).toBe(true);
});

test('node hands on the exit code and the environment', async () => {
  expect(await node(['-e', 'process.exit(Number(process.env.WANTED))'], { WANTED: '7' })).toBe(7);
});

test('node turns an end by a signal into a failure', async () => {
  expect(await node(['-e', 'process.kill(process.pid, "SIGKILL")'])).not.toBe(0);
});

test('quietly says nothing of a program that ends well', async () => {
  const script = 'console.log("noise"); process.exit(process.env.WANTED === "yes" ? 0 : 1)';
  const options = { timeout: 10_000, env: { WANTED: 'yes' } };
  expect(await quietly(process.execPath, ['-e', script], options)).toBeUndefined();
});

test('quietly gives the line that says why', async () => {
  const script = 'console.error("one\\nError: no route\\n  at somewhere"); process.exit(3)';
  expect(await quietly(process.execPath, ['-e', script], { timeout: 10_000 })).toBe('no route');
});

test('quietly gives the exit code of a program that says nothing', async () => {
  expect(await quietly(process.execPath, ['-e', 'process.exit(3)'], { timeout: 10_000 })).toBe('exit code 3');
});

test('quietly ends what takes too long, with the programs it started', async () => {
  const child = 'setInterval(() => {}, 1000)';
  // The grandchild holds the pipes: the promise settles only when that one has ended as well.
  const script = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' }); ${child}`;
  expect(await quietly(process.execPath, ['-e', script], { timeout: 500 })).toBe('no end within 0.5 s');
});

test('quietly gives the reason why a program does not start', async () => {
  expect(await quietly('waylay-no-such-program', [], { timeout: 10_000 })).toContain('ENOENT');
});

test.each([
  ['E: Unable to locate package chromium\n', 'Unable to locate package chromium'],
  ['Reading lists\nE: first\nE: second\n', 'first'],
  ['Done with errors\nsee above\n\n', 'see above'],
  ['', undefined],
])('reason of %j is %j', (output, expected) => {
  expect(reason(output)).toBe(expected);
});
