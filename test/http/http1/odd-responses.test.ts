import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requireTool, run } from '../../tools.js';
import { ODD_RESPONSES, type OddResponse } from './odd-responses.js';
import { latin1, pieces, readResponses } from './reading.js';

describe('an odd response is read as Chromium or curl read it', () => {
  test.each(ODD_RESPONSES)('$title', ({ wire, method, reads }) => {
    const bytes = latin1(wire);
    const events = (parts: readonly Buffer[]) =>
      readResponses(parts, [method], { ending: 'fin' }).filter((line) => line !== '(ended)');
    expect(events([bytes])).toEqual(reads);
    expect(events(pieces(bytes, bytes.length > 1000 ? 997 : 1))).toEqual(reads);
    if (bytes.length > 1000) return;
    for (let at = 1; at < bytes.length; at += 1) {
      expect(events([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(reads);
    }
  });
});

test('the table has a reason for each reading that is not that of both', () => {
  expect(ODD_RESPONSES.length).toBeGreaterThan(200);
  const unexplained = ODD_RESPONSES.filter(
    ({ chromium, curl, why }) => `${chromium}${curl}` !== 'samesame' && why === '',
  );
  expect(unexplained).toEqual([]);
  expect(new Set(ODD_RESPONSES.map(({ title }) => title)).size).toBe(ODD_RESPONSES.length);
});

describe('curl reads it as the table says', () => {
  let server: Server;
  let port = 0;

  beforeAll(async () => {
    server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (request) => {
        const row = ODD_RESPONSES[Number(/^\w+ \/(\d+)/.exec(request.toString())?.[1])];
        socket.end(latin1(row?.wire ?? ''));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as { port: number }).port;
  });

  afterAll(() => void server.close());

  test.for(ODD_RESPONSES.map((row, index) => ({ ...row, index })))('$title', async (row, context) => {
    requireTool(context, 'curl');
    const { code, stdout } = await curl(port, row);
    const end = stdout.lastIndexOf('\n');
    const [status, body] = [Number(stdout.slice(end + 1)), stdout.slice(0, end)];
    const isRead = row.reads.some((line) => line === 'end' || line.startsWith('end {'));
    if (row.curl === 'gives up') expect({ code }).not.toEqual({ code: 0 });
    else if (row.curl !== 'same') expect(code).toBe(0);
    else if (!isRead) expect({ code }).not.toEqual({ code: 0 });
    else {
      const head = row.reads.filter((line) => /^(1\.0 )?\d+ "/.test(line)).at(-1) ?? '';
      expect({ code, status }).toEqual({ code: 0, status: Number(/(\d+) "/.exec(head)?.[1]) });
      const data = row.reads.find((line) => line.startsWith('"')) ?? '""';
      expect(`"${body.replace(/\r/g, '\\r').replace(/\n/g, '\\n')}"`).toBe(data);
    }
  });
});

async function curl(port: number, { method, index }: OddResponse & { readonly index: number }) {
  const head = method === 'HEAD' ? ['--head', '--output', '/dev/null'] : [];
  const url = `http://127.0.0.1:${port}/${index}`;
  return run('curl', [
    '--silent',
    '--noproxy',
    '*',
    '--max-time',
    '100',
    ...head,
    '--write-out',
    '\n%{http_code}',
    url,
  ]);
}
