// @ts-check
/** Starts and stops one proxy after the other in this process, and says in a line of JSON how long each took. */
import { createRequire } from 'node:module';

const WARM_UP = 50;
const TIMES = 200;

const waylay = new URL('../../dist/esm/fixtures/standalone.js', import.meta.url).href;
const [, , name = ''] = process.argv;
/** @type {Record<string, () => Promise<() => Promise<void>>>} */
const subjects = {
  async waylay() {
    /** @type {typeof import('../../fixtures/standalone.js')} */
    const { startWaylay } = await import(waylay);
    return async () => {
      const started = await startWaylay();
      await started.stop();
    };
  },
  async mockttp() {
    const { generateCACertificate, getLocal } = createRequire(import.meta.url)('mockttp');
    // An authority for all: a new one takes it 100 ms or more.
    const https = await generateCACertificate({ bits: 2048 });
    return async () => {
      const server = getLocal({ https, recordTraffic: false });
      await server.start();
      await server.stop();
    };
  },
};
const once = await subjects[name]?.();
if (once === undefined) throw new Error(`There is no ${name}.`);
const times = [];
for (let time = 0; time < WARM_UP + TIMES; time += 1) {
  const before = performance.now();
  await once();
  if (time >= WARM_UP) times.push(performance.now() - before);
}
console.log(JSON.stringify({ times }));
process.exit(0);
