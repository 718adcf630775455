/** Things borrowed of Jest (docs/internals.md): run by test/internals/runners.test.ts. */
const { beforeEach, expect, test } = require('@jest/globals');

const collecting = expect.getState().currentTestName;
const events = [];

test.concurrent('a concurrent test', async () => {
  events.push('concurrent');
});
const { concurrent } = test;
test.concurrent = Object.assign(() => 'ours', concurrent);
const replaced = test.concurrent();
test.concurrent = concurrent;

beforeEach(() => {
  events.push('beforeEach');
});

test('is as it was', () => {
  const { currentTestName, testPath } = expect.getState();
  expect({ collecting, currentTestName, testPath, first: events[0], replaced }).toEqual({
    collecting: undefined,
    currentTestName: 'is as it was',
    testPath: __filename,
    first: 'concurrent',
    replaced: 'ours',
  });
  // The file has a global object of its own, and this is the process's.
  const { runInThisContext } = require('node:vm');
  expect(runInThisContext('globalThis')).not.toBe(globalThis);
});
