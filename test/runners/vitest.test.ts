/** The adapter for Vitest, in runs of its own. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { root } from '../../scripts/command.mjs';
import { httpOrigin } from '../servers.js';
import { type ChildRun, runChild, sorted } from './child.js';
import { expectMisuseTold } from './misuse.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const folder = join(root, 'test', 'runners', 'vitest');
const vitest = (...args: string[]) => runChild('vitest', folder, ['run', '--config', 'vitest.config.ts', ...args]);

const passing = [
  'useWaylay answers',
  'useWaylay starts anew',
  'useWaylay goes on while time stands still',
  'useWaylay warns of an unused stub',
  'useWaylay warns of a worker that cannot be routed',
  'between all is as before',
  'with one for the file answers',
  'with one for the file is shared',
  'the fixture answers',
  'misuse of the fixture: keeps',
  'a handle says where it can be used',
];
const failing = [
  'useWaylay fails for what did not come',
  'useWaylay fails of its own, and is told of what did not come',
  'useWaylay fails beside an unused stub',
  'useWaylay says what is missing before the time of the test is over',
  'the fixture takes options',
  'misuse: a call in a test',
  'misuse: no await',
  'misuse: a matcher of something else',
  'misuse: a wrong option',
  'misuse of the fixture: one from before',
  'two one in the other are refused',
  'two with the fixture are refused',
];
const atOnce = [
  ...['a', 'b', 'c', 'd', 'e'].map((name) => `useWaylay ${name}`),
  ...['a', 'b', 'c', 'd', 'e'].map((name) => `the fixture with ${name}`),
];

describe.each(['forks', 'threads'])('in %s', (pool) => {
  let result: ChildRun;
  beforeAll(async () => {
    result = await vitest(`--pool=${pool}`);
  });

  test('each test has its own, those that run at once as well', () => {
    const { passed, failed } = sorted(result);
    expect(passed.sort()).toEqual([...passing, ...atOnce].sort());
    expect(failed.sort()).toEqual([...failing].sort());
  });

  test('a test fails for what it expected and did not get', () => {
    const { failure } = result.tests['useWaylay fails for what did not come'] ?? {};
    expect(failure).toMatch(/No request matched https:\/\/nowhere\.test\/missing by the end of the test/);
    expect(failure).toMatch(/Nearest misses[\s\S]*tests\.run\.ts/);
    // The way there leads through the adapter, which tells nobody anything.
    expect(failure).not.toContain('fixtures/vitest/');
  });

  test('a test that fails by itself says both', () => {
    const { failure } = result.tests['useWaylay fails of its own, and is told of what did not come'] ?? {};
    expect(failure).toMatch(/the test itself[\s\S]*No request matched https:\/\/nowhere\.test\/missing/);
  });

  test('expectations wait less than the test may take', () => {
    const { failure } = result.tests['useWaylay says what is missing before the time of the test is over'] ?? {};
    expect(failure).toMatch(/within 800 ms/);
  });

  test('a refused request fails the test', () => {
    expect(result.tests['the fixture takes options']?.failure).toMatch(/http:\/\/nowhere\.test\/.*refused|refused/i);
  });

  test('a second one for the same test is refused', () => {
    for (const name of ['two one in the other are refused', 'two with the fixture are refused']) {
      expect(result.tests[name]?.failure).toMatch(/This test has a Waylay already/);
    }
  });

  test('a worker that cannot be routed is warned of', () => {
    expect(result.output).toMatch(/WaylayWarning: A worker thread was started that cannot be routed to Waylay/);
  });

  test('misuse is told at its place, without frames of the package or of the runner', () => expectMisuseTold(result));

  test('a Waylay of an earlier test takes nothing more', () => {
    expect(result.tests['misuse of the fixture: one from before']?.failure).toMatch(
      /This Waylay's test has ended[^\n]* so stubResponse does nothing[\s\S]*?at .*tests\.run\.ts/,
    );
  });

  test('an unused stub is warned of', () => {
    expect(result.output).toMatch(/warns of an unused stub: No request met the stub https:\/\/nowhere\.test\/unused/);
  });

  test('a test that fails beside an unused stub shows it in the terminal, in full', () => {
    expect(result.output).toMatch(
      /fails beside an unused stub: No request met the stub https:\/\/nowhere\.test\/unused \(.*tests\.run\.[jt]s:\d+\); no request at all reached the proxy\./,
    );
  });
});

test('files that share one process leave nothing behind', async () => {
  const result = await vitest('--no-isolate', '--no-file-parallelism');
  expect(sorted(result).passed.sort()).toEqual([...passing, ...atOnce].sort());
});

test.each([['--pool=forks'], ['--pool=threads'], ['--no-isolate']])(
  'requests that outlive their tests go on as they do without Waylay, with %s',
  async (arg) => {
    const { port } = await httpOrigin(({ url }, response) => {
      if (url === '/late') setTimeout(() => response.end('late'), 1000);
      else response.end('at once');
    });
    const ELSEWHERE = `http://127.0.0.1:${port}`;
    const args = ['run', '--config', 'vitest.config.ts', arg];
    const outlive = (variables = {}) => runChild('vitest', join(folder, 'outlive'), args, { ELSEWHERE, ...variables });
    const [routed, direct] = [await outlive(), await outlive({ DIRECT: '1' })];
    expect(sorted(routed)).toEqual(sorted(direct));
    expect(sorted(routed).failed).toEqual([]);
    expect(sorted(routed).passed).toHaveLength(8);
    expect([routed.code, direct.code], routed.output).toEqual([0, 0]);
    expect(routed.output).not.toMatch(/fetch failed|ECONN|WaylayWarning|Unhandled/);
  },
);
