/**
 * The readers against Node's own, strict and lenient (`insecureHTTPParser`), on ordinary, odd and damaged messages: what Node
 * reads in full is read alike, but for the differences that are listed here.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FailureReason } from '../../../src/http/http1/failure.js';
import { RequestReader } from '../../../src/http/http1/request-reader.js';
import { ResponseReader } from '../../../src/http/http1/response-reader.js';
import { comparedRuns, REQUESTS, RESPONSES } from './arbitrary.js';
import { type NodeMessage, nodeReadsRequests, nodeReadsResponse } from './node-parser.js';

/** A reader's result: the messages that are complete, and how one is that Node may have read further. */
interface Reading {
  readonly messages: NodeMessage[];
  readonly failure: FailureReason | undefined;
}

function requestsOf(bytes: Buffer): Reading {
  const messages: NodeMessage[] = [];
  let failure: FailureReason | undefined;
  let head = '';
  let body = '';
  const reader = new RequestReader({
    head(method, target, minor, section) {
      head = `1.${minor} ${method} ${JSON.stringify(target)} ${JSON.stringify(section.fields)}`;
      body = '';
      if (reader.framing.kind === 'tunnel') messages.push({ head, body, trailers: '[]' });
    },
    data: (part) => void (body += part.toString('latin1')),
    end: (trailers) => void messages.push({ head, body, trailers: JSON.stringify(trailers) }),
    fail: ({ reason }) => void (failure = reason),
  });
  reader.push(bytes);
  // Behind an upgrade that is declined.
  while (reader.held) reader.declineUpgrade();
  reader.end();
  return { messages, failure };
}

function responseOf(bytes: Buffer, method: string): Reading {
  const messages: NodeMessage[] = [];
  let failure: FailureReason | undefined;
  let head = '';
  let body = '';
  const asked = [method];
  const reader: ResponseReader = new ResponseReader(
    {
      informational: () => {},
      head({ minor, status, reason }, section) {
        head = `1.${minor} ${status} ${JSON.stringify(reason)} ${JSON.stringify(section.fields)}`;
        body = '';
        if (reader.framing.kind === 'tunnel') messages.push({ head, body, trailers: '[]' });
      },
      data: (part) => void (body += part.toString('latin1')),
      end: (trailers) => void messages.push({ head, body, trailers: JSON.stringify(trailers) }),
      fail: ({ reason }) => void (failure = reason),
    },
    () => asked.shift(),
  );
  reader.push(bytes);
  reader.end();
  return { messages, failure };
}

/**
 * Where Node reads a request that is refused here: the reasons, which are those of the standard. All else that is refused here,
 * Node refuses too.
 */
const REFUSED_HERE: Readonly<Record<'strict' | 'lenient', readonly FailureReason[]>> = {
  strict: [
    // HTTP/2.0 and HTTP/0.9.
    'invalid-version',
    // Two spaces behind CONNECT.
    'invalid-target',
    // `Transfer-Encoding: , chunked` and `chunked, chunked`, and chunks in HTTP/1.0.
    'invalid-coding',
  ],
  lenient: [
    'invalid-version',
    'invalid-target',
    'invalid-coding',
    'bare-line-end',
    'folded-field',
    'blank-before-colon',
    'invalid-name',
    'invalid-value',
    'invalid-length',
    'repeated-length',
    'length-and-coding',
    'invalid-chunk',
    'invalid-trailers',
    // A CR by itself as the empty line.
    'truncated-head',
  ],
};

describe.each(['strict', 'lenient'] as const)('Node, %s', (mode) => {
  test('reads no request otherwise', async () => {
    let read = 0;
    await fc.assert(
      fc.asyncProperty(REQUESTS, async (bytes) => {
        const node = await nodeReadsRequests(bytes, mode === 'lenient');
        const ours = requestsOf(bytes);
        for (const [i, message] of node.messages.entries()) {
          const mine = ours.messages[i];
          if (mine === undefined) {
            expect(REFUSED_HERE[mode]).toContain(ours.failure);
            return;
          }
          read += 1;
          expect(mine).toEqual(message);
        }
      }),
      comparedRuns(3000),
    );
    expect(read).toBeGreaterThan(100);
  }, 3_600_000);

  test('reads no response otherwise, but for what Chromium and curl read as here', async () => {
    let read = 0;
    await fc.assert(
      fc.asyncProperty(RESPONSES, fc.constantFrom('GET', 'GET', 'HEAD', 'CONNECT'), async (bytes, method) => {
        const [message] = (await nodeReadsResponse(bytes, method, mode === 'lenient')).messages;
        if (message === undefined || isKnown(bytes, method, message.head)) return;
        read += 1;
        const ours = responseOf(bytes, method);
        const mine = ours.messages[0];
        // Chunk data without a line end behind it: only to Node's lenient parser.
        if (mine === undefined && mode === 'lenient' && ours.failure === 'invalid-chunk') return;
        expect(mine && plain(mine)).toEqual(plain(message));
      }),
      comparedRuns(3000),
    );
    expect(read).toBeGreaterThan(100);
  }, 3_600_000);
});

function plain({ head, body, trailers }: NodeMessage): NodeMessage {
  return { head: asHere(head), body, trailers: asHere(trailers) };
}

/**
 * A version above HTTP/1.1 is read as that, and one below as HTTP/1.0; spaces around a reason, and before a colon, are part of neither; a
 * fold is one space.
 */
function asHere(head: string): string {
  return head
    .replace(/^\d\.\d/, (version) => (Number(version) >= 1.1 ? '1.1' : '1.0'))
    .replace(/(\\t| )+/g, ' ')
    .replace(/ *" */g, '"');
}

/** Is it a response that Node reads in another way than Chromium and curl do, or than one of them? */
function isKnown(bytes: Buffer, method: string, head: string): boolean {
  const wire = bytes.toString('latin1');
  const status = Number(head.split(' ')[1]);
  // To Node any response to CONNECT is its last; here one that does not grant it is an ordinary one.
  if (method === 'CONNECT' && (status < 200 || status > 299)) return true;
  // Chunks in HTTP/1.0: not to Chromium.
  if (/^(0\.\d|1\.0) /.test(head) && /transfer-encoding:/i.test(wire)) return true;
  // A list of codings other than the plainest that ends in chunked: Chromium looks for chunked, anywhere in it.
  const codings = wire.match(/transfer-encoding:.*/gi) ?? [];
  if (codings.some((line) => !/^transfer-encoding: ?(\w+, )*chunked\r?$/i.test(line))) return true;
  // A blank before the colon of the framing: to Chromium it is no part of the name.
  if (/(length|encoding)[ \t]+:/i.test(wire)) return true;
  // 205 has no body without a framing: not to Chromium.
  if (status === 205) return true;
  // A line of blanks ends the head to Node's lenient parser; here it is a fold of nothing.
  if (/\n[ \t]+\r?\n/.test(wire)) return true;
  // A first line that begins with a blank is a field to it; here it goes on with nothing, and is none, as to Chromium.
  if (/(HTTP|\n0)[^\n]*\n[ \t]/i.test(wire)) return true;
  // A CR by itself, which only the lenient parser reads, ends a head there, and chunk data; here it ends a field.
  return /\r(?!\n)/.test(wire);
}
