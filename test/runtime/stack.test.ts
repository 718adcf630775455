/** Places in a test are told, however stacks are written and whatever may be set of them. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { asWaylayError } from '../../src/errors.js';
import { thrownText } from '../../src/runtime/thrown.js';

const KEYS = ['prepareStackTrace', 'stackTraceLimit'] as const;
const before = KEYS.map((key) => [key, Object.getOwnPropertyDescriptor(Error, key)] as const);

function restore(): void {
  for (const [key, descriptor] of before) {
    Reflect.deleteProperty(Error, key);
    if (descriptor !== undefined) Object.defineProperty(Error, key, descriptor);
  }
}

afterEach(() => {
  restore();
  vi.resetModules();
});

const fix = (key: (typeof KEYS)[number]) => {
  Object.defineProperty(Error, key, { value: Error[key], writable: false, configurable: true });
};

/** Ways to change stacks, and whether a place can be told still. */
const WAYS: readonly [string, () => void, boolean][] = [
  ['have no frames', () => void (Error.stackTraceLimit = 0), true],
  ['are lists of frames', () => void (Error.prepareStackTrace = (_, sites) => sites), true],
  [
    'are written by a tool that maps them',
    () =>
      void (Error.prepareStackTrace = (error, sites) => [error, ...sites.map((site) => `    at ${site}`)].join('\n')),
    true,
  ],
  ['are nothing', () => void (Error.prepareStackTrace = () => undefined), false],
  ['are objects without a prototype', () => void (Error.prepareStackTrace = () => Object.create(null)), false],
  ['are frozen', () => KEYS.forEach(fix), true],
];

describe.each(WAYS)('where stacks %s', (_, replace, told) => {
  test('a library that was loaded before tells the place of a call', async () => {
    const { CallSite } = await import('../../matchers/rule/call-site.js');
    replace();
    const site = new CallSite();
    const place = String(site);
    restore();
    expect(place).toMatch(told ? /test\/runtime\/stack\.test\.ts:\d+$/ : /^an unknown place$/);
  });

  test('a library that is loaded then knows its own files and the folder it is in', async () => {
    const [frames, location] = await loaded(replace);
    const { CallSite } = await import('../../matchers/rule/call-site.js');
    const site = new CallSite();
    expect(String(site)).toContain('stack.test.ts');
    expect(frames.isOwn(`${process.cwd()}/matchers/rule/call-site.ts`)).toBe(true);
    expect(location.packageLocation.replace('file://', '')).toBe(`${process.cwd()}/src/runtime/package-location.ts`);
  });

  test('a place is put into an error', async () => {
    const { CallSite } = await import('../../matchers/rule/call-site.js');
    replace();
    const error = new CallSite().placed(new TypeError('no', { cause: new Error('why') }));
    const told = `${error.message} ${thrownText(error)} ${asWaylayError(error).message}`;
    restore();
    expect(told).toContain('no');
  });
});

/** Loads parts of the library while stacks are as they are replaced. */
async function loaded(replace: () => void) {
  vi.resetModules();
  replace();
  try {
    return await Promise.all([import('../../src/runtime/frames.js'), import('../../src/runtime/package-location.js')]);
  } finally {
    restore();
  }
}

test.each([
  ['a symbol', Symbol('s')],
  ['an object without a prototype', Object.create(null)],
  [
    'an error whose stack cannot be read',
    Object.defineProperty(new Error('no'), 'stack', {
      get: () => {
        throw new Error('unreadable');
      },
    }),
  ],
  ['an error without a stack', Object.assign(new Error('no'), { stack: undefined })],
])('a failure by %s is told of', (_, cause) => {
  expect(asWaylayError(cause).message).toMatch(/^Waylay failed: /);
  expect(thrownText(cause)).not.toBe('');
});
