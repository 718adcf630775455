/** Run by a Vitest of its own: some of these fail, and are to. */
import { once } from 'node:events';
import http from 'node:http';
import { Worker } from 'node:worker_threads';
import { describe, test as plain, vi } from 'vitest';
import { expect, test, useWaylay, type Waylay } from '../../../fixtures/vitest.js';

const original = http.Agent.prototype.getName;

describe('useWaylay', () => {
  const waylay = useWaylay();

  plain('answers', async () => {
    waylay.stubResponse('https://nowhere.test/a', { status: 402, json: { error: 'declined' } });
    const response = await fetch('https://nowhere.test/a', { method: 'POST', body: 'x' });
    expect(await response.json()).toEqual({ error: 'declined' });
    const { request, response: seen } = await waylay.expectRequest('POST https://nowhere.test/a');
    expect(request).toHaveHeader('content-type', /text/);
    expect(request).not.toHaveHeader('x-none');
    expect(request).toMatchRequest('POST **');
    expect(seen).toHaveStatus(402);
    expect(seen).toHaveJSON({ error: 'declined' });
    await expect(waylay).toHaveReceived('POST https://nowhere.test/a');
    await expect(waylay).not.toHaveReceived('https://other.test/**');
    expect(waylay.exchanges).toHaveLength(1);
  });

  plain('starts anew', () => {
    expect(waylay.exchanges).toHaveLength(0);
  });

  plain('goes on while time stands still', async () => {
    vi.useFakeTimers();
    try {
      waylay.stubResponse('https://nowhere.test/', { stream: ['a', 'b'] });
      expect(await (await fetch('https://nowhere.test/')).text()).toBe('ab');
    } finally {
      vi.useRealTimers();
    }
  });

  plain('fails for what did not come', async () => {
    waylay.stubResponse('https://nowhere.test/a', 'a');
    waylay.expectRequest('https://nowhere.test/missing');
    await fetch('https://nowhere.test/a');
  });

  plain('fails of its own, and is told of what did not come', async () => {
    waylay.expectRequest('https://nowhere.test/missing');
    throw new Error('the test itself');
  });

  plain('warns of an unused stub', async () => {
    waylay.stubResponse('https://nowhere.test/unused', 'a');
  });

  plain('fails beside an unused stub', () => {
    waylay.stubResponse('https://nowhere.test/unused', 'a');
    throw new Error('the test itself');
  });

  plain('warns of a worker that cannot be routed', async () => {
    // These are the sources, which no worker runs.
    const worker = new Worker('', { eval: true });
    await once(worker, 'exit');
  });

  plain('says what is missing before the time of the test is over', { timeout: 1000 }, async () => {
    await waylay.expectRequest('https://nowhere.test/missing');
  });
});

describe('between', () => {
  plain('all is as before', () => {
    expect(http.Agent.prototype.getName).toBe(original);
  });
});

describe('with one for the file', () => {
  const waylay = useWaylay({ scope: 'file' });

  plain('answers', async () => {
    expect(http.Agent.prototype.getName).not.toBe(original);
    waylay.stubResponse('http://nowhere.test/', 'once', { times: 1 });
    expect(await (await fetch('http://nowhere.test/')).text()).toBe('once');
  });

  plain('is shared', () => {
    expect(waylay.exchanges).toHaveLength(1);
  });
});

describe('the fixture', () => {
  test('answers', async ({ waylay }) => {
    waylay.stubResponse('http://nowhere.test/', 'fixture');
    expect(await (await fetch('http://nowhere.test/')).text()).toBe('fixture');
  });

  const strict = test.extend({ waylayOptions: { unmatched: 'refuse' } });
  strict('takes options', async () => {
    await fetch('http://nowhere.test/');
  });
});

describe('a handle', () => {
  let outside: unknown;
  const waylay = useWaylay();
  try {
    waylay.stubResponse('**', 200);
  } catch (error) {
    outside = error;
  }
  plain('says where it can be used', () => {
    expect(outside).toMatchObject({ code: 'WAYLAY_OUTSIDE_TEST' });
  });
});

describe('misuse:', () => {
  const waylay = useWaylay();
  plain('a call in a test', () => {
    useWaylay();
  });
  plain('no await', () => {
    void expect(waylay).toHaveReceived('https://nowhere.test/late');
  });
  plain('a matcher of something else', () => {
    expect({}).toMatchRequest('**');
  });
  plain('a wrong option', () => {
    expect(() => waylay.expectRequest('**', { times: -1 })).toThrow('times');
    waylay.expectRequest('**', { times: -1 });
  });
});

describe('misuse of the fixture:', () => {
  let kept: Waylay | undefined;
  test('keeps', ({ waylay }) => {
    kept = waylay;
  });
  test('one from before', () => {
    kept?.stubResponse('**', 200);
  });
});

describe('two', () => {
  useWaylay();
  describe('one in the other', () => {
    useWaylay();
    plain('are refused', () => {});
  });
  test('with the fixture are refused', ({ waylay }) => {
    expect(waylay.exchanges).toEqual([]);
  });
});
