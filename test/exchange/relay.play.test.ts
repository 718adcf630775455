/** The relay, event by event: what comes out of it after each, and what it keeps of the exchange. */
import { describe } from 'vitest';
import { TestError, UpstreamError } from '../../src/errors.js';
import type { Answer, MessageFault } from '../../src/interceptor.js';
import { play, type RelayPlay } from './play.js';
import {
  abort,
  breakOff,
  data,
  end,
  errorAnswer,
  fail,
  hang,
  head,
  headOnly,
  holdOn,
  informational,
  more,
  request,
  requestBroken,
  requestData,
  requestEnd,
} from './said.js';
import { LATER } from './surrounded.js';
import { table } from './table.js';

const FAULT = new TestError('WAYLAY_FAULT', 'The test asked for it.');
const DIALLED = new UpstreamError('WAYLAY_UPSTREAM_REFUSED', 'Nobody listens.', { authority: 'shop.test' });

const fault = (kind: MessageFault['kind'], after?: number): MessageFault => ({ kind, after, error: FAULT });

const answer = (text: string): Answer => ({ status: 200, statusText: 'OK', headers: [], body: Buffer.from(text) });

/** Up to the request's head at the upstream. */
const forwarded = (setting: Parameters<typeof play>[0] = {}): RelayPlay => play(setting).sends(request('GET /'));

const TRUNCATED = 'WAYLAY_UPSTREAM_TRUNCATED';

describe('a response without a change', () => {
  table({
    'goes on as it comes': () =>
      forwarded()
        .gets(informational(103))
        .sends(informational(103))
        .gets(head(200))
        .sends(head(200))
        .gets(data('a'))
        .sends(data('a'))
        .gets(end(['x-sum', '1']))
        .sends(end(['x-sum', '1']))
        .records({ source: 'upstream', status: 200, body: 'a' }),
    'that fails before its head is answered': () =>
      forwarded()
        .gets(fail())
        .sends(...errorAnswer(502, TRUNCATED))
        .records({ error: TRUNCATED, source: 'failed', status: 502 }),
    'that fails before its head is mirrored where that is asked for': () =>
      forwarded({ upstreamErrors: 'mirror' })
        .gets(fail())
        .sends(fail())
        .records({ error: TRUNCATED, source: 'failed', status: undefined }),
    'that fails within is broken off': () =>
      forwarded()
        .gets(head(200))
        .sends(head(200))
        .gets(data('a'))
        .sends(data('a'))
        .gets(fail())
        .sends(fail())
        .records({ error: TRUNCATED, source: 'failed', status: 200, body: 'a' }),
    'holds the upstream to the pace of the client': () =>
      forwarded()
        .gets(head(200))
        .sends(head(200))
        .isFull()
        .gets(data('a'))
        .sends(data('a'), holdOn)
        .hasRoom()
        .sends(more)
        .gets(data('b'))
        .sends(data('b'))
        .gets(end())
        .sends(end())
        .records({ body: 'ab' }),
    'whose head cannot be sent is answered by a 500': () =>
      forwarded()
        .gets(head(1000))
        .sends(abort, ...errorAnswer(500, 'WAYLAY_INTERNAL'))
        .records({ error: 'WAYLAY_INTERNAL', source: 'failed', status: 500 }),
    'that is complete before its request ends with the request': () =>
      play({ method: 'POST', body: true })
        .sends(request('POST /'))
        .clientSends('a')
        .sends(requestData('a'))
        .gets(head(200))
        .sends(head(200))
        .gets(end())
        .sends(end())
        .clientSends('b')
        .sends(requestData('b'))
        .clientEnds()
        .sends(requestEnd)
        .records({ status: 200, requestBody: 'ab' }),
  });
});

describe('a decision', () => {
  table({
    answers: () =>
      play({ decision: { action: 'answer', answer: answer('abc') } })
        .sends(head(200, ['Content-Length', '3']), data('abc'), end())
        .records({ source: 'stub', status: 200, body: 'abc' }),
    'answers later': () =>
      play({ decision: { action: 'answer', answer: answer('abc'), delay: 50 } })
        .passes(49)
        .passes(1)
        .sends(head(200, ['Content-Length', '3']), data('abc'), end())
        .records({ source: 'stub', body: 'abc' }),
    'answers, and the exchange ends with the request': () =>
      play({ method: 'POST', body: true, decision: { action: 'answer', answer: answer('') } })
        .sends(headOnly(200, ['Content-Length', '0']), end())
        .clientSends('a')
        .clientEnds()
        .records({ source: 'stub', requestBody: 'a' }),
    'that throws is answered by a 500': () =>
      play({ decision: new Error('no') })
        .sends(...errorAnswer(500, 'WAYLAY_HANDLER'))
        .records({ error: 'WAYLAY_HANDLER', source: 'failed', status: 500 }),
    'that rejects later is answered by a 500': () =>
      play({ decision: LATER })
        .decides(new Error('no'))
        .sends(...errorAnswer(500, 'WAYLAY_HANDLER'))
        .records({ error: 'WAYLAY_HANDLER', source: 'failed', status: 500 }),
    refuses: () =>
      play({ decision: { action: 'refuse', error: new TestError('WAYLAY_REFUSED', 'No rule.') } })
        .sends(...errorAnswer(502, 'WAYLAY_REFUSED'))
        .records({ error: 'WAYLAY_REFUSED', source: 'refused', status: 502 }),
    'breaks off in the place of an answer': () =>
      play({ decision: { action: 'fail', fault: fault('reset') } })
        .sends(breakOff('reset'))
        .records({ error: 'WAYLAY_FAULT', source: 'failed', status: undefined }),
    'that needs the body waits for it': () =>
      play({ method: 'POST', body: true, needsBody: true })
        .clientSends('a')
        .clientSends('b')
        .clientEnds()
        .sends(request('POST /'), requestData('ab'))
        .gets(head(200))
        .sends(head(200))
        .gets(end())
        .sends(end())
        .records({ requestBody: 'ab' }),
    'that needs a body beyond what is kept gets its beginning, and the upstream the whole': () =>
      play({ method: 'POST', body: true, needsBody: true, captureLimit: 1 })
        .clientSends('ab')
        .sends(request('POST /'), requestData('ab'))
        .clientSends('c')
        .sends(requestData('c'))
        .clientEnds()
        .sends(requestEnd)
        .gets(head(204))
        .sends(head(204))
        .gets(end())
        .sends(end())
        .records({ status: 204 }),
    'that needs the body has who expects a 100 send it': () =>
      play({ method: 'POST', headers: ['Expect', '100-continue'], body: true, needsBody: true })
        .sends(informational(100))
        .clientSends('a')
        .clientEnds()
        .sends(request('POST /'), requestData('a'))
        .gets(head(200))
        .sends(head(200))
        .gets(end())
        .sends(end())
        .records({ requestBody: 'a' }),
    'cannot be carried out where the upstream cannot be reached': () =>
      play({ dialled: false })
        .dials(DIALLED)
        .sends(...errorAnswer(502, 'WAYLAY_UPSTREAM_REFUSED'))
        .records({ error: 'WAYLAY_UPSTREAM_REFUSED', source: 'failed', status: 502 }),
  });
});

describe('a fault of the request', () => {
  const broken = (kind: 'truncate' | 'reset' | 'hang', after: number): RelayPlay =>
    play({
      method: 'POST',
      body: true,
      decision: { action: 'forward', change: { shape: { fault: fault(kind, after) } } },
    }).sends(request('POST /'));

  table({
    'resets both sides at its byte': () =>
      broken('reset', 1)
        .clientSends('ab')
        .sends(requestData('a'), requestBroken('reset'), breakOff('reset'))
        .clientLeaves()
        .records({ error: 'WAYLAY_FAULT', source: 'failed' }),
    'that truncates leaves the answer to the upstream': () =>
      broken('truncate', 1)
        .clientSends('ab')
        .sends(requestData('a'), requestBroken('truncate'))
        .gets(head(400))
        .sends(head(400))
        .gets(end())
        .sends(end())
        .clientEnds()
        .records({ error: 'WAYLAY_FAULT', status: 400 }),
  });
});

describe('a response that has ended', () => {
  table({
    'stays where the rest of the request fails': () =>
      play({
        method: 'POST',
        body: true,
        decision: {
          action: 'forward',
          change: {
            body: {
              kind: 'stream',
              change: async function* (chunks) {
                for await (const chunk of chunks) {
                  if (chunk.includes('b')) throw new Error('no');
                  yield chunk;
                }
              },
            },
          },
        },
      })
        .sends(request('POST /'))
        .clientSends('a')
        .sends(requestData('a'))
        .gets(head(200))
        .sends(head(200))
        .gets(end())
        .sends(end())
        .clientSends('b')
        .records({ error: 'WAYLAY_HANDLER', source: 'failed', status: 200 }),
  });
});

describe('a hang', () => {
  table({
    'of what is retired is a reset': () =>
      play({ decision: { action: 'fail', fault: fault('hang'), delay: 50 } })
        .retires()
        .passes(50)
        .sends(breakOff('reset'))
        .records({ error: 'WAYLAY_FAULT', source: 'failed', hangs: false }),
    'in the place of a response keeps the upstream until the client leaves': () =>
      forwarded({ change: { shape: { fault: fault('hang') } } })
        .gets(head(200))
        .sends(hang)
        .clientLeaves()
        .sends(abort)
        .records({ error: 'WAYLAY_FAULT', source: 'failed', status: undefined }),
  });
});
