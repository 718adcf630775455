/** Code of docs/migrating/page-route.md is run as it stands there: the route, what takes its place, and the rest. */
import { readFileSync } from 'node:fs';
import { sectionsOf } from '../documented.js';
import { expect, test } from './origins.js';

const sections = sectionsOf(readFileSync('docs/migrating/page-route.md', 'utf8'));

test.use({ serviceWorkers: 'block' }); // routes see no requests behind one

// Its body is the document's lines.
const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as FunctionConstructor;

test('there are sections to run', () => {
  expect(sections.length).toBeGreaterThan(5);
});

for (const { title, before, after, both } of sections) {
  for (const [tool, code] of [
    ['page.route', before],
    ['Waylay', after],
  ] as const) {
    test(`the lines of "${title}" pass with ${tool}`, async ({ page, waylay, origins }) => {
      const json = { 'content-type': 'application/json' };
      origins.serve('/api/cart', { headers: json, body: '{"items":[]}' });
      origins.serve('/api/charges', { status: 201, headers: json, body: '{}' });
      origins.serve('/api/echo', { echo: true });

      const run = new AsyncFunction('page', 'waylay', 'expect', `${code}\n${both}`);
      await run(page, waylay, expect);

      if (tool === 'Waylay') expect(waylay.verify()).toBeUndefined();
    });
  }
}
