// @ts-check
/** http-mitm-proxy, with connections kept on both sides and one TLS server for all names. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { createRequire } from 'node:module';
import { config, MEMBER, ready, STUB_BODY } from './contestant.mjs';

const { Proxy: MitmProxy } = createRequire(import.meta.url)('http-mitm-proxy');

const { job, folder } = config;
const proxy = new MitmProxy();
proxy.onError(() => {});
if (job.kind === 'stub') {
  proxy.onRequest((/** @type {any} */ context) => {
    const { proxyToClientResponse: response } = context;
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': STUB_BODY.length });
    response.end(STUB_BODY);
  });
}
if (job.kind === 'mutate') {
  proxy.onRequest((/** @type {any} */ context, /** @type {() => void} */ next) => {
    /** @type {Buffer[]} */
    const chunks = [];
    context.onResponseData((/** @type {any} */ _, /** @type {Buffer} */ chunk, /** @type {any} */ done) => {
      chunks.push(chunk);
      done(null, undefined);
    });
    context.onResponseEnd((/** @type {any} */ _, /** @type {() => void} */ done) => {
      const json = JSON.parse(Buffer.concat(chunks).toString());
      context.proxyToClientResponse.write(JSON.stringify({ ...json, ...MEMBER }));
      done();
    });
    next();
  });
}
const options = {
  host: '127.0.0.1',
  port: 0,
  sslCaDir: folder,
  keepAlive: true,
  forceSNI: true,
  httpAgent: new HttpAgent({ keepAlive: true }),
  httpsAgent: new HttpsAgent({ keepAlive: true, rejectUnauthorized: false }),
};
proxy.listen(options, () => ready(proxy.httpPort));
