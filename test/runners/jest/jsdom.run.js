/**
 * @jest-environment jsdom
 */
const { useWaylay } = require('waylay/jest');

const waylay = useWaylay({ baseURL: 'https://api.test/' });
const CORS = { 'access-control-allow-origin': '*' };

function get(url) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.onload = () => resolve(request.responseText);
    request.onerror = () => reject(new Error('failed'));
    request.open('GET', url);
    request.send();
  });
}

test('a page in jsdom goes through', async () => {
  waylay.stubResponse('/cart', { headers: CORS, json: { items: 2 } });
  expect(JSON.parse(await get('https://api.test/cart'))).toEqual({ items: 2 });
  await expect(waylay).toHaveReceived('/cart', { headers: { origin: 'http://localhost' } });
});

test("bytes are known for bytes, whoever's they are", async () => {
  waylay.stubResponse('/bytes', { headers: CORS, body: new Uint8Array([97, 98]) });
  expect(await get('https://api.test/bytes')).toBe('ab');
  waylay.stubResponse('/buffer', { headers: CORS, body: Buffer.from('cd') });
  expect(await get('https://api.test/buffer')).toBe('cd');
});

test('text may be in any charset', async () => {
  const body = Buffer.from([0xcf, 0xf0]);
  waylay.stubResponse('/old', { headers: { ...CORS, 'content-type': 'text/plain; charset=windows-1251' }, body });
  waylay.mutate('/old', { response: { text: (old) => `${old}и` } });
  expect(await get('https://api.test/old')).toBe('При');
  expect([...waylay.exchanges[0].response.body]).toEqual([0xcf, 0xf0, 0xe8]);
});

test('functions may take their time', async () => {
  waylay.stubResponse('/later', async () => ({ headers: CORS, text: 'later' }));
  waylay.mutate('/later', { response: { text: (text) => text.toUpperCase() } });
  expect(await get('https://api.test/later')).toBe('LATER');
});

test('goes on while time stands still', async () => {
  jest.useFakeTimers();
  try {
    waylay.stubResponse('/stream', { headers: CORS, stream: ['a', 'b'] });
    expect(await get('https://api.test/stream')).toBe('ab');
  } finally {
    jest.useRealTimers();
  }
});
