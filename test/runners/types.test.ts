/** The adapters' types, as the compiler has them. */
import type { expect as jestGlobalsExpect } from '@jest/globals';
import { expectTypeOf, test, type expect as vitestExpect } from 'vitest';
import type { Waylay as JestWaylay, useWaylay as useInJest } from '../../fixtures/jest.js';
import type { useWaylay, test as waylayTest } from '../../fixtures/vitest.js';
import type { Waylay } from '../../fixtures/waylay.js';

test('the matchers are those of each runner', () => {
  // Compiled, and not run.
  const written = async (
    expect: typeof vitestExpect | typeof jestGlobalsExpect,
    vitest: typeof vitestExpect,
    jest: typeof jestGlobalsExpect,
    global: jest.Matchers<void, unknown>,
    waylay: Waylay,
  ) => {
    for (const matchers of [vitest(waylay), vitest(waylay).not, jest(waylay), jest(waylay).not, global]) {
      expectTypeOf(matchers.toHaveReceived('https://shop.test/**', { times: 2 })).toEqualTypeOf<Promise<void>>();
      matchers.toHaveStatus(/^2/);
      matchers.toHaveHeader('accept', null);
      matchers.toHaveJSON({ items: [expect.anything()] });
      matchers.toMatchRequest({ method: 'POST' });
      // @ts-expect-error
      matchers.toHaveHeader(1);
    }
  };
  expectTypeOf(written).returns.toEqualTypeOf<Promise<void>>();
});

test('the adapters give what their types say', () => {
  expectTypeOf<ReturnType<typeof useWaylay>>().toEqualTypeOf<Waylay>();
  expectTypeOf<ReturnType<typeof useInJest>>().toEqualTypeOf<JestWaylay>();
  expectTypeOf<Parameters<typeof useWaylay>[0]>().toExtend<
    { scope?: 'test' | 'file' | undefined; unmatched?: 'forward' | 'refuse' | undefined } | undefined
  >();
  expectTypeOf<typeof waylayTest>().toBeCallableWith('pays', ({ waylay }) => {
    expectTypeOf(waylay).toEqualTypeOf<Waylay>();
  });
});
