/** Waylay's `test` and `expect`, merged with a project's own. */
import { mergeExpects, mergeTests, expect as plainExpect, test as plainTest } from '@playwright/test';
import { expect as waylayExpect, test as waylayTest } from 'waylay/playwright';

const ownTest = plainTest.extend<{ mark: string }>({
  // Nobody else's: what has it belongs to this attempt of this test.
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
  mark: async ({}, use, { project, testId, retry }) => use(`${project.name}-${testId}-${retry}`),
});

const ownExpect = plainExpect.extend({
  toBeOf(received: string, mark: string) {
    return { pass: received.endsWith(mark), message: () => `'${received}' is not of ${mark}` };
  },
});

export const test = mergeTests(waylayTest, ownTest).extend<{ journal: undefined }>({
  // The proxy's exchanges, for whoever reads the report.
  journal: [
    async ({ waylay, mark, baseURL }, use, testInfo) => {
      await use(undefined);
      // Browsers' own requests come through the proxy too: with a profile their maker for updates, and
      // now and then the site for a favicon.ico, although its pages name their icon.
      const urls = waylay.exchanges
        .map(({ request }) => request.url)
        .filter((url) => !/^https?:\/\/([^/]+\.)?google(apis)?\.com\//.test(url) && url !== `${baseURL}/favicon.ico`);
      const { workerIndex, parallelIndex } = testInfo;
      const body = JSON.stringify({ mark, urls, ca: waylay.ca.pem, workerIndex, parallelIndex });
      await testInfo.attach('journal', { body, contentType: 'application/json' });
    },
    { auto: true },
  ],
});
export const expect = mergeExpects(waylayExpect, ownExpect);
