/** Run by a Vitest of its own, with Waylay and, with DIRECT, without: what is under way when a test ends. */
import http, { type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Waylay } from '../../../../fixtures/vitest.js';

const direct = process.env.DIRECT !== undefined;
const elsewhere = process.env.ELSEWHERE as string;
const { test: routed, useWaylay } = await import('../../../../fixtures/vitest.js');

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('what nobody waits for', () => {
  const waylay: Waylay | undefined = direct ? undefined : useWaylay();
  let answer: () => void;
  const server = http.createServer((_, response) => {
    answer = () => response.end('late');
  });
  let url: string;
  let telemetry: Promise<string>;
  beforeAll(async () => {
    url = await listening(server);
  });
  afterAll(() => void server.close());

  test('is sent', async () => {
    const arrived = new Promise((resolve) => server.once('request', resolve));
    telemetry = fetch(url, { method: 'POST', body: 'x' }).then((response) => response.text());
    await arrived;
  });

  test('is answered later', async () => {
    answer();
    expect(await telemetry).toBe('late');
    expect(waylay?.exchanges ?? []).toEqual([]);
  });

  test('may not even be connected', () => {
    void fetch(`${elsewhere}/at-once`);
    http.get(`${elsewhere}/at-once`).on('response', (response) => response.resume());
  });

  test("is supertest's example", () => {
    const app = http.createServer((_, response) => response.end('fine'));
    request(app)
      .get('/user')
      .expect(200)
      .end((error) => {
        if (error) throw error;
      });
  });
});

describe.concurrent('at once', () => {
  const own = (direct ? test : routed) as typeof test;
  const answers: (() => void)[] = [];
  const server = http.createServer((_, response) => answers.push(() => response.end('late')));
  let asked = (): void => {};
  const all = new Promise<void>((resolve) => (asked = resolve));
  const telemetry: Promise<string>[] = [];
  const started = listening(server);
  afterAll(async () => {
    expect(await Promise.all(telemetry)).toEqual(['late', 'late']);
    server.close();
  });

  for (const name of ['a', 'b']) {
    own(name, async () => {
      telemetry.push(started.then(fetch).then((response) => response.text()));
      if (telemetry.length === 2) asked();
      await all;
    });
  }
  own('c', async () => {
    await all;
    while (answers.length < 2) await new Promise(setImmediate);
    for (const answer of answers) answer();
  });
});

((direct ? test : routed) as typeof test)('the last one', () => {
  void fetch(`${elsewhere}/late`).then((response) => response.text());
});
