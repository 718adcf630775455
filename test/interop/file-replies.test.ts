/** A file as a stub answers it, and nginx: parts, conditions, heads. */
import { writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Waylay } from '../../fixtures/standalone.js';
import { requireTool } from '../tools.js';
import { startNginx } from './nginx.js';
import { startProxy } from './proxy.js';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

interface Answered {
  readonly status: number | undefined;
  readonly range: string | undefined;
  readonly length: string | undefined;
  readonly type: string | undefined;
  readonly parts: readonly string[] | string;
  readonly headers: IncomingMessage['headers'];
}

async function get(
  url: string,
  headers: Record<string, string>,
  { method = 'GET', proxy = 0 } = {},
): Promise<Answered> {
  const { host, port, pathname } = new URL(url);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = proxy === 0 ? { port, path: pathname } : { port: proxy, path: url };
    httpRequest({ host: '127.0.0.1', ...asked, method, headers: { host, ...headers } }, resolve)
      .on('error', reject)
      .end();
  });
  const body = String(await buffer(response));
  const type = response.headers['content-type'];
  const boundary = /^multipart\/byteranges; boundary=(.+)$/.exec(type ?? '')?.[1];
  const { 'content-length': length, 'content-range': range } = response.headers;
  return {
    status: response.statusCode,
    range,
    // Errors of nginx and a stub have bodies of their own; of several parts, their boundaries differ in length.
    length: boundary === undefined && response.statusCode !== 416 && response.statusCode !== 412 ? length : undefined,
    type: boundary === undefined ? type : 'multipart/byteranges',
    parts: boundary === undefined ? body : partsOf(body, boundary),
    headers: response.headers,
  };
}

/** The fields and the body of each part, RFC 2046, section 5.1.1. */
function partsOf(body: string, boundary: string): string[] {
  const [preamble, ...rest] = `\r\n${body}`.split(`\r\n--${boundary}`);
  expect(preamble?.trim()).toBe('');
  expect(rest.pop()).toBe('--\r\n');
  return rest.map((part) => part.trim().replace(/\r\n/g, '|'));
}

let nginx: { url: string; etag: string; modified: string };
let stub: { url: string; etag: string; modified: string; waylay: Waylay };

beforeEach(async (context) => {
  requireTool(context, 'nginx');
  const server = await startNginx();
  const file = join(server.files, 'letters.txt');
  await writeFile(file, LETTERS);
  const { waylay } = await startProxy();
  const url = 'http://files.test/letters.txt';
  waylay.stubResponse(url, { file, headers: { 'content-type': 'text/plain' } });
  const direct = `http://127.0.0.1:${server.httpPort}/files/letters.txt`;
  const [real, stubbed] = [await get(direct, {}), await get(url, {}, { proxy: waylay.port })];
  nginx = { url: direct, etag: real.headers.etag ?? '', modified: real.headers['last-modified'] ?? '' };
  stub = { url, etag: stubbed.headers.etag ?? '', modified: stubbed.headers['last-modified'] ?? '', waylay };
});

/** Both answers to the same request; ETAG and MODIFIED stand for what each server calls the file. */
async function both(headers: Record<string, string>, method = 'GET'): Promise<[Answered, Answered]> {
  const filled = ({ etag, modified }: { etag: string; modified: string }) =>
    Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace('ETAG', etag).replace('MODIFIED', modified)]),
    );
  return [
    await get(nginx.url, filled(nginx), { method }),
    await get(stub.url, filled(stub), { method, proxy: stub.waylay.port }),
  ];
}

const before = 'Thu, 01 Jan 2015 00:00:00 GMT';
const after = 'Fri, 01 Jan 2100 00:00:00 GMT';

describe('a stubbed file answers as nginx does', () => {
  test.each<[string, Record<string, string>, number]>([
    ['no condition', {}, 200],
    ['the beginning', { range: 'bytes=0-3' }, 206],
    ['the end', { range: 'bytes=20-' }, 206],
    ['the last bytes', { range: 'bytes=-5' }, 206],
    ['more last bytes than there are', { range: 'bytes=-500' }, 206],
    ['beyond the end', { range: 'bytes=20-500' }, 206],
    ['one byte', { range: 'bytes=3-3' }, 206],
    ['everything', { range: 'bytes=0-' }, 206],
    ['several parts', { range: 'bytes=0-1, 24-25' }, 206],
    ['several parts of which one lies outside', { range: 'bytes=0-1,100-200' }, 206],
    ['several parts that are all of one byte', { range: 'bytes=1-1,3-3,-1' }, 206],
    ['nothing that is there', { range: 'bytes=26-' }, 416],
    ['several parts that lie outside', { range: 'bytes=26-30,40-50' }, 416],
    ['another unit', { range: 'lines=0-1' }, 200],
    ['If-Range with the etag', { range: 'bytes=0-1', 'if-range': 'ETAG' }, 206],
    ['If-Range with another etag', { range: 'bytes=0-1', 'if-range': '"other"' }, 200],
    ['If-Range with the date', { range: 'bytes=0-1', 'if-range': 'MODIFIED' }, 206],
    ['If-Range with an older date', { range: 'bytes=0-1', 'if-range': before }, 200],
    ['If-None-Match with the etag', { 'if-none-match': 'ETAG' }, 304],
    ['If-None-Match with a weak form of it', { 'if-none-match': 'W/ETAG' }, 304],
    ['If-None-Match with a list', { 'if-none-match': '"a", ETAG' }, 304],
    ['If-None-Match with others', { 'if-none-match': '"a", "b"' }, 200],
    ['If-None-Match with *', { 'if-none-match': '*' }, 304],
    ['If-Modified-Since with the date', { 'if-modified-since': 'MODIFIED' }, 304],
    ['If-Modified-Since with an older date', { 'if-modified-since': before }, 200],
    ['If-Modified-Since with no date', { 'if-modified-since': 'yesterday' }, 200],
    ['If-None-Match before If-Modified-Since', { 'if-none-match': '"a"', 'if-modified-since': 'MODIFIED' }, 200],
    ['If-Match with the etag', { 'if-match': 'ETAG' }, 200],
    ['If-Match with another', { 'if-match': '"a"' }, 412],
    ['If-Match with *', { 'if-match': '*' }, 200],
    ['If-Unmodified-Since with a later date', { 'if-unmodified-since': after }, 200],
    ['If-Unmodified-Since with an older date', { 'if-unmodified-since': before }, 412],
    ['a condition before a part', { range: 'bytes=0-1', 'if-none-match': 'ETAG' }, 304],
  ])('where a request names %s', async (_, headers, status) => {
    const [direct, stubbed] = await both(headers);
    expect(direct.status).toBe(status);
    const { headers: _direct, ...expected } = direct;
    const { headers: fields, ...answered } = stubbed;
    // Errors of nginx have a body in HTML.
    if (status >= 400) expect(answered).toMatchObject({ status, range: expected.range, parts: '' });
    else expect(answered).toEqual(expected);
    if (status < 400) expect([fields.etag, fields['last-modified']]).toEqual([stub.etag, stub.modified]);
    expect(stub.waylay.verify()).toBeUndefined();
  });

  test('to a HEAD, with the length and no body', async () => {
    const [direct, stubbed] = await both({}, 'HEAD');
    expect([direct.status, direct.length, direct.parts]).toEqual([200, '26', '']);
    expect([stubbed.status, stubbed.length, stubbed.parts]).toEqual([200, '26', '']);
    const [cached, known] = await both({ 'if-none-match': 'ETAG' }, 'HEAD');
    expect([known.status, cached.status]).toEqual([304, 304]);
  });
});

// nginx sends a part here, which RFC 9110, section 14.2, leaves to GET.
test('a HEAD asks for no part of a stubbed file', async () => {
  const [, stubbed] = await both({ range: 'bytes=0-1' }, 'HEAD');
  expect([stubbed.status, stubbed.length]).toEqual([200, '26']);
});
