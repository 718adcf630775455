// @ts-check
/** mockttp, not recording what it sees, which it does by default. */
import { createRequire } from 'node:module';
import { config, MEMBER, ready, STUB_BODY } from './contestant.mjs';

const { generateCACertificate, getLocal } = createRequire(import.meta.url)('mockttp');

const { job, upstream } = config;
const server = getLocal({ https: await generateCACertificate({ bits: 2048 }), http2: true, recordTraffic: false });
await server.start();
if (job.kind === 'stub') {
  for (let number = 1; number < job.rules; number += 1) await server.forGet(`/other-${number}`).thenReply(200, '{}');
  await server.forGet('/stub').thenReply(200, STUB_BODY, {
    'content-type': 'application/json',
    'content-length': String(STUB_BODY.length),
  });
} else if (job.kind === 'forward' && job.anyHost) {
  const target = `https://localhost:${upstream.https}`;
  await server.forAnyRequest().thenForwardTo(target, { ignoreHostHttpsErrors: true });
} else {
  await server.forAnyRequest().thenPassThrough({
    ignoreHostHttpsErrors: true,
    ...(job.kind === 'mutate' && { transformResponse: { updateJsonBody: MEMBER } }),
  });
}
ready(server.port, () => server.stop());
