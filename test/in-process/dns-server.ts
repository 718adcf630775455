/** A DNS server as far as tests need one (RFC 1035, section 4.1): it knows the IPv4 addresses that it is given. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

const NAME_ERROR = 3;

/**
 * Starts it, until the test ends.
 * @param addresses by name; `null`: no answer ever comes
 * @returns what `setServers` takes, and the names that were asked for
 */
export async function dnsServer(
  addresses: Readonly<Record<string, string | null>>,
): Promise<{ readonly address: string; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const socket = createSocket('udp4', (query, { port, address }) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const question = query.subarray(12, at + 5);
    const type = query.readUInt16BE(at + 1);
    const name = labels.join('.').toLowerCase();
    asked.push(name);
    const known = addresses[name];
    if (known === null) return;
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    const answers = known !== undefined && (type === 1 || type === 255) ? 1 : 0;
    head.writeUInt16BE(0x8180 | (known === undefined ? NAME_ERROR : 0), 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(answers, 6);
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...(known ?? '').split('.').map(Number)]);
    socket.send(Buffer.concat([head, question, ...(answers === 1 ? [record] : [])]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return { address: `127.0.0.1:${socket.address().port}`, asked };
}
