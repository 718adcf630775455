// @ts-check
/** Waylay as tests have it: the built package, with journal and capture on. */
import { config, MEMBER, ready, STUB_BODY } from './contestant.mjs';

// By a name that is not read ahead, so that types can be checked without a build.
const built = new URL('../../dist/esm/fixtures/standalone.js', import.meta.url).href;
/** @type {typeof import('../../fixtures/standalone.js')} */
const { startWaylay } = await import(built);

const { job, upstream } = config;
const waylay = await startWaylay({ trustedRoots: upstream.ca, hosts: { '*.bench.test': '127.0.0.1' } });
if (job.kind === 'stub') {
  waylay.stubResponse('https://localhost:*/stub', { json: JSON.parse(STUB_BODY) });
  // The newest rule is asked first.
  for (let number = 1; number < job.rules; number += 1) {
    waylay.stubResponse(`https://localhost:*/other-${number}`, { json: {} });
  }
}
if (job.kind === 'mutate') {
  waylay.mutate('https://localhost:*/json', {
    response: { json: (/** @type {any} */ json) => ({ ...json, ...MEMBER }) },
  });
}
ready(waylay.port, () => waylay.stop());
