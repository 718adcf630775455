import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import * as tls from 'node:tls';
import { describe, expect, test } from 'vitest';
import { UpstreamError } from '../../src/errors.js';
import { ALERTS, alertOf, plaintextAlert } from '../../src/tls/alert.js';
import { CertificateAuthority } from '../../src/tls/certificate-authority.js';
import { leafTemplate } from '../../src/tls/leaf.js';
import { requireTool, run } from '../tools.js';

/** The error of a real client at a server's answer to its ClientHello. */
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

  test.each(Object.entries(ALERTS))(
    'are known to a client as %s by the same name, and by its number, %i',
    async (name, description) => {
      const error = await reportOf(plaintextAlert(description));
      // ERR_SSL_SSLV3_ALERT_…, ERR_SSL_TLSV1_ALERT_…, and from OpenSSL 3.5 on ERR_SSL_SSL/TLS_ALERT_…
      expect(error.code).toMatch(new RegExp(`^ERR_SSL_(SSL|TLS|SSL/TLS)(V\\d+)?_(ALERT_)?${name.toUpperCase()}$`));
      expect(alertOf(error)).toBe(description);
      expect(alertOf(new UpstreamError('WAYLAY_UPSTREAM_TLS', 'no', { cause: error }))).toBe(description);
    },
  );

  test.for(['1_2', '1_3'])('have a client say over TLS %s that it does not know the CA', async (version, ctx) => {
    requireTool(ctx, 'openssl');
    const now = Date.now();
    const template = leafTemplate({ serverName: 'shop.test', host: 'shop.test', upstream: undefined, now });
    const { context } = CertificateAuthority.create(now).leaf(template);
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      const args = [
        's_client',
        '-connect',
        address,
        `-tls${version}`,
        '-verify_return_error',
        '-no-CApath',
        '-no-CAfile',
      ];
      const client = run('openssl', args);
      const [raw] = await once(server, 'connection');
      const socket = new tls.TLSSocket(raw, { isServer: true, secureContext: context });
      const [error] = await once(socket, 'error');
      expect(alertOf(error)).toBe(ALERTS.unknown_ca);
      expect((await client).code).toBe(1);
    } finally {
      server.close();
    }
  });

  test('are none of other errors', async () => {
    expect(alertOf(await reportOf(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')))).toBeUndefined();
    expect(alertOf(undefined)).toBeUndefined();
    expect(alertOf('SSL alert number 40')).toBeUndefined();
    const circular = new Error('a');
    circular.cause = circular;
    expect(alertOf(circular)).toBeUndefined();
  });
});
