import type { Traffic } from '../rule/traffic.js';
import type { Verifiable } from './verify.js';

/** The calls of `expect(waylay)` that still wait at the end of the test, which so nobody awaits. */
export function unawaited({ asked }: Pick<Traffic, 'asked'>): Verifiable[] {
  return [...asked].map((one) => ({
    site: one.site,
    problem: () => {
      one.told = true;
      const { title, site } = one;
      return `${title} was not awaited, and still waited when the test ended. Write await before it.\n\nWritten:  ${site}`;
    },
  }));
}
