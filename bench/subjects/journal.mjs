// @ts-check
/** Fills journals of several sizes, and says in a line of JSON how many milliseconds of a processor reading each takes. */
import { Agent, request } from 'node:http';

const SIZES = [100, 300, 1000, 3000, 10_000];
const REPEATED = 3;

/** @type {typeof import('../../fixtures/standalone.js')} */
const { startWaylay } = await import(new URL('../../dist/esm/fixtures/standalone.js', import.meta.url).href);

/** @type {Record<string, [number, number][]>} */
const lines = {};
for (const size of SIZES) {
  const waylay = await startWaylay();
  waylay.stubResponse('http://shop.test/**', { json: { items: [1, 2, 3], note: 'x'.repeat(200) } });
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  let number = 0;
  const work = async () => {
    while (number < size) await get(waylay.port, agent, `http://shop.test/items/${(number += 1)}`);
  };
  await Promise.all(Array.from({ length: 8 }, work));
  agent.destroy();
  /** @type {Record<string, () => unknown>} */
  const readings = {
    'an expectation that is met': () => waylay.expectRequest(`http://shop.test/items/${size}`),
    'one that is not, with near misses': () =>
      waylay.expectRequest('POST http://shop.test/items', { timeout: 0, json: { id: 1 } }).then(
        () => undefined,
        () => undefined,
      ),
    HAR: () => JSON.stringify(waylay.har()),
    summary: () => waylay.summary(),
  };
  for (const [name, read] of Object.entries(readings)) {
    const times = [];
    for (let time = 0; time < REPEATED; time += 1) {
      const before = process.cpuUsage();
      await read();
      const { user, system } = process.cpuUsage(before);
      times.push((user + system) / 1000);
    }
    lines[name] ??= [];
    lines[name].push([size, Math.max(0.01, Math.min(...times))]);
  }
  await waylay.stop();
}
console.log(JSON.stringify({ lines }));
process.exit(0);

/**
 * @param {number} port
 * @param {Agent} agent
 * @param {string} path
 * @returns {Promise<void>}
 */
function get(port, agent, path) {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, agent, path, headers: { host: 'shop.test' } }, (response) => {
      response.resume();
      response.on('end', resolve);
    });
    sent.on('error', reject);
    sent.end();
  });
}
