/** Optional keys may be `undefined` too, whether a project compiles with `exactOptionalPropertyTypes`, as this one, or not. */
import { expect, expectTypeOf, test } from 'vitest';
import type { ClientCertificate, UpstreamProxy, WaylayOptions } from '../fixtures/playwright.js';
import type * as waylay from '../fixtures/public-names.js';
import type { SpawnOptions } from '../fixtures/public-names.js';
import type { WaylayOptions as RunnerOptions } from '../fixtures/runner/options.js';
import { checkTypes } from './type-check.js';

/** The keys that may be left out but not be undefined. */
type Refusing<T> = T extends unknown
  ? {
      [K in keyof T]-?: Pick<T, K> extends Required<Pick<T, K>> ? never : undefined extends Required<T>[K] ? never : K;
    }[keyof T]
  : never;

test('the types tell optional properties from those that may be undefined', () => {
  expectTypeOf<Refusing<{ a: 1; b?: 1; c?: 1 | undefined }>>().toEqualTypeOf<'b'>();
});

test('an optional property of options may be undefined', () => {
  expectTypeOf<Refusing<WaylayOptions>>().toBeNever();
  expectTypeOf<Refusing<NonNullable<WaylayOptions['journalLimit']>>>().toBeNever();
  expectTypeOf<Refusing<RunnerOptions>>().toBeNever();
  expectTypeOf<Refusing<UpstreamProxy>>().toBeNever();
  expectTypeOf<Refusing<ClientCertificate>>().toBeNever();
  expectTypeOf<Refusing<SpawnOptions>>().toBeNever();
});

test('an optional property of patterns and narrowings may be undefined', () => {
  expectTypeOf<Refusing<waylay.RequestPattern>>().toBeNever();
  expectTypeOf<Refusing<waylay.GraphqlPattern>>().toBeNever();
  expectTypeOf<Refusing<waylay.PartPattern>>().toBeNever();
  expectTypeOf<Refusing<waylay.Narrowing>>().toBeNever();
  expectTypeOf<Refusing<waylay.GroupOptions>>().toBeNever();
  expectTypeOf<Refusing<Exclude<waylay.Times, number>>>().toBeNever();
});

test('an optional property of replies may be undefined', () => {
  expectTypeOf<Refusing<waylay.ReplyObject>>().toBeNever();
  expectTypeOf<Refusing<waylay.StubOptions>>().toBeNever();
  expectTypeOf<Refusing<waylay.ServerSentEvent>>().toBeNever();
  expectTypeOf<Refusing<waylay.InformationalReply>>().toBeNever();
});

test('an optional property of changes may be undefined', () => {
  expectTypeOf<Refusing<waylay.Change>>().toBeNever();
  expectTypeOf<Refusing<waylay.RequestChanges>>().toBeNever();
  expectTypeOf<Refusing<waylay.ResponseChanges>>().toBeNever();
  expectTypeOf<Refusing<waylay.TlsChange>>().toBeNever();
  expectTypeOf<Refusing<waylay.MutationOptions>>().toBeNever();
});

test.each([true, false])(
  'a test may pass on what it may not have, with exactOptionalPropertyTypes: %s',
  async (flag) => {
    const text = `
    import { startWaylay, type WaylayOptions } from 'waylay';
    export async function run({ timeout, mask, baseURL }: WaylayOptions, status?: number, json?: object, delay?: number) {
      const waylay = await startWaylay({ timeout, mask, baseURL, journalLimit: { exchanges: status } });
      waylay.stubResponse('/', { status, text: undefined, delay }, { times: status });
      waylay.mutate('/', { request: { text: undefined, json }, response: { status, delay } }, { seed: status });
      waylay.expectRequest('/', { json, times: { min: status }, timeout });
      waylay.spawn('node', [], { timeout, cwd: baseURL });
      return waylay.url;
    }`;
    expect(await checkTypes({ 'use.ts': text }, { exactOptionalPropertyTypes: flag })).toEqual([]);
  },
);
