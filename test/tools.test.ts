import { describe, expect, test } from 'vitest';
import { requireTool, run, tool } from './tools.js';

describe('with tools', () => {
  test('a command on PATH is found, another is not', () => {
    expect(tool('node')).toBe(true);
    expect(tool('no-such-command-anywhere')).toBe(false);
  });

  test('a missing command skips the test, or fails it where tools are required', () => {
    const before = process.env.WAYLAY_REQUIRE_TOOLS;
    const skipped: unknown[] = [];
    const ctx = { skip: ((note: unknown) => skipped.push(note)) as never };
    try {
      delete process.env.WAYLAY_REQUIRE_TOOLS;
      requireTool(ctx, 'no-such-command-anywhere');
      expect(skipped).toEqual(['needs no-such-command-anywhere, which is not on PATH']);
      process.env.WAYLAY_REQUIRE_TOOLS = '1';
      expect(() => requireTool(ctx, 'no-such-command-anywhere')).toThrow('WAYLAY_REQUIRE_TOOLS');
      requireTool(ctx, 'node');
      expect(skipped).toHaveLength(1);
    } finally {
      if (before === undefined) delete process.env.WAYLAY_REQUIRE_TOOLS;
      else process.env.WAYLAY_REQUIRE_TOOLS = before;
    }
  });

  test('output, exit code, input and environment pass through', async () => {
    const script =
      'process.stdin.pipe(process.stdout); process.stderr.write(process.env.X ?? ""); process.exitCode = 3';
    expect(await run('node', ['-e', script], { input: 'in', env: { X: 'x' } })).toEqual({
      code: 3,
      stdout: 'in',
      stderr: 'x',
    });
  });

  test('a program that does not end is killed', async () => {
    const script = 'process.stdout.write("pid " + process.pid); setInterval(() => {}, 1000)';
    const error: Error = await run('node', ['-e', script], { timeout: 2500 }).then(
      () => expect.unreachable(),
      (reason) => reason,
    );
    expect(error.message).toContain('did not end within 2500 ms');
    const pid = Number(/pid (\d+)$/.exec(error.message)?.[1]);
    expect(pid).toBeGreaterThan(0);
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  test('a program that cannot be started rejects', async () => {
    await expect(run('no-such-command-anywhere', [])).rejects.toThrow('ENOENT');
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
