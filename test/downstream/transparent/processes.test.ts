/** Several networks at once, and what is left of one. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'vite';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { root } from '../../../scripts/command.mjs';
import { run } from '../../tools.js';
import { SERVERS, whyNoNetwork } from './network.js';
import { skipWithout } from './redirected.js';

const [SHOP] = SERVERS;
let folder: string;
let reason: string | undefined;

beforeAll(async () => {
  reason = await whyNoNetwork();
  folder = await mkdtemp(join(tmpdir(), 'waylay-child-'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  // A process of its own runs no TypeScript.
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: join(root, 'test/downstream/transparent/child.ts'),
      outDir: join(folder, 'built'),
      rollupOptions: { output: { entryFileNames: 'child.mjs' } },
    },
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach((ctx) => skipWithout(ctx, reason));

interface Child {
  readonly process: ChildProcessWithoutNullStreams;
  /** The router's and the client's. */
  readonly namespaces: readonly string[];
  readonly ca: string;
  ask(command: string): Promise<unknown>;
}

async function startChild(name: string, wrapper: readonly string[] = []): Promise<Child> {
  const [command = '', ...args] = [...wrapper, process.execPath, join(folder, 'built', 'child.mjs'), name];
  const child = spawn(command, args, { env: { ...process.env, TMPDIR: folder } });
  onTestFinished(() => void child.kill('SIGKILL'));
  let errors = '';
  child.stderr.on('data', (chunk) => (errors += chunk));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} ended: ${errors}`);
    return JSON.parse(value);
  };
  const { namespaces, ca } = (await answer()) as Pick<Child, 'namespaces' | 'ca'>;
  return {
    process: child,
    namespaces,
    ca,
    ask(line) {
      child.stdin.write(`${line}\n`);
      return answer();
    },
  };
}

test('two proxies at once have a network and a journal of their own each', async () => {
  const [one, two] = await Promise.all([startChild('one'), startChild('two')]);
  expect(new Set([...one.namespaces, ...two.namespaces]).size).toBe(4);
  const urls = [`http://${SHOP}/1`, `http://${SHOP}/2`, `--resolve nowhere.test:80:198.51.100.9 http://nowhere.test/`];
  const asked = await Promise.all(urls.flatMap((url) => [one.ask(`curl ${url}`), two.ask(`curl ${url}`)]));
  expect(asked).toEqual(['one', 'two', 'one', 'two', 'stub of one', 'stub of two']);
  expect(await two.ask(`curl http://${SHOP}/3`)).toBe('two');
  const both = [`http://${SHOP}/1 upstream`, `http://${SHOP}/2 upstream`, 'http://nowhere.test/ stub'];
  expect(await one.ask('journal')).toEqual(both);
  expect(await two.ask('journal')).toEqual([...both, `http://${SHOP}/3 upstream`]);
});

describe('nothing is left behind', () => {
  const ways: [how: string, code: number | null, signal: string | null, end: (child: Child) => void][] = [
    ['success', 0, null, (child) => void child.process.stdin.end()],
    ['failure', 1, null, (child) => void child.process.stdin.write('fail\n')],
    ['a killed process', null, 'SIGKILL', (child) => void child.process.kill('SIGKILL')],
  ];

  test.each(ways)('after %s', async (_, code, signal, end) => {
    const before = await named();
    const child = await startChild('one');
    expect(await child.ask(`curl http://${SHOP}/`)).toBe('one');
    expect(inhabited(child.namespaces)).toEqual(child.namespaces);
    expect(existsSync(child.ca)).toBe(true);
    const ended = once(child.process, 'exit');
    end(child);
    expect(await ended).toEqual([code, signal]);
    // The client's namespace ends with the child that held it, which reads the end of its input first.
    await expect.poll(() => inhabited(child.namespaces)).toEqual([]);
    expect(await named()).toEqual(before);
    // A killed process deletes nothing itself.
    await expect.poll(() => existsSync(dirname(child.ca))).toBe(false);
  });
});

test('redirected clients are served without root, in a user namespace', async () => {
  const child = await startChild('one', ['unshare', '--user', '--map-root-user', '--net']);
  expect(await child.ask(`curl http://${SHOP}/`)).toBe('one');
  expect(await child.ask('journal')).toEqual([`http://${SHOP}/ upstream`]);
});

/** Which of the network namespaces a process is in: one that nobody is in, and that has no name, is gone, its rules and links with it. */
function inhabited(namespaces: readonly string[]): string[] {
  const found = new Set<string>();
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      found.add(readlinkSync(`/proc/${pid}/ns/net`));
    } catch {
      // It has ended meanwhile, or is not ours to look at.
    }
  }
  return namespaces.filter((namespace) => found.has(namespace));
}

/** Lists all with a name in the network namespace of this process: namespaces, links and rules. */
async function named(): Promise<string[]> {
  const commands = [
    ['ip', 'netns', 'list'],
    ['ip', '-brief', 'link'],
    ['nft', 'list', 'ruleset'],
  ];
  return Promise.all(commands.map(async ([command = '', ...args]) => (await run(command, args)).stdout));
}
