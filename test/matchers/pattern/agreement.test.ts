/** Several ways to speak of patterns agree: over patterns of every key, and requests with every kind of body. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePattern, type RequestPattern } from '../../../matchers/pattern/pattern.js';
import { comparableUrl } from '../../../src/net/comparable-url.js';
import { exchange, keys, pattern, saysQueryTwice } from './arbitrary.js';

test('a pattern matches exactly where no field of its verdict fails', () => {
  const matched = new Set<string>();
  const failed = new Set<string>();
  fc.assert(
    fc.property(pattern, fc.option(pattern, { nil: undefined, freq: 8 }), exchange, (first, second, subject) => {
      const narrowing =
        typeof second === 'object' && Object.getPrototypeOf(second) === Object.prototype ? second : undefined;
      fc.pre(!saysQueryTwice(first, narrowing ?? {}));
      const compiled = compilePattern(first, narrowing as RequestPattern | undefined);
      const matches = compiled.matches(subject);
      const verdict = compiled.verdict(subject);
      expect(verdict.pass).toBe(matches);
      expect(verdict.fields.every((field) => field.pass)).toBe(matches);
      expect(verdict.distance === 0).toBe(matches);
      // One look at all of them: there are tens of thousands.
      const odd = verdict.fields.filter(({ pass, distance, differences }) => {
        return (distance === 0) !== pass || (differences.length === 0) !== pass || distance < 0 || distance > 1;
      });
      expect(odd).toEqual([]);
      for (const { field, pass } of verdict.fields) (pass ? matched : failed).add(field);
    }),
    { numRuns: 2000 },
  );
  // The generators reach both sides of every key.
  const everything = [...Object.keys(keys), 'predicate'].sort();
  expect([...matched].sort()).toEqual(everything);
  expect([...failed].sort()).toEqual(everything);
});

test('a request at an authority is never denied a match where one matches', () => {
  let matched = 0;
  fc.assert(
    fc.property(pattern, exchange, (first, subject) => {
      const compiled = compilePattern(first);
      if (!compiled.matches(subject)) return;
      matched += 1;
      const { hostname, port } = subject.request.parsedUrl;
      const host = hostname.replace(/^\[(.*)\]$/, '$1');
      expect(compiled.mayMatch({ host, port: Number(port || 443) })).toBe(true);
    }),
    { numRuns: 1000 },
  );
  expect(matched).toBeGreaterThan(50);
});

test('a request that the end of its URL rules out is refused, without a word to the test', () => {
  let ruledOut = 0;
  fc.assert(
    fc.property(pattern, exchange, (first, subject) => {
      const compiled = compilePattern(first);
      const url = comparableUrl(subject.request.url);
      if (compiled.urlEnd === undefined || compiled.urlEnd === url.slice(url.lastIndexOf('/') + 1)) return;
      ruledOut += 1;
      // Nothing was thrown, nothing waits for the body.
      expect(compiled.test(subject)).toBe('mismatch');
      expect(compiled.testPreflight(subject)).toBe(false);
    }),
    { numRuns: 5000 },
  );
  expect(ruledOut).toBeGreaterThan(100);
});
