/** Run without Jest's functions as globals. */
const http = require('node:http');
const { describe, expect, test } = require('@jest/globals');
const { useWaylay } = require('waylay/jest');

describe('without globals', () => {
  const waylay = useWaylay();
  test('answers', async () => {
    expect(typeof beforeEach).toBe('undefined');
    waylay.stubResponse('http://nowhere.test/', 204);
    const status = await new Promise((resolve, reject) => {
      http.get('http://nowhere.test/', (response) => resolve(response.resume().statusCode)).on('error', reject);
    });
    expect(status).toBe(204);
    await expect(waylay).toHaveReceived('http://nowhere.test/');
  });
});
