/** Text in whatever charset its sender chose: what tests see of it, and what a change sends on. */
import type { IncomingHttpHeaders } from 'node:http';
import { Agent } from 'node:https';
import { type Duplex, Readable } from 'node:stream';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { startWaylay } from '../../fixtures/standalone.js';
import { tlsThrough } from '../client.js';
import { exchangeThrough } from '../exchange-client.js';
import { httpsOrigin, publicAuthority } from '../servers.js';

interface Sent {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A server that answers each path as it is told, and keeps what it was sent. */
async function served(answers: Record<string, { type?: string; body: Buffer }> = {}) {
  const sent: Sent[] = [];
  const origin = await httpsOrigin(
    async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      sent.push({ headers: request.headers, body: Buffer.concat(chunks) });
      const { type, body } = answers[request.url ?? ''] ?? { body: Buffer.alloc(0) };
      response.writeHead(200, { ...(type !== undefined && { 'content-type': type }), etag: '"1"' });
      response.end(body);
    },
    { name: 'text.test', alpn: ['http/1.1'] },
  );
  const waylay = await startWaylay({
    hosts: { 'text.test': `127.0.0.1:${origin.port}` },
    trustedRoots: publicAuthority.pem,
  });
  onTestFinished(() => waylay.stop());
  const ask = (path: string, { type, body }: { type?: string; body?: Buffer } = {}) =>
    exchangeThrough(waylay, 'http/1.1', {
      url: `https://text.test${path}`,
      method: body === undefined ? 'GET' : 'POST',
      headers: type === undefined ? {} : { 'content-type': type },
      body,
    });
  return { waylay, sent, origin, ask };
}

const LOOPBACK = { address: '127.0.0.1', family: 4 };
const latin1 = (text: string) => Buffer.from(text, 'latin1');
const PAGE = latin1('<!doctype html><meta charset=iso-8859-1><title>x</title>caf\u00e9 PRICE');

test('a page that names its charset keeps its characters when it is changed', async () => {
  const { waylay, ask } = await served({ '/': { type: 'text/html', body: PAGE } });
  waylay.mutate('https://text.test/', { response: { text: (old) => old.replace('PRICE', 'é → €') } });
  const { body, headers } = await ask('/');
  // € is in windows-1252, which is what iso-8859-1 means; → is not.
  expect(body).toEqual(Buffer.concat([PAGE.subarray(0, -5), latin1('é &#8594; '), Buffer.from([0x80])]));
  expect(headers['content-type']).toBe('text/html');
  expect(waylay.exchanges[0]?.response?.text()).toContain('café é &#8594; €');
});

test('a text that its charset cannot hold goes out in UTF-8, and its type says so', async () => {
  const { waylay, sent, ask } = await served({ '/': { type: 'text/plain; charset = latin1', body: latin1('café') } });
  waylay.mutate('https://text.test/**', {
    request: { text: (old) => `${old} →` },
    response: { text: (old) => `${old} →` },
  });
  const { body, headers } = await ask('/', { type: 'text/csv; charset=latin1', body: latin1('é') });
  expect([headers['content-type'], body.toString()]).toEqual(['text/plain; charset=utf-8', 'café →']);
  expect([sent[0]?.headers['content-type'], sent[0]?.body.toString()]).toEqual(['text/csv; charset=utf-8', 'é →']);
  expect(sent[0]?.headers['content-length']).toBe(String(sent[0]?.body.length));
});

test('numbers that JavaScript would round pass a change as they were written', async () => {
  const body = Buffer.from('{\n  "id": 9007199254740993,\n  "price": 1.0,\n  "low": -0,\n  "open": true\n}');
  const { waylay, sent, ask } = await served({ '/': { type: 'application/json', body } });
  waylay.mutate('https://text.test/', {
    request: { json: (old: object) => ({ ...old, open: false }) },
    response: {
      json: (old: { open: boolean }) => {
        old.open = false;
        return old;
      },
    },
  });
  const expected = body.toString().replace('true', 'false');
  expect((await ask('/', { type: 'application/json', body })).body.toString()).toBe(expected);
  expect(sent[0]?.body.toString()).toBe(expected);
});

test('patterns and exchanges read forms, NDJSON, related parts and bare line feeds', async () => {
  const { waylay, ask } = await served();
  const related = 'multipart/related; boundary=XX; type="application/json"';
  const rows = [
    [
      '/form',
      'application/x-www-form-urlencoded',
      latin1('_charset_=windows-1251&name=%CF%F0'),
      { form: { name: 'Пр' } },
    ],
    ['/text', 'text/plain; charset = latin1', latin1('café'), { text: 'café' }],
    ['/lines', 'application/x-ndjson', latin1('{"index":1}\n{"name":"a"}\n'), { json: [{ index: 1 }, { name: 'a' }] }],
    [
      '/related',
      related,
      latin1('--XX\r\nContent-Type: application/json\r\n\r\n{"a":1}\r\n--XX\r\nContent-ID: <b>\r\n\r\nb\r\n--XX--\r\n'),
      { multipart: { '0': { json: { a: 1 } }, b: 'b' } },
    ],
    [
      '/feeds',
      'multipart/form-data; boundary=XX',
      latin1('--XX\nContent-Disposition: form-data; name="f"; filename="café.txt"\n\nhello\n--XX--\n'),
      { multipart: { f: { filename: 'café.txt', text: 'hello' } } },
    ],
  ] as const;
  for (const [path, type, body, pattern] of rows) {
    waylay.stubResponse({ path, ...pattern }, { status: 299 });
    expect([path, (await ask(path, { type, body })).status]).toEqual([path, 299]);
  }
  const [form, , lines, parts] = waylay.exchanges;
  expect(form?.request.form().get('name')).toBe('Пр');
  expect(lines?.request.json()).toEqual([{ index: 1 }, { name: 'a' }]);
  expect(parts?.request.multipart().map(({ name }) => name)).toEqual(['0', 'b']);
});

test('a stub sends its text in the charset that its type names', async () => {
  const { waylay, ask } = await served();
  const headers = { 'content-type': 'text/html; charset=iso-8859-1' };
  waylay.stubResponse('https://text.test/', { headers, text: 'café →' });
  expect((await ask('/')).body).toEqual(latin1('café &#8594;'));
  const plain = { headers: { 'content-type': 'text/plain; charset=iso-8859-1' }, text: 'café →' };
  expect(() => waylay.stubResponse('https://text.test/', plain)).toThrow(
    'text has a character that the charset iso-8859-1 of its content-type does not have',
  );
});

// The SDK sends this where it does not know the length: chunks of its own with a checksum behind them.
test('an object that the SDK of Amazon S3 sends in chunks is read without them, and passed on with them', async () => {
  const { waylay, sent, origin } = await served();
  const put = async (httpsAgent: Agent, key: string) => {
    const client = new S3Client({
      endpoint: `https://text.test:${origin.port}`,
      region: 'eu-central-1',
      forcePathStyle: true,
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
      requestHandler: { httpsAgent },
    });
    onTestFinished(() => client.destroy());
    const Body = Readable.from([Buffer.from('{"order":'), Buffer.from('4711}')]);
    await client.send(
      new PutObjectCommand({ Bucket: 'bucket', Key: key, Body, ContentType: 'application/json', ContentLength: 14 }),
    );
  };
  const direct = new Agent({ ca: publicAuthority.pem, lookup: (_name, _options, done) => done(null, [LOOPBACK]) });
  const through = new Agent();
  Object.assign(through, {
    createConnection(_options: object, done: (error: Error | null, socket?: Duplex) => void) {
      tlsThrough(waylay.port, `text.test:${origin.port}`, { ca: waylay.ca.pem, servername: 'text.test' }).then(
        (socket) => done(null, socket),
        done,
      );
    },
  });
  waylay.stubResponse({ path: '/bucket/stubbed', json: { order: 4711 } }, { headers: { etag: '"2"' } });
  waylay.mutate({ path: '/bucket/changed' }, { request: { json: (old: object) => ({ ...old, paid: true }) } });

  for (const [agent, key] of [
    [direct, 'same'],
    [through, 'same'],
    [through, 'stubbed'],
    [through, 'changed'],
  ] as const) {
    await put(agent, key);
  }

  const [unseen, seen, changed] = sent;
  expect(unseen?.body.toString()).toMatch(/^9\r\n\{"order":\r\n5\r\n4711\}\r\n0\r\nx-amz-checksum-crc32:/);
  expect(seen?.body).toEqual(unseen?.body);
  expect(seen?.headers['content-encoding']).toBe('aws-chunked');
  const [{ request } = { request: undefined }] = waylay.exchanges;
  expect(request?.body).toEqual(unseen?.body);
  expect([request?.json(), request?.text(), request?.bytes().toString()]).toEqual([
    { order: 4711 },
    '{"order":4711}',
    '{"order":4711}',
  ]);
  expect(changed?.body.toString()).toBe('{"order":4711,"paid":true}');
  expect(changed?.headers).toMatchObject({ 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', 'content-length': '26' });
  expect(changed?.headers).not.toHaveProperty('content-encoding');
  expect(changed?.headers).not.toHaveProperty('x-amz-decoded-content-length');
  expect(waylay.exchanges.map(({ source }) => source)).toEqual(['upstream', 'stub', 'upstream']);
});

test.each([
  ['application/x-ndjson', '{"n": 1.0}\n{"n":2}\n', '{"n": 1.0}\n{"n":3}\n'],
  ['application/x-ndjson; charset=utf-8', '{"n": 1.0}\r\n\r\n{"n":2}', '{"n": 1.0}\n{"n":3}\n'],
  ['application/jsonl', '{"n": 1.0}\n{"n":2}\n', '{"n": 1.0}\n{"n":3}\n'],
  ['application/vnd.elasticsearch+x-ndjson; compatible-with=8', '{"n": 1.0}\n{"n":2}\n', '{"n": 1.0}\n{"n":3}\n'],
  ['application/stream+json', '{"n": 1.0}\n{"n":2}\n', '{"n": 1.0}\n{"n":3}\n'],
  ['application/json-seq', '\x1e{"n": 1.0}\n\x1e{"n":2}\n', '\x1e{"n": 1.0}\n\x1e{"n":3}\n'],
])(
  'json is the list of what %s holds, for patterns, handlers and changes of either side',
  async (type, text, changed) => {
    const body = Buffer.from(text);
    const { waylay, sent, ask } = await served({ '/lines': { type, body } });
    const counted = (lines: { n: number }[]) => lines.map((line, index) => (index === 1 ? { n: 3 } : line));
    waylay.mutate('**/lines', { request: { json: counted }, response: { json: counted } });
    waylay.stubResponse({ path: '/handled', json: [{ n: 1 }, { n: 2 }] }, (request) => ({
      headers: { 'content-type': type },
      json: counted(request.json<{ n: number }[]>()),
    }));
    const matched = waylay.expectRequest({
      path: '/lines',
      json: (all: unknown) => Array.isArray(all) && all.length === 2,
    });
    const response = await ask('/lines', { type, body });
    expect([response.status, String(response.body)]).toEqual([200, changed]);
    expect(String(sent[0]?.body)).toBe(changed);
    expect((await matched).request.json()).toEqual([{ n: 1 }, { n: 2 }]);
    expect(waylay.exchanges[0]?.response?.json()).toEqual([{ n: 1 }, { n: 3 }]);
    const handled = await ask('/handled', { type, body });
    expect([handled.status, String(handled.body)]).toEqual([200, changed.replace('1.0', '1').replace(' ', '')]);
    expect(waylay.verify()).toBeUndefined();
  },
);

test('a value that is no list is one line where it is given, and refused where a function makes it of a list', async () => {
  const type = 'application/x-ndjson';
  const { waylay, ask } = await served({
    '/made': { type, body: Buffer.from('{"n":1}\n') },
    '/given': { type, body: Buffer.from('{"n":1}\n') },
  });
  waylay.stubResponse('**/stubbed', { headers: { 'content-type': type }, json: { n: 2 } });
  waylay.mutate('**/given', { response: { json: { n: 2 } } });
  waylay.mutate('**/made', { response: { json: (lines: object) => ({ ...lines, n: 2 }) } });
  expect(String((await ask('/stubbed')).body)).toBe('{"n":2}\n');
  expect(String((await ask('/given')).body)).toBe('{"n":2}\n');
  expect((await ask('/made')).status).toBe(500);
  expect(waylay.verify()?.message).toContain('json is the list of what its application/x-ndjson holds');
});

test('lines whose content type says that they are one JSON text are told as what they are', async () => {
  const { waylay, ask } = await served({ '/': { type: 'application/json', body: Buffer.from('{"n":1}\n{"n":2}\n') } });
  waylay.mutate('**', { response: { json: (old: object) => old } });
  expect((await ask('/')).status).toBe(500);
  expect(waylay.verify()?.message).toContain(
    'its body is not JSON, but lines of it, which its content type (application/json) does not say; change its text',
  );
});
