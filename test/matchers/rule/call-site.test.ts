import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CallSite, partStack } from '../../../matchers/rule/call-site.js';
import type { Rules } from '../../../matchers/rules.js';
import { TestError } from '../../../src/errors.js';
import { Wire } from '../wire.js';

const here = relative(process.cwd(), fileURLToPath(import.meta.url));

test('the place of a call is where the test called, whatever the library called in between', () => {
  const { rules } = new Wire({ unmatched: 'refuse' });
  const first = Number(/:(\d+)$/.exec(String(new CallSite()))?.[1]);
  const stub = rules.stubResponse('https://a.test/', 200) as unknown as { site: CallSite };
  expect(String(stub.site)).toMatch(new RegExp(`^${here}:${first + 1}$`));
  expect(stub.site.frames[0]).toContain('call-site.test.ts');
});

test.each<[string, (rules: Rules) => unknown]>([
  ['pattern', (rules) => rules.stubResponse('get https://a.test/', 200)],
  ['reply', (rules) => rules.stubResponse('https://a.test/', { status: 99 })],
  ['change', (rules) => rules.mutate('https://a.test/', {})],
  ['expectation', (rules) => rules.expectRequest('https://a.test/', { times: -1 })],
  ['group', (rules) => rules.expectOrder([])],
])('the place of a wrong %s is the first frame of the error', (_, say) => {
  const { rules } = new Wire();
  const error = caught(() => say(rules));
  expect(error).toBeInstanceOf(TestError);
  const [title, first] = (error.stack ?? '').split('\n    at ');
  expect(title).toBe(`TestError: ${error.message}`);
  expect(first).toContain('call-site.test.ts');
});

function caught(wrong: () => unknown): Error {
  try {
    wrong();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

test('the place of a call leaves the limit of stacks as it was', () => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 3;
  new CallSite();
  expect(Error.stackTraceLimit).toBe(3);
  Error.stackTraceLimit = stackTraceLimit;
});

test('the place of a call is found where the test allows no stacks at all', () => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const site = new CallSite();
  Error.stackTraceLimit = stackTraceLimit;
  expect(String(site)).toContain('call-site.test.ts');
});

test('the place of a call is found beyond deep calls', () => {
  const deep = (depth: number): CallSite => (depth === 0 ? new CallSite() : deep(depth - 1));
  expect(String(deep(100))).toContain('call-site.test.ts');
});

test.each([
  ['/work/app/(shop)/cart (copy)/checkout.spec.ts', 'say'],
  ['/work/app/(shop)/checkout.spec.ts', undefined],
  ['/work/my shop/checkout.spec.ts', 'Object.<anonymous>'],
  ['C:\\work\\(shop)\\checkout.spec.ts', 'Cart.pay [as buy]'],
])('the place of a call is found in %s, called by %s', (file, call) => {
  const place = `${file}:12:3`;
  const { text } = partStack(`Error: no\n    at ${call === undefined ? place : `${call} (${place})`}`);
  expect(text).toBe(`Error: no\n      at ${call === undefined ? `${file}:12` : `${call} (${file}:12)`}`);
});

test('the place of a call is found by its frames in a folder with parentheses', () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'waylay-')), '(shop)');
  onTestFinished(() => rmSync(dirname(folder), { recursive: true }));
  mkdirSync(folder);
  const file = join(folder, 'call.cjs');
  writeFileSync(file, '\nmodule.exports = (say) => say();\n');
  const call = createRequire(import.meta.url)(file) as (say: () => CallSite) => CallSite;
  const [, second] = call(() => new CallSite()).frames;
  expect(partStack(`Error: no\n${second}`).text).toMatch(/\(shop\)\/call\.cjs:2\)?$/);
});

describe('the stack of a test’s function', () => {
  const own = fileURLToPath(new URL('../../../matchers/rules.ts', import.meta.url));
  const file = fileURLToPath(import.meta.url);

  test('keeps the frames of the test, without columns, which no runner takes for the place of the failure', () => {
    const frames = [`    at reply (${file}:12:3)`, `    at async file://${file}:20:5`];
    const stack = [
      'RangeError: no such card',
      ...frames,
      `    at Rules.ask (${own}:1:2)`,
      '    at node:internal/x:3:4',
    ];
    expect(partStack(stack.join('\n'))).toEqual({
      text: ['RangeError: no such card', `      at reply (${here}:12)`, `      at async ${here}:20`].join('\n'),
      frames,
    });
  });

  test('keeps what there is where none is of the test', () => {
    const stack = `TypeError: not ours\n    at Rules.ask (${own}:1:2)`;
    expect(partStack(stack).frames).toHaveLength(1);
    expect(partStack('no stack at all')).toEqual({ text: 'no stack at all', frames: [] });
  });
});
