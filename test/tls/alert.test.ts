import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import * as tls from 'node:tls';
import { describe, expect, test } from 'vitest';
import { UpstreamError } from '../../src/errors.js';
import { alertOf, plaintextAlert } from '../../src/tls/alert.js';

/** How a real client reports what a server answers to its ClientHello. */
async function reportOf(answer: Buffer): Promise<NodeJS.ErrnoException> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const client = tls.connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
    const [error] = await once(client, 'error');
    return error;
  } finally {
    server.close();
  }
}

describe('alerts', () => {
  test('are records of seven bytes', () => {
    expect(plaintextAlert(40).toString('hex')).toBe('15030300020228');
  });

  test.each([40, 42, 48, 70, 80, 112, 116, 120])(
    'a client receives %i and its number is found',
    async (description) => {
      const error = await reportOf(plaintextAlert(description));
      expect(error.code).toMatch(/^ERR_SSL_/);
      expect(alertOf(error)).toBe(description);
      expect(alertOf(new UpstreamError('WAYLAY_UPSTREAM_TLS', 'no', { cause: error }))).toBe(description);
    },
  );

  test('other errors have none', async () => {
    expect(alertOf(await reportOf(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')))).toBeUndefined();
    expect(alertOf(undefined)).toBeUndefined();
    expect(alertOf('SSL alert number 40')).toBeUndefined();
    const circular = new Error('a');
    circular.cause = circular;
    expect(alertOf(circular)).toBeUndefined();
  });
});
