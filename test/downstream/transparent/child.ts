/**
 * A process with a network, a server and a Waylay of its own; its argument is its name. It does what the lines of its
 * standard input say, one JSON answer each, and ends with it.
 */
import { readlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { startWaylay } from '../../../fixtures/standalone.js';
import { Network, SERVERS } from './network.js';

const [name = ''] = process.argv.slice(2);
const [address] = SERVERS;
const network = await Network.enter();
const server = createServer((_, response) => response.end(name)).listen(80, address);
const waylay = await startWaylay({ host: '0.0.0.0', transparent: 'kernel' });
await network.redirect(waylay.port);
waylay.stubResponse('http://nowhere.test/', `stub of ${name}`);
waylay.env();

const answer = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);
const client = await network.client('readlink', ['/proc/self/ns/net']);
answer({ namespaces: [readlinkSync('/proc/self/ns/net'), client.stdout.trim()], ca: waylay.env().NODE_EXTRA_CA_CERTS });

try {
  for await (const line of createInterface({ input: process.stdin })) {
    const [command = '', ...args] = line.split(' ');
    if (command === 'curl') answer((await network.curl(...args)).stdout);
    else if (command === 'journal') answer(waylay.exchanges.map(({ request, source }) => `${request.url} ${source}`));
    else throw new Error(`no command ${command}`);
  }
} finally {
  await waylay.stop();
  server.close();
}
