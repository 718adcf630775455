/** Things borrowed of Vitest, by the tests of this very file, and of Jest, in a run of its own (docs/internals.md). */
import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vitest from 'vitest';
import { test } from 'vitest';
import { root } from '../../scripts/command.mjs';
import { runChild } from '../runners/child.js';
import { borrowed } from './borrowed.js';

const versionOf = (name: string): string =>
  JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;

const ofVitest = `Vitest ${versionOf('vitest')}`;

test('Vitest tells the name of the test that runs', () => {
  const holds = borrowed("Vitest's name of the test that runs", ofVitest);
  type Read = (() => { name: string } | undefined) | undefined;
  const { TestRunner } = vitest as unknown as { TestRunner?: { getCurrentTest?: Read } };
  const read = TestRunner?.getCurrentTest;
  holds(typeof read === 'function', 'TestRunner of vitest has getCurrentTest');
  holds(read?.()?.name === 'Vitest tells the name of the test that runs', 'getCurrentTest() has the name of the test');
});

test('Vitest has aroundEach, or else lets the function of a test be replaced', async ({ task }) => {
  const holds = borrowed("Vitest's function of a test", ofVitest);
  if (typeof (vitest as Record<string, unknown>).aroundEach === 'function') return;
  const { getFn, setFn } = (await import('vitest/suite')) as unknown as Record<string, unknown>;
  holds(typeof setFn === 'function', 'vitest/suite has setFn');
  holds(
    typeof getFn === 'function' && typeof getFn(task) === 'function',
    'vitest/suite has getFn, with a function for it',
  );
});

const entered = new AsyncLocalStorage<string>();

const entering = test.extend<{ _first: undefined }>({
  _first: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads a fixture's needs from this pattern
    ({}, use) => {
      entered.enterWith('by the fixture');
      return use(undefined);
    },
    { auto: true },
  ],
});

entering('Vitest calls a test from what awaits its first fixture', async () => {
  const holds = borrowed('What Vitest calls in one turn', ofVitest);
  await Promise.resolve();
  holds(entered.getStore() === 'by the fixture', 'what a fixture enters in its first turn is there in the test');
});

test('Jest collects a file before its first test, and calls concurrent tests before their hooks', async () => {
  const holds = borrowed("Jest's order, and `test.concurrent`", `Jest ${versionOf('jest')}`);
  const { tests, output } = await runChild('jest', join(root, 'test', 'runners', 'jest'), ['internals.run.js']);
  const { status, failure } = tests['is as it was'] ?? { status: 'not run', failure: output };
  holds(status === 'passed', failure || status);
});
