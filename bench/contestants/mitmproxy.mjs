// @ts-check
/** mitmproxy's mitmdump, quiet and without upstream verification; its addon is written beside. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { config, MEMBER, STUB_BODY } from './contestant.mjs';

const { job, folder } = config;
const addon = join(folder, 'addon.py');
const [[member, value] = []] = Object.entries(MEMBER);
writeFileSync(
  addon,
  {
    forward: '',
    stub: `from mitmproxy import http
def request(flow):
    flow.response = http.Response.make(200, ${JSON.stringify(STUB_BODY)}, {"content-type": "application/json"})
`,
    mutate: `import json
def response(flow):
    body = json.loads(flow.response.content)
    body["${member}"] = "${value}"
    flow.response.content = json.dumps(body).encode()
`,
  }[job.kind],
);

const port = await freePort();
const args = ['-q', '--listen-host', '127.0.0.1', '--listen-port', String(port), '--ssl-insecure'];
args.push('--set', `confdir=${folder}`, '--set', 'flow_detail=0', '--set', 'validate_inbound_headers=false');
if (job.kind === 'forward') args.push('--set', 'stream_large_bodies=64k');
else args.push('-s', addon);
const child = spawn('mitmdump', args, { stdio: ['ignore', 'ignore', 'inherit'] });
process.stdin.resume();
process.stdin.on('end', () => child.kill());
process.on('SIGTERM', () => child.kill());
child.on('close', () => process.exit(0));
// The process that works is another than this one.
await listening();
console.log(JSON.stringify({ port, pid: child.pid }));

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

async function listening() {
  const { connect } = await import('node:net');
  for (;;) {
    const connected = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (connected) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
