/** Worker threads of a test, for every runner alike. */
const { Worker: held } = require('node:worker_threads');
const { spawnSync } = require('node:child_process');
const { once } = require('node:events');
const { createServer } = require('node:http');
const { createServer: createSecureServer } = require('node:https');
const { join } = require('node:path');
const v8 = require('node:v8');
const threads = require('node:worker_threads');

const file = join(__dirname, 'asking.cjs');

/** @param {import('node:worker_threads').Worker} worker */
async function said(worker) {
  try {
    const [answer] = await once(worker, 'message');
    return answer;
  } finally {
    await worker.terminate();
  }
}

exports.scenarios = ({ test, describe, expect, afterAll, useWaylay, Piscina, ImportedWorker, node, others }) => {
  const asked = (ask, what = file, options = {}, Worker = threads.Worker) =>
    said(new Worker(what, { ...options, workerData: { ask } }));

  // Made early, as code under test does: before any test runs.
  const pool = new Piscina({
    filename: join(__dirname, 'pooled.cjs'),
    minThreads: 1,
    maxThreads: 1,
    idleTimeout: 600_000,
  });
  const early = new threads.Worker(file);
  early.unref();
  afterAll(async () => {
    await pool.destroy();
    await early.terminate();
    for (const { end } of others) await end();
  });
  const askEarly = async (what) => {
    early.postMessage(what);
    const [answer] = await once(early, 'message');
    return answer;
  };

  let origin;
  const serve = async () => {
    origin ??= createServer({ keepAliveTimeout: 0 }, (_, response) => response.end('real'));
    if (!origin.listening) await once(origin.listen(0, '127.0.0.1'), 'listening');
    origin.unref();
    return `http://127.0.0.1:${origin.address().port}/`;
  };

  // A server that only those know who are given its authority, and that says who asks.
  const secrets = JSON.parse(process.env.WAYLAY_PRIVATE);
  let privateOrigin;
  const servePrivately = async () => {
    privateOrigin ??= createSecureServer(
      { ...secrets.server, requestCert: true, rejectUnauthorized: false },
      (request, response) => response.end(String(request.socket.getPeerCertificate().subject?.CN ?? 'nobody')),
    );
    if (!privateOrigin.listening) await once(privateOrigin.listen(0, '127.0.0.1'), 'listening');
    privateOrigin.unref();
    return `https://localhost:${privateOrigin.address().port}/`;
  };
  const { ca, otherCa, client: certificate, encrypted } = secrets;
  const own = [
    {},
    { ca },
    { ca: [otherCa, ca] },
    { ca: Buffer.from(ca) },
    { ca: otherCa },
    { ca, ...certificate },
    { ca, ...encrypted },
    { ...certificate, rejectUnauthorized: false },
    { rejectUnauthorized: false },
  ].flatMap((options) =>
    ['node', 'agent', 'context', 'undici']
      // Contexts of certificates do not say whether they are to be judged.
      .filter((client) => client !== 'context' || options.rejectUnauthorized === undefined)
      .map((client) => ({ client, options })),
  );
  const askPrivately = async (run) => {
    const url = await servePrivately();
    const answers = [];
    for (const ask of own) answers.push([ask.client, Object.keys(ask.options).join(), await run({ ...ask, url })]);
    return answers;
  };
  let direct;

  describe('between tests', () => {
    test('workers trust and show what they are told', async () => {
      direct = await askPrivately((what) => pool.run(what));
      expect(new Set(direct.map(([, , said]) => said.code ?? said))).toEqual(
        new Set(['200 nobody', '200 client.test', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE']),
      );
    });

    test('workers ask whom they ask', async () => {
      const url = await serve();
      for (const client of ['fetch', 'kept', 'dispatcher']) {
        expect(await pool.run({ client, url })).toBe('200 real');
        expect(await askEarly({ client, url })).toBe('200 real');
      }
    });
  });

  describe('a worker', () => {
    const waylay = useWaylay({ unmatched: 'refuse', allow: ['http://127.0.0.1:*/**', 'http://localhost:*/**'] });

    test.each(['fetch', 'node', 'kept', 'socket', 'http2'])('is routed over TLS, with %s', async (client) => {
      waylay.stubResponse('https://nowhere.test/a', 'stubbed');
      expect(await asked({ client, url: 'https://nowhere.test/a' })).toBe('200 stubbed');
      expect(waylay.exchanges).toMatchObject([
        { request: { url: 'https://nowhere.test/a' }, source: 'stub', destination: { source: 'process' } },
      ]);
    });

    test.each(['fetch', 'node', 'kept', 'socket', 'lookup'])('is routed without TLS, with %s', async (client) => {
      waylay.stubResponse('http://nowhere.test:8080/a', 'stubbed');
      expect(await asked({ client, url: 'http://nowhere.test:8080/a' })).toBe('200 stubbed');
      expect(waylay.exchanges).toMatchObject([{ request: { url: 'http://nowhere.test:8080/a' }, source: 'stub' }]);
    });

    test('is seen on its way to a real server', async () => {
      const url = await serve();
      expect(await asked({ client: 'fetch', url })).toBe('200 real');
      expect(waylay.exchanges).toMatchObject([{ request: { url }, source: 'upstream' }]);
    });

    test('meets failures as this thread does', async () => {
      const closed = createServer().listen(0, '127.0.0.1');
      await once(closed, 'listening');
      const { port } = closed.address();
      await new Promise((resolve) => closed.close(resolve));
      const failure = { code: 'ECONNREFUSED', syscall: 'connect', address: '127.0.0.1', port };
      for (const client of ['node', 'fetch']) {
        expect(await asked({ client, url: `http://127.0.0.1:${port}/` })).toMatchObject(failure);
      }
      expect(waylay.exchanges).toMatchObject([{ source: 'failed' }, { source: 'failed' }]);
    });

    test('is routed whichever way it is started', async () => {
      waylay.stubResponse('https://nowhere.test/**', 'stubbed');
      const ask = { client: 'node', url: 'https://nowhere.test/a' };
      class Own extends threads.Worker {}
      for (const Worker of [held, ImportedWorker, Own]) expect(await asked(ask, file, {}, Worker)).toBe('200 stubbed');
      expect(await asked(ask, join(__dirname, 'asking.mjs'))).toBe('200 stubbed');
      expect(await asked(ask, join(__dirname, 'nested.cjs'))).toBe('200 stubbed');
      expect(await asked(ask, `require(${JSON.stringify(file)})`, { eval: true })).toBe('200 stubbed');
      const url = new URL(`data:text/javascript,import ${JSON.stringify(`file://${file}`)}`);
      expect(await asked(ask, url)).toBe('200 stubbed');
      for (const options of [
        { env: {} },
        { env: threads.SHARE_ENV },
        { execArgv: [] },
        { resourceLimits: { maxOldGenerationSizeMb: 64 } },
      ]) {
        expect(await asked(ask, file, options)).toBe('200 stubbed');
      }
      expect(waylay.exchanges).toHaveLength(11);
    });

    test('with the environment of child processes trusts, too', async () => {
      waylay.stubResponse('https://nowhere.test/**', 'stubbed');
      for (const client of ['fetch', 'node']) {
        const ask = { client, url: 'https://nowhere.test/a' };
        expect(await asked(ask, file, { env: { ...process.env, ...waylay.env() } })).toBe('200 stubbed');
      }
      expect(waylay.exchanges).toMatchObject([{ source: 'stub' }, { source: 'stub' }]);
    });

    test('is in all else as without', async () => {
      const { describeWorkers } = require('./described.cjs');
      const { stdout, stderr } = spawnSync(node, [...process.execArgv, join(__dirname, 'described.cjs')], {
        encoding: 'utf8',
      });
      const without = v8.deserialize(Buffer.from(stdout, 'base64'));
      expect({ stderr, count: Object.keys(without).length }).toEqual({ stderr, count: 18 });
      expect(await describeWorkers()).toEqual(without);
    });
  });

  describe('a worker with roots and certificates of its own', () => {
    const waylay = useWaylay();

    test('meets what it meets without', async () => {
      expect(await askPrivately((what) => pool.run(what))).toEqual(direct);
      expect(await askPrivately(askEarly)).toEqual(direct);
      expect(await askPrivately((what) => asked(what))).toEqual(direct);
      expect(waylay.exchanges).toHaveLength(3 * own.length);
    });
  });

  describe.each(['first', 'second', 'third'])('the %s', (name) => {
    const waylay = useWaylay();

    test('is asked by workers that have been there before', async () => {
      waylay.stubResponse('https://nowhere.test/**', name);
      waylay.stubResponse('http://nowhere.test/**', name);
      const url = await serve();
      for (const ask of [pool.run.bind(pool), askEarly, ...others.map(({ run }) => run)]) {
        expect(await ask({ client: 'fetch', url: 'https://nowhere.test/a' })).toBe(`200 ${name}`);
        expect(await ask({ client: 'kept', url: 'https://nowhere.test/a' })).toBe(`200 ${name}`);
        expect(await ask({ client: 'kept', url: 'http://nowhere.test/a' })).toBe(`200 ${name}`);
        expect(await ask({ client: 'lookup', url: 'http://nowhere.test/a' })).toBe(`200 ${name}`);
        expect(await ask({ client: 'kept', url })).toBe('200 real');
        expect(await ask({ client: 'fetch', url })).toBe('200 real');
      }
      expect(waylay.exchanges).toHaveLength(12 + 6 * others.length);
    });
  });

  describe('a worker that is told something when the test is about to end', () => {
    const waylay = useWaylay({ unusedStubs: 'fail', unmatched: 'refuse' });
    let left;

    test('is not waited for', () => {
      waylay.stubResponse('http://nowhere.test/**', { delay: 50, text: 'late' });
      early.postMessage({ client: 'node', url: 'http://nowhere.test/early' });
      left = [
        once(early, 'message').then(([said]) => said),
        pool.run({ client: 'kept', url: 'http://nowhere.test/pool' }),
        ...others.map(({ run }) => run({ client: 'fetch', url: 'http://nowhere.test/other' })),
      ];
    });

    test('is answered, and not by the next one', async () => {
      const said = await Promise.all(left);
      expect(said).toEqual(said.map(() => '200 late'));
      expect(waylay.exchanges).toEqual([]);
    });
  });

  describe('a dispatcher that a worker has used before', () => {
    const waylay = useWaylay();

    test('fails the test', async () => {
      expect(await pool.run({ client: 'dispatcher', url: await serve() })).toBe('200 real');
      expect(waylay.exchanges).toEqual([]);
    });
  });

  describe('afterwards', () => {
    test('they ask whom they ask again', async () => {
      const url = await serve();
      for (const client of ['fetch', 'kept']) {
        expect(await pool.run({ client, url })).toBe('200 real');
        expect(await askEarly({ client, url })).toBe('200 real');
      }
      expect(await pool.run({ client: 'node', url: 'https://nowhere.invalid/' })).toMatchObject({
        syscall: 'getaddrinfo',
      });
    });
  });
};
