/** Run by a Jest of its own: some of these fail, and are to. */
const http = require('node:http');
const https = require('node:https');
const axios = require('axios');
const { useWaylay } = require('waylay/jest');

const { getName } = http.Agent.prototype;

function get(url) {
  return new Promise((resolve, reject) => {
    (url.startsWith('https:') ? https : http)
      .get(url, async (response) => {
        let text = '';
        for await (const chunk of response) text += chunk;
        resolve(text);
      })
      .on('error', reject);
  });
}

describe('useWaylay', () => {
  const waylay = useWaylay();

  test('answers', async () => {
    waylay.stubResponse('https://nowhere.test/**', { status: 402, json: { error: 'declined' } });
    expect(JSON.parse(await get('https://nowhere.test/a'))).toEqual({ error: 'declined' });
    const error = await axios.post('https://nowhere.test/b', { amount: 1 }).catch((thrown) => thrown);
    expect(error.response.status).toBe(402);
    const { request, response } = await waylay.expectRequest('POST https://nowhere.test/b');
    expect(request).toHaveJSON({ amount: expect.any(Number) });
    expect(request).toHaveHeader('content-type', /json/);
    expect(request).not.toHaveHeader('x-none');
    expect(request).toMatchRequest('POST **');
    expect(response).toHaveStatus(402);
    await expect(waylay).toHaveReceived('https://nowhere.test/a');
    await expect(waylay).not.toHaveReceived('https://other.test/**');
    expect(waylay.exchanges).toHaveLength(2);
  });

  test('reads and writes text in any charset', async () => {
    const headers = { 'content-type': 'text/html; charset=shift_jis' };
    const body = Buffer.from([0x93, 0xfa, 0x96, 0x7b]); // 日本
    waylay.stubResponse('http://nowhere.test/**', { headers, body });
    waylay.stubResponse('http://nowhere.test/page', {
      headers: { 'content-type': 'text/html' },
      body: Buffer.from('<meta charset=latin1>\xe9', 'latin1'),
    });
    waylay.stubResponse('http://nowhere.test/json', { body: '{ "id": 9007199254740993 }' });
    waylay.mutate('http://nowhere.test/changed', { response: { text: (old) => `${old}本` } });
    waylay.mutate('http://nowhere.test/json', { response: { json: (old) => ({ ...old, a: 1 }) } });
    await get('http://nowhere.test/changed');
    await get('http://nowhere.test/page');
    expect(await get('http://nowhere.test/json')).toBe('{ "id": 9007199254740993, "a": 1 }');
    const [changed, page] = waylay.exchanges;
    expect(changed.response.text()).toBe('日本本');
    expect([...changed.response.body]).toEqual([0x93, 0xfa, 0x96, 0x7b, 0x96, 0x7b]);
    expect(page.response.text()).toBe('<meta charset=latin1>é');
  });

  test('answers fetch', async () => {
    waylay.stubResponse('https://nowhere.test/**', { body: Buffer.from('bytes') });
    const { fetch } = globalThis;
    expect(
      await (fetch === undefined ? get('https://nowhere.test/') : (await fetch('https://nowhere.test/')).text()),
    ).toBe('bytes');
  });

  test('starts anew', () => {
    expect(waylay.exchanges).toHaveLength(0);
  });

  test('goes on while time stands still', async () => {
    jest.useFakeTimers();
    try {
      waylay.stubResponse('https://nowhere.test/', { stream: ['a', 'b'] });
      expect(await get('https://nowhere.test/')).toBe('ab');
    } finally {
      jest.useRealTimers();
    }
  });

  test('meets true failures', async () => {
    await expect(get('http://127.0.0.1:9/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('fails for what did not come', async () => {
    waylay.stubResponse('https://nowhere.test/a', 'a');
    waylay.expectRequest('https://nowhere.test/missing');
    await get('https://nowhere.test/a');
  });

  test('fails of its own, and is told of what did not come', async () => {
    waylay.expectRequest('https://nowhere.test/missing');
    throw new Error('the test itself');
  });

  test('fails beside an unused stub', () => {
    waylay.stubResponse('https://nowhere.test/unused', 'a');
    throw new Error('the test itself');
  });

  test('warns of an unused stub', () => {
    waylay.stubResponse('https://nowhere.test/unused', 'a');
  });

  test('says what is missing before the time of the test is over', async () => {
    await waylay.expectRequest('https://nowhere.test/missing');
  });
});

test('is as before', () => {
  expect(http.Agent.prototype.getName).toBe(getName);
});

describe('with one for the file', () => {
  const waylay = useWaylay({ scope: 'file' });
  test('answers', async () => {
    waylay.stubResponse('http://nowhere.test/', 'once', { times: 1 });
    expect(await get('http://nowhere.test/')).toBe('once');
  });
  test('is shared', () => {
    expect(waylay.exchanges).toHaveLength(1);
  });
});

describe('misuse:', () => {
  const waylay = useWaylay();
  test('a call in a test', () => {
    useWaylay();
  });
  test('no await', () => {
    void expect(waylay).toHaveReceived('https://nowhere.test/late');
  });
  test('a matcher of something else', () => {
    expect({}).toMatchRequest('**');
  });
});

describe('two', () => {
  useWaylay();
  describe('one in the other', () => {
    useWaylay();
    test('are refused', () => {});
  });
});
