import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ODD_REQUESTS } from './odd-requests.js';
import { latin1, pieces, readRequests } from './reading.js';

describe('an odd request is read, or refused', () => {
  test.each(ODD_REQUESTS)('$title', ({ wire, reads }) => {
    const bytes = latin1(wire);
    const events = (parts: readonly Buffer[]) =>
      readRequests(parts, { ending: 'fin' }).filter((line) => line !== '(ended)');
    expect(events([bytes])).toEqual(reads);
    expect(events(pieces(bytes, bytes.length > 1000 ? 997 : 1))).toEqual(reads);
    if (bytes.length > 1000) return;
    for (let at = 1; at < bytes.length; at += 1) {
      expect(events([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(reads);
    }
  });

  test('the table has over a hundred rows, no two alike', () => {
    expect(ODD_REQUESTS.length).toBeGreaterThan(170);
    expect(new Set(ODD_REQUESTS.map(({ wire }) => wire)).size).toBe(ODD_REQUESTS.length);
  });
});

/**
 * Rows that Node, strict, refuses and this reader reads, each with the reason. All others that Node refuses are refused here:
 * so nothing that it takes for ambiguous is.
 */
const READ_HERE: Readonly<Record<string, string>> = {
  'a method of its own': 'any token is a method',
  'a method in lower case': 'any token is a method',
  'a method of odd characters': 'any token is a method',
  'a method of 200 letters': 'any token is a method',
  'a body that is too long': 'any token is a method',
  'connect in lower case': 'any token is a method',
  'a target above 0x7f': 'any bytes are a target',
  'a target in UTF-8': 'any bytes are a target',
  'a target with control bytes': 'any bytes are a target',
  'a target without a slash': 'any bytes are a target',
  'a target of 100,000 bytes': 'the limit is larger',
  'values with control bytes': 'any bytes but CR, LF and NUL are a value',
  'a value of 100,000 bytes': 'the limit is larger',
  'extensions above 0x7f': 'any bytes but CR and LF are an extension',
};

test('Node refuses no other request of the table', async () => {
  const server = createServer({ requireHostHeader: false } as object, (request: IncomingMessage, response) => {
    request.on('end', () => response.end());
    request.resume();
  });
  // Above its number, Node 20 leaves fields out, and later versions refuse the request.
  server.maxHeadersCount = 0;
  let refused = false;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    refused = !['ECONNRESET', 'HPE_INVALID_EOF_STATE'].includes(error.code ?? '');
    socket.destroy();
  });
  server.on('connect', (_, socket) => socket.end());
  server.on('upgrade', (_, socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const differing: string[] = [];
  for (const { title, wire, reads } of ODD_REQUESTS) {
    refused = false;
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.end(latin1(wire)));
      socket.on('error', () => {});
      socket.on('close', () => resolve());
      socket.resume();
    });
    const isReadHere = !reads.some((line) => / at \d+$/.test(line) && !line.startsWith('truncated'));
    if (refused && isReadHere) differing.push(title);
  }
  server.close();
  expect(differing.sort()).toEqual(Object.keys(READ_HERE).sort());
});
