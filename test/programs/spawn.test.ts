import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ProgramError, type SpawnOptions, startWaylay, type Waylay } from '../../fixtures/standalone.js';
import { SpawnedProgram } from '../../programs/spawn/program.js';

const node = process.execPath;

async function started(): Promise<Waylay> {
  const waylay = await startWaylay();
  onTestFinished(() => waylay.stop());
  return waylay;
}

/** Runs a script of Node's. */
function script(waylay: Waylay, text: string, options?: SpawnOptions) {
  return waylay.spawn(node, ['-e', text], options);
}

const rejection = (promise: PromiseLike<unknown>): Promise<ProgramError> =>
  Promise.resolve(promise).then(
    () => expect.fail('It was resolved.'),
    (error) => error,
  );

describe('a program', () => {
  test('gives exit code and output when it is awaited', async () => {
    const waylay = await started();
    expect(await script(waylay, 'console.log("out: ä"); console.error("err")')).toEqual({
      exitCode: 0,
      signal: null,
      stdout: 'out: ä\n',
      stderr: 'err\n',
      truncated: false,
    });
  });

  test('goes through the proxy and trusts it, its own NODE_OPTIONS kept', async () => {
    const waylay = await started();
    waylay.stubResponse('https://api.invalid/v1', 'stubbed');
    const text = `fetch('https://api.invalid/v1').then((r) => r.text()).then((t) => console.log(t, process.noDeprecation))`;
    const { stdout } = await script(waylay, text, { env: { NODE_OPTIONS: '--no-deprecation' } });
    expect(stdout).toBe('stubbed true\n');
    expect(waylay.exchanges.map(({ request }) => request.url)).toEqual(['https://api.invalid/v1']);
  });

  test('has the environment of the test, the variables, and its own over both', async () => {
    const waylay = await started();
    const text =
      'console.log(JSON.stringify([process.env.PATH, process.env.https_proxy, process.env.HOME, process.env.A]))';
    const { stdout } = await script(waylay, text, { env: { HOME: undefined, A: '1' } });
    expect(JSON.parse(stdout)).toEqual([process.env.PATH, waylay.url, null, '1']);
  });

  test('reads its input and runs in its folder', async () => {
    const waylay = await started();
    const cwd = new URL('../', import.meta.url);
    const text = `console.log(require('path').basename(process.cwd())); process.stdin.pipe(process.stdout)`;
    const { stdout } = await script(waylay, text, { cwd, input: 'given' });
    expect(stdout).toBe('test\ngiven');
  });

  test('has no input unless some is given', async () => {
    const waylay = await started();
    const { stdout } = await script(waylay, `process.stdin.on('end', () => console.log('end')).resume()`);
    expect(stdout).toBe('end\n');
  });

  test('keeps the end of what it writes, as much as is wanted', async () => {
    const waylay = await started();
    const text = `process.stdout.write('a'.repeat(1e6)); process.stdout.write('end')`;
    const result = await script(waylay, text, { outputLimit: 10 });
    expect(result).toMatchObject({ stdout: 'aaaaaaaend', truncated: true });
  });
});

describe('one that ends badly', () => {
  test('rejects, with the end of its output and the place in the test', async () => {
    const waylay = await started();
    const text = `for (let i = 0; i < 100; i++) console.log('line', i); console.error('no such table'); process.exitCode = 3`;
    const error = await rejection(script(waylay, text));
    expect(error).toBeInstanceOf(ProgramError);
    expect(error).toMatchObject({ code: 'WAYLAY_SPAWN', fault: 'test', result: { exitCode: 3 } });
    expect(error.message).toMatch(/ ended with exit code 3\.\n\nThe end of its output:\n\n/);
    expect(error.message).toMatch(/\n {2}line 80\n[\s\S]*\n {2}line 99\n {2}no such table$/);
    expect(error.message).not.toContain('line 79\n');
    expect(error.stack?.split('\n').find((line) => line.startsWith('    at '))).toContain('spawn.test.ts');
  });

  test('resolves where it may', async () => {
    const waylay = await started();
    const result = await script(waylay, 'process.exitCode = 3', { reject: false });
    expect(result.exitCode).toBe(3);
  });

  test.skipIf(process.platform === 'win32')('names the signal that ended it', async () => {
    const waylay = await started();
    const error = await rejection(script(waylay, `process.kill(process.pid, 'SIGINT'); setInterval(() => {}, 1e3)`));
    expect(error.message).toMatch(/ was ended by SIGINT\.\n\nIt printed nothing\.$/);
    expect(error.result).toMatchObject({ exitCode: null, signal: 'SIGINT' });
  });

  test('is a warning where nobody awaited it', async () => {
    const waylay = await started();
    const program = script(waylay, `console.error('no such table'); process.exitCode = 3`);
    const good = script(waylay, '');
    await Promise.all([once(program.process, 'close'), once(good.process, 'close')]);
    expect(waylay.warnings).toEqual([
      expect.stringMatching(/ ended with exit code 3, and was not awaited\. Its last line: no such table$/),
    ]);
    await rejection(program);
    expect(waylay.warnings).toEqual([]);
  });
});

describe('one that cannot be started', () => {
  test('says that there is no such program', async () => {
    const waylay = await started();
    const error = await rejection(waylay.spawn('waylay-no-such-program', ['--serve']));
    expect(error).toMatchObject({ code: 'WAYLAY_SPAWN', result: undefined });
    expect(error.message).toMatch(/^waylay-no-such-program --serve could not be started: there is no such program/);
    const early = await rejection(waylay.spawn('waylay-no-such-program').waitForLine('ready'));
    expect(early.message).toMatch(/could not be started.*before it printed a line with "ready" in it/);
  });

  test('says that there is no such folder', async () => {
    const waylay = await started();
    const error = await rejection(script(waylay, '', { cwd: '/no/such/folder' }));
    expect(error.message).toContain('there is no folder /no/such/folder');
  });

  test.skipIf(process.platform === 'win32')('says that the file is not executable', async () => {
    const waylay = await started();
    const folder = mkdtempSync(join(tmpdir(), 'waylay-test-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'program');
    writeFileSync(file, '#!/bin/sh\n');
    chmodSync(file, 0o600);
    expect((await rejection(waylay.spawn(file))).message).toContain('the file is not executable');
  });

  test('is a warning where nobody awaited it', async () => {
    const waylay = await started();
    await once(waylay.spawn('waylay-no-such-program').process, 'error');
    expect(waylay.warnings).toEqual([expect.stringContaining('waylay-no-such-program could not be started')]);
  });

  test.each([
    [{ timeout: -1 }, "'timeout' cannot be -1"],
    [{ killAfter: '1s' }, "'killAfter' cannot be 1s"],
    [{ outputLimit: Number.NaN }, "'outputLimit' cannot be NaN"],
  ])('for its options %j is told at once', async (options, message) => {
    const waylay = await started();
    expect(() => waylay.spawn(node, ['-v'], options as SpawnOptions)).toThrow(message);
  });
});

describe('a line', () => {
  test('is found in what is to come and in what came, of either stream, without colours', async () => {
    const waylay = await started();
    const text = `
      console.log('starting');
      process.stdin.once('data', () => process.stderr.write('\\x1b[32mlistening on port \\x1b[1m80'));
      process.stdin.once('end', () => process.stderr.write('80\\x1b[0m\\nready\\n'));`;
    const server = waylay.spawn(node, ['-e', text], { input: 'go' });
    const [, port] = await server.waitForLine(/listening on port (\d+)$/g);
    expect(port).toBe('8080');
    expect(await server.waitForLine('start')).toBe('starting');
    expect(await server.waitForLine('read')).toBe('ready');
    expect(await server.waitForLine(/listening on port (\d+)/)).toHaveLength(2);
    await server;
  });

  test('may be the last one, without its end', async () => {
    const waylay = await started();
    expect(await script(waylay, `process.stdout.write('ready')`).waitForLine(/^ready$/)).toHaveLength(1);
  });

  test('that does not come before the program ends is an error with what came', async () => {
    const waylay = await started();
    const error = await rejection(script(waylay, `console.log('EADDRINUSE')`).waitForLine('ready'));
    expect(error.message).toMatch(
      / ended with exit code 0 before it printed a line with "ready" in it\.\n\nThe end of its output:\n\n {2}EADDRINUSE$/,
    );
  });

  test('that does not come in time is an error with what came', async () => {
    const waylay = await started();
    const server = script(waylay, `console.log('starting'); setInterval(() => {}, 1e3)`);
    await server.waitForLine('starting');
    const error = await rejection(server.waitForLine(/ready/, { timeout: 1 }));
    expect(error.message).toMatch(/ printed no line that matches \/ready\/ within 1 ms\.\n[\s\S]*starting$/);
    expect(error.result).toBeUndefined();
  });
});

/** Where programs connect to; resolves with the connection once one has said hello. */
async function lifeline(): Promise<{ connect: string; connected: Promise<Socket> }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return {
    connect: `require('net').connect(${port}, '127.0.0.1').on('error', () => {});`,
    connected: once(server, 'connection').then(([socket]) => (socket as Socket).on('error', () => {}).resume()),
  };
}

describe('the end of the test', () => {
  test('ends a program that runs, which may tidy up; that is no failure', async () => {
    const waylay = await started();
    const text = `process.on('SIGTERM', () => { console.log('bye'); process.exit(7); }); setInterval(() => {}, 1e3); console.log('ready')`;
    const server = script(waylay, text);
    await server.waitForLine('ready');
    const awaited = server.then((result) => result);
    await waylay.stop();
    expect(waylay.warnings).toEqual([]);
    expect((await awaited).stdout).toBe(process.platform === 'win32' ? 'ready\n' : 'ready\nbye\n');
  });

  test('ends one that does not heed SIGTERM', async () => {
    const waylay = await started();
    const text = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1e3); console.log('ready')`;
    const server = script(waylay, text, { killAfter: 50 });
    await server.waitForLine('ready');
    await waylay.stop();
    expect(server.process.signalCode ?? server.process.exitCode).not.toBeNull();
  });

  test.each([
    ['runs', ''],
    ['has ended', 'process.exit()'],
  ])('ends what a program has started that itself %s', async (_, then) => {
    const waylay = await started();
    const { connect, connected } = await lifeline();
    // With pipes of its own, so that nothing of it holds its parent's.
    const text = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(connect)}], { stdio: 'ignore' }).unref(); ${then || 'setInterval(() => {}, 1e3)'}`;
    const program = script(waylay, text);
    const socket = await connected;
    if (then) await program;
    const closed = once(socket, 'close');
    await waylay.stop();
    await closed;
  });

  test('does not wait for one that left the group and holds the pipes', async () => {
    const waylay = await started();
    const { connect, connected } = await lifeline();
    const text = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(connect)}], { detached: true, stdio: 'inherit' }).unref()`;
    const program = script(waylay, text);
    const socket = await connected;
    await program.stop();
    // It lives; the end of its connection ends it.
    expect(socket.destroyed).toBe(false);
    socket.destroy();
  });

  test('does not wait for one that cannot be ended, and says so', async () => {
    const child = spawn(node, ['-e', 'setInterval(() => {}, 1000); console.log("up")'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    // Without its id nothing reaches it, as nothing of ours reaches what runs by sudo.
    const beyondReach = Object.create(child, { pid: { value: undefined, writable: true } });
    const settings = {
      command: 'sudo',
      cwd: undefined,
      outputLimit: 1000,
      killAfter: 1,
      timeout: undefined,
      reject: true,
      stack: undefined,
    };
    const program = new SpawnedProgram(beyondReach, settings);
    beyondReach.pid = child.pid;
    await program.end();
    expect(program.warning).toBe(`sudo was killed, and process ${child.pid} still runs: is it another user's?`);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(program.warning).toBeUndefined();
  });

  test('may come before: after a time, at the end of a block, by hand', async () => {
    const waylay = await started();
    const text = `setInterval(() => {}, 1e3); console.log('ready')`;
    const error = await rejection(script(waylay, text, { timeout: 1 }));
    expect(error.message).toMatch(/ did not end within 1 ms\./);
    const server = script(waylay, text);
    {
      await using ended = server;
      expect(ended.pid).toBeGreaterThan(0);
    }
    expect(server.process.signalCode ?? server.process.exitCode).not.toBeNull();
    expect(await server.stop()).toEqual(await server);
  });

  test('lets no program start any more', async () => {
    const waylay = await started();
    await waylay.stop();
    expect(() => waylay.spawn(node, ['-v'])).toThrow(
      /^This Waylay.s test has ended, or it was stopped, so spawn does nothing/,
    );
  });
});
