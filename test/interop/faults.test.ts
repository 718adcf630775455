/** curl and Python on messages that end other than they should. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { TestError } from '../../src/errors.js';
import type { FaultKind } from '../../src/faults.js';
import type { Interceptor, MessageFault } from '../../src/interceptor.js';
import { httpOrigin, httpsOrigin, testProxy } from '../servers.js';
import { requireTool, run } from '../tools.js';
import { curl } from './curl.js';
import { bareEnvironment, temporaryFolder } from './proxy.js';

const BODY = '0123456789';
const error = new TestError('WAYLAY_FAULT', 'The test asked for it.');

/** curl's exit codes. */
const PARTIAL_FILE = 18;
const OPERATION_TIMEDOUT = 28;
const GOT_NOTHING = 52;
const RECV_ERROR = 56;
const HTTP2_STREAM = 92;

/** A proxy in front of shop.test, over HTTP and HTTPS, that interferes as it is told. */
async function shop(interceptor: Partial<Interceptor>) {
  const origin = await httpOrigin((request, response) => {
    response.setHeader('content-length', BODY.length);
    if (request.url === '/chunked') response.removeHeader('content-length');
    response.end(BODY);
  });
  const secure = await httpsOrigin(
    (request, response) => {
      if (request.url !== '/chunked') response.setHeader('content-length', BODY.length);
      response.end(BODY);
    },
    { name: 'shop.test' },
  );
  const hosts = { 'shop.test:80': `127.0.0.1:${origin.port}`, 'shop.test:443': `127.0.0.1:${secure.port}` };
  const proxy = await testProxy({ hosts }, interceptor);
  const caFile = join(await temporaryFolder(), 'ca.pem');
  await writeFile(caFile, proxy.caPem);
  const journal = () => proxy.journal.exchanges.map(({ source, error }) => [source, error?.code]);
  return { url: `http://127.0.0.1:${proxy.port}`, caFile, journal };
}

const inResponse = (fault: Omit<MessageFault, 'error'>): Partial<Interceptor> => ({
  onResponse: () => ({ shape: { fault: { ...fault, error } } }),
});
const inPlaceOfResponse = (kind: FaultKind): Partial<Interceptor> => ({
  onRequest: () => ({ action: 'fail', fault: { kind, error } }),
});

/** The fault, curl's exit code over HTTP/1.1 and over HTTP/2, and how much of the body comes before. */
const cases: [
  what: string,
  interceptor: Partial<Interceptor>,
  path: string,
  http1: number,
  http2: number,
  body: string,
][] = [
  ['truncated', inResponse({ kind: 'truncate', after: 4 }), '/', PARTIAL_FILE, HTTP2_STREAM, '0123'],
  ['truncated, chunked', inResponse({ kind: 'truncate', after: 4 }), '/chunked', PARTIAL_FILE, HTTP2_STREAM, '0123'],
  ['reset within the body', inResponse({ kind: 'reset', after: 4 }), '/', RECV_ERROR, HTTP2_STREAM, '0123'],
  ['reset before the head', inResponse({ kind: 'reset' }), '/', RECV_ERROR, HTTP2_STREAM, ''],
  ['empty', inResponse({ kind: 'empty' }), '/', GOT_NOTHING, HTTP2_STREAM, ''],
  ['malformed chunk', inResponse({ kind: 'malformed-chunk', after: 4 }), '/chunked', RECV_ERROR, HTTP2_STREAM, '0123'],
  ['reset in place of a response', inPlaceOfResponse('reset'), '/', RECV_ERROR, HTTP2_STREAM, ''],
  ['empty in place of a response', inPlaceOfResponse('empty'), '/', GOT_NOTHING, HTTP2_STREAM, ''],
  ['hang within the body', inResponse({ kind: 'hang', after: 4 }), '/', OPERATION_TIMEDOUT, OPERATION_TIMEDOUT, '0123'],
  ['hang in place of a response', inPlaceOfResponse('hang'), '/', OPERATION_TIMEDOUT, OPERATION_TIMEDOUT, ''],
];

describe.each([
  ['http', '--http1.1'],
  ['https', '--http1.1'],
  ['https', '--http2'],
])('curl, %s, %s', (scheme, version) => {
  test.for(cases)(
    'has the exit code for a response that is to be %s',
    async ([what, interceptor, path, http1, http2, body], ctx) => {
      requireTool(ctx, 'curl');
      const proxy = await shop(interceptor);
      // It is curl that gives up where nothing comes.
      const patience = what.startsWith('hang') ? ['--max-time', '2'] : [];
      const result = await curl(
        proxy,
        ...['--cacert', proxy.caFile, version, '--no-buffer', ...patience, `${scheme}://shop.test${path}`],
      );
      expect({ code: result.code, body: result.body }).toEqual({ code: version === '--http2' ? http2 : http1, body });
      await expect.poll(proxy.journal).toEqual([['failed', 'WAYLAY_FAULT']]);
    },
  );
});

describe('Python', () => {
  const program = fileURLToPath(new URL('clients/fetch.py', import.meta.url));

  // Over TLS some versions take a reset for an end.
  test.for([
    ['truncated', inResponse({ kind: 'truncate', after: 4 }), /^IncompleteRead\(4 bytes read, 6 more expected\)/],
    ['empty', inResponse({ kind: 'empty' }), /Remote end closed connection without response/],
    ['reset', inResponse({ kind: 'reset' }), /Connection reset by peer|Remote end closed connection/],
  ] as const)('raises the error for a response that is to be %s', async ([, interceptor, words], ctx) => {
    requireTool(ctx, 'python3');
    const proxy = await shop(interceptor);
    const urls = ['http://shop.test/', 'https://shop.test/'];
    const { stdout } = await run('python3', [program, proxy.url, proxy.caFile, ...urls], { env: bareEnvironment });
    const results = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(results).toEqual(urls.map(() => ({ error: expect.stringMatching(words) })));
  });
});
