/** Requests that a page gives up while they fail: the test ends all the same. */
import { closedPort } from '../closed-port.js';
import { expect, test } from './origins.js';

for (const scheme of ['http', 'https']) {
  test(`fetches of a dead port that are given up fail, and leave no exchange open (${scheme})`, async ({
    page,
    waylay,
  }) => {
    const dead = await closedPort();
    await page.goto('http://plain.test/');
    const outcomes = await page.evaluate(async (address) => {
      const give = async (after: number): Promise<string> => {
        const abort = new AbortController();
        setTimeout(() => abort.abort(), after);
        return fetch(address, { mode: 'no-cors', signal: abort.signal }).then(
          () => 'answered',
          () => 'failed',
        );
      };
      const seen: string[] = [];
      // The moments at which it can be given up are many, and how long it takes to fail is not known.
      for (let round = 0; round < 20; round += 1) {
        seen.push(...(await Promise.all([0, 1, 2, 3, 4, 6, 8, 10, 15, 20].map(give))));
      }
      return seen;
    }, `${scheme}://127.0.0.1:${dead}/`);
    expect(new Set(outcomes)).toEqual(new Set(['failed']));
    // The fixture does so once the test has ended.
    await waylay.stop();
    expect(waylay.exchanges.filter((exchange) => !exchange.ended)).toEqual([]);
  });
}
