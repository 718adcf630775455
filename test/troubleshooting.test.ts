/** docs/troubleshooting.md, for what is seen in Vitest; in the browser, test/e2e/troubleshooting.spec.ts does it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetch as fetchBy, ProxyAgent } from 'undici';
import { afterEach, expect, test } from 'vitest';
import { useWaylay } from '../fixtures/vitest.js';
import { root } from '../scripts/command.mjs';
import { closedPort } from './closed-port.js';

const waylay = useWaylay();
const sections = readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8').split(/^## /m).slice(1);

/** The section whose title begins with what was seen. */
function sectionFor(seen: string): string {
  const found = sections.find((text) => {
    const [title = ''] = text.split('\n');
    return title.startsWith('`') && [...title.matchAll(/`([^`]+)`/g)].every(([, quote = '']) => seen.includes(quote));
  });
  if (found === undefined) throw new Error(`no section is called by what was seen: ${seen}`);
  return found;
}

const messageOf = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing failed');
};

const outside = messageOf(() => waylay.stubResponse('https://api.test/', 200));
const environment = { ...process.env };

afterEach(() => {
  Object.assign(process.env, environment);
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
});

test('the error at the top of a file has no test to be said to', () => {
  expect(sectionFor(outside)).toContain("useWaylay({ scope: 'file' })");
});

test('a request that never came was not sent, or was answered by a mock', async () => {
  const seen = await expect(waylay)
    .toHaveReceived('https://api.test/', { timeout: 1 })
    .then(
      () => 'nothing failed',
      (error: Error) => error.message,
    );
  expect(sectionFor(seen)).toContain('MockAgent');
});

test('a client goes to a proxy of its own that is not there', async () => {
  waylay.stubResponse('https://api.test/', 200);
  const proxy = `http://127.0.0.1:${await closedPort()}`;
  const ask = async () => {
    const dispatcher = new ProxyAgent(proxy);
    try {
      return await fetchBy('https://api.test/', { dispatcher });
    } finally {
      await dispatcher.close();
    }
  };
  const { cause } = (await ask().catch((error) => error)) as { cause: Error };
  const [, code = ''] = /^```js\n(.*?)^```$/ms.exec(sectionFor(cause.message)) ?? [];

  new Function('process', code.replace('http://127.0.0.1:3128', proxy))(process);
  expect((await ask()).status).toBe(200);
});
