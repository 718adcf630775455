/** Run by a Vitest of its own: some of these fail, and are to. */
import http from 'node:http';
import { describe } from 'vitest';
import { expect, test, useWaylay } from '../../../fixtures/vitest.js';

const original = http.Agent.prototype.getName;

describe('useWaylay', () => {
  const waylay = useWaylay();

  test('answers', async () => {
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

  test('starts anew', () => {
    expect(waylay.exchanges).toHaveLength(0);
  });

  test('fails for what did not come', async () => {
    waylay.stubResponse('https://nowhere.test/a', 'a');
    waylay.expectRequest('https://nowhere.test/missing');
    await fetch('https://nowhere.test/a');
  });

  test('fails of its own, and is told of what did not come', async () => {
    waylay.expectRequest('https://nowhere.test/missing');
    throw new Error('the test itself');
  });

  test('warns of an unused stub', async () => {
    waylay.stubResponse('https://nowhere.test/unused', 'a');
  });

  test('says what is missing before the time of the test is over', { timeout: 1000 }, async () => {
    await waylay.expectRequest('https://nowhere.test/missing');
  });
});

describe('after these', () => {
  test.skip('placeholder', () => {});
});

describe('restored', async () => {
  const { test } = await import('vitest');
  const waylay = useWaylay({ scope: 'file' });
  const { handle } = { handle: waylay };

  test('led while the file runs', async () => {
    expect(http.Agent.prototype.getName).not.toBe(original);
    handle.stubResponse('http://nowhere.test/', 'once', { times: 1 });
    expect(await (await fetch('http://nowhere.test/')).text()).toBe('once');
  });

  test('shared by the tests of the file', () => {
    expect(handle.exchanges).toHaveLength(1);
  });
});

describe('afterwards', async () => {
  const { test } = await import('vitest');
  test('is as before', () => {
    expect(http.Agent.prototype.getName).toBe(original);
  });
});
