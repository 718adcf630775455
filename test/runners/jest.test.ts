/** The adapter for Jest, in runs of its own, with the package as it is built. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { root } from '../../scripts/command.mjs';
import { httpOrigin } from '../servers.js';
import { run } from '../tools.js';
import { type ChildRun, runChild, sorted } from './child.js';
import { expectMisuseTold } from './misuse.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const folder = join(root, 'test', 'runners', 'jest');
// Where the package's dependencies are found, and not dist, which other tests build anew.
const built = join(root, 'node_modules', '.cache', `waylay-jest-${process.pid}`);
const jest = (args: readonly string[], variables = {}) =>
  runChild('jest', folder, args, { WAYLAY_BUILT: built, ...variables });

beforeAll(async () => {
  const { code, stdout } = await run(process.execPath, [join(root, 'scripts', 'build.mjs'), built], {
    timeout: 100_000,
  });
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
});

afterAll(() => rmSync(built, { recursive: true, force: true }));

describe('in plain CommonJS', () => {
  let result: ChildRun;
  beforeAll(async () => {
    result = await jest(['tests.run.js']);
  });

  test('each test has its own', () => {
    expect(sorted(result)).toEqual({
      passed: [
        'useWaylay answers',
        'useWaylay reads and writes text in any charset',
        'useWaylay answers fetch',
        'useWaylay starts anew',
        'useWaylay goes on while time stands still',
        'useWaylay meets true failures',
        'useWaylay warns of an unused stub',
        'is as before',
        'with one for the file answers',
        'with one for the file is shared',
      ],
      failed: [
        'useWaylay fails for what did not come',
        'useWaylay fails of its own, and is told of what did not come',
        'useWaylay fails beside an unused stub',
        'useWaylay says what is missing before the time of the test is over',
        'misuse: a call in a test',
        'misuse: no await',
        'misuse: a matcher of something else',
        'two one in the other are refused',
      ],
    });
  });

  test('a test fails for what it expected and did not get, at the place where it says so', () => {
    const { failure } = result.tests['useWaylay fails for what did not come'] ?? {};
    expect(failure).toMatch(/No request matched https:\/\/nowhere\.test\/missing by the end of the test/);
    expect(failure).toMatch(/Nearest misses[\s\S]*at .*tests\.run\.js:\d+/);
  });

  test('a test that fails by itself says both', () => {
    const { failure } = result.tests['useWaylay fails of its own, and is told of what did not come'] ?? {};
    expect(failure).toMatch(/the test itself[\s\S]*No request matched https:\/\/nowhere\.test\/missing/);
  });

  test('expectations wait less than the test may take', () => {
    const { failure } = result.tests['useWaylay says what is missing before the time of the test is over'] ?? {};
    expect(failure).toMatch(/within 4000 ms/);
  });

  test('a second one for the same test is refused', () => {
    expect(result.tests['two one in the other are refused']?.failure).toMatch(/This test has a Waylay already/);
  });

  test('misuse is told at its place, without frames of the package or of the runner', () => expectMisuseTold(result));

  test('an unused stub is warned of', () => {
    expect(result.output).toMatch(/warns of an unused stub: No request met the stub https:\/\/nowhere\.test\/unused/);
  });

  test('a test that fails beside an unused stub shows it in the terminal, in full', () => {
    expect(result.output).toMatch(
      /fails beside an unused stub: No request met the stub https:\/\/nowhere\.test\/unused \(.*tests\.run\.[jt]s:\d+\); no request at all reached the proxy\./,
    );
  });
});

test('test.concurrent is refused, with the reason', async () => {
  const { fileFailures } = await jest(['concurrent.run.js']);
  expect(fileFailures).toMatch(/Jest runs the function of test\.concurrent before beforeEach/);
  expect(fileFailures).toMatch(/> 5 \| test\.concurrent/);
});

test('each test has its own in jsdom', async () => {
  const result = await jest(['jsdom.run.js']);
  expect(sorted(result).failed).toEqual([]);
  expect(sorted(result).passed).toHaveLength(5);
});

test("each test has its own without Jest's globals", async () => {
  const result = await jest(['globals.run.js', '--injectGlobals=false']);
  expect(sorted(result)).toEqual({ passed: ['without globals answers'], failed: [] });
});

describe('requests that outlive their tests', () => {
  /** Answers late, when no test runs any more, or never. */
  const elsewhere = async (): Promise<string> => {
    const { port } = await httpOrigin(({ url }, response) => {
      if (url === '/at-once') response.end('at once');
      if (url === '/late') setTimeout(() => response.end('late'), 1000);
    });
    return `http://127.0.0.1:${port}`;
  };

  test('go on as they do without Waylay', async () => {
    const ELSEWHERE = await elsewhere();
    const [routed, direct] = [
      await jest(['outlive.run.js'], { ELSEWHERE }),
      await jest(['outlive.run.js'], { ELSEWHERE, DIRECT: '1' }),
    ];
    expect(sorted(routed)).toEqual(sorted(direct));
    expect(sorted(routed).failed).toEqual([]);
    expect(sorted(routed).passed).toHaveLength(10);
    expect([routed.code, direct.code]).toEqual([0, 0]);
    expect(routed.output).not.toMatch(/fetch failed|ECONN|WaylayWarning|torn down/);
  });

  test('keep no process from ending, and are named with their tests', async () => {
    const result = await jest(['never.run.js'], { ELSEWHERE: await elsewhere() });
    expect(sorted(result), result.output).toEqual({ passed: ['leaves a request open'], failed: [] });
    expect(result.code).toBe(0);
    expect(result.output).toMatch(
      /WaylayWarning: leaves a request open: GET http:\/\/127\.0\.0\.1:\d+\/never\?token=\S*masked\S* was under way when the test ended/,
    );
  });
});
