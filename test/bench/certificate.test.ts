import { X509Certificate } from 'node:crypto';
import { connect, createServer } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { selfSigned } from '../../bench/upstream/certificate.mjs';

test('the certificate of the upstream is verified as any other', async () => {
  const { key, cert, ca } = selfSigned('Bench');
  const read = new X509Certificate(cert);
  expect(read.checkHost('host-1.bench.test')).toBe('*.bench.test');
  expect(read.verify(read.publicKey)).toBe(true);

  const server = createServer({ key, cert });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const authorized = await new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca }, () => {
      resolve(socket.authorized);
      socket.destroy();
    });
    socket.on('error', reject);
  });
  expect(authorized).toBe(true);
});
