import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cut, REQUESTS, RESPONSES, runs } from './arbitrary.js';
import { pieces, readRequests, readResponses, type Setting } from './reading.js';

const SETTING: fc.Arbitrary<Setting> = fc.record({
  ending: fc.constantFrom(undefined, 'fin' as const, 'rst' as const),
  coded: fc.boolean(),
  limits: fc.oneof(
    fc.constant({}),
    fc.record({
      maxHeadSize: fc.integer({ min: 1, max: 120 }),
      maxFields: fc.integer({ min: 0, max: 4 }),
      maxTrailersSize: fc.integer({ min: 2, max: 30 }),
      maxExtensionsSize: fc.integer({ min: 0, max: 4 }),
    }),
  ),
});

const PLACES = fc.array(fc.nat(), { maxLength: 8 });

test('requests are read alike however their bytes are split', () => {
  fc.assert(
    fc.property(REQUESTS, PLACES, SETTING, (bytes, places, setting) => {
      const whole = readRequests([bytes], setting);
      expect(readRequests(cut(bytes, places), setting)).toEqual(whole);
      expect(readRequests(pieces(bytes, 1), setting)).toEqual(whole);
    }),
    { numRuns: runs(3000) },
  );
}, 3_600_000);

test('responses are read alike however their bytes are split', () => {
  const methods = fc.array(fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'CONNECT'), { maxLength: 4 });
  fc.assert(
    fc.property(RESPONSES, PLACES, SETTING, methods, (bytes, places, setting, asked) => {
      const whole = readResponses([bytes], asked, setting);
      expect(readResponses(cut(bytes, places), asked, setting)).toEqual(whole);
      expect(readResponses(pieces(bytes, 1), asked, setting)).toEqual(whole);
    }),
    { numRuns: runs(3000) },
  );
}, 3_600_000);
