/** The failures that both runners print of tests that misuse Waylay, which stand in a describe `misuse`. */
import { expect } from 'vitest';
import type { ChildRun } from './child.js';

export function expectMisuseTold(result: ChildRun): void {
  const failure = (title: string) => result.tests[title]?.failure ?? '';
  expect(failure('misuse: a call in a test')).toMatch(
    /useWaylay\(\) was called while the test '.*a call in a test' runs[^\n]*Call it once at the top of the file/,
  );
  expect(failure('misuse: no await')).toMatch(
    /toHaveReceived: https:\/\/nowhere\.test\/late was not awaited.*\n\nWritten: {2}\S*tests\.run\.[jt]s:\d+/,
  );
  expect(failure('misuse: a matcher of something else')).toMatch(/toMatchRequest needs the request/);
  for (const title of Object.keys(result.tests).filter((name) => name.startsWith('misuse: '))) {
    const [first = ''] = failure(title).match(/^\s+at .*$/m) ?? [];
    expect(first).toMatch(/tests\.run\.[jt]s:\d+:\d+/);
    expect(failure(title)).not.toMatch(/\/(?:fixtures|matchers)\//);
  }
  expect(result.output).not.toMatch(/Unhandled/);
}
