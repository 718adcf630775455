// @ts-check
/** Waylay as tests have it: the built package, with journal and capture on. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { config, MEMBER, ready, STUB_BODY } from './contestant.mjs';

const { job, upstream, project } = config;
const built = pathToFileURL(join(project, 'dist/esm/fixtures/standalone.js')).href;
/** @type {typeof import('../../fixtures/standalone.js')} */
const { startWaylay } = await import(built);

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
