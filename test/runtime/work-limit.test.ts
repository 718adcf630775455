import { expect, test } from 'vitest';
import { WorkLimit } from '../../src/runtime/work-limit.js';

test('a limit of work is reached by working', () => {
  const limit = new WorkLimit(100, 3_600_000);
  expect(limit.isReached).toBe(false);
  const begun = process.cpuUsage();
  for (let work = 0; work < 100_000; ) {
    const { user, system } = process.cpuUsage(begun);
    work = user + system;
  }
  expect(limit.isReached).toBe(true);
});

test('a limit of time is reached without working', () => {
  expect(new WorkLimit(3_600_000, 0).isReached).toBe(true);
});
