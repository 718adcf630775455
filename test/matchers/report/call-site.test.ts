import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CallSite } from '../../../matchers/report/call-site.js';
import { Wire } from '../wire.js';

const here = relative(process.cwd(), fileURLToPath(import.meta.url));

test('is where the test called, whatever the library called in between', () => {
  const { rules } = new Wire({ unmatched: 'refuse' });
  const first = Number(/:(\d+):\d+$/.exec(String(new CallSite()))?.[1]);
  const stub = rules.stubResponse('https://a.test/', 200) as unknown as { site: CallSite };
  expect(String(stub.site)).toMatch(new RegExp(`^${here}:${first + 1}:\\d+$`));
  expect(stub.site.frames[0]).toContain('call-site.test.ts');
});

test('leaves the limit of stacks as it was', () => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 3;
  new CallSite();
  expect(Error.stackTraceLimit).toBe(3);
  Error.stackTraceLimit = stackTraceLimit;
});

test('is found where the test allows no stacks at all', () => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const site = new CallSite();
  Error.stackTraceLimit = stackTraceLimit;
  expect(String(site)).toContain('call-site.test.ts');
});

test('is found beyond deep calls', () => {
  const deep = (depth: number): CallSite => (depth === 0 ? new CallSite() : deep(depth - 1));
  expect(String(deep(100))).toContain('call-site.test.ts');
});
