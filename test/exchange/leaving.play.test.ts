/** The relay where the client leaves, at each moment: what comes out of it, and what it keeps of the exchange. */
import { describe } from 'vitest';
import { TestError, UpstreamError } from '../../src/errors.js';
import type { Answer, MessageFault } from '../../src/interceptor.js';
import { play, type RelayPlay } from './play.js';
import { abort, data, end, fail, hang, head, holdOn, informational, released, request, requestData } from './said.js';
import { LATER } from './surrounded.js';
import { table } from './table.js';

const FAULT = new TestError('WAYLAY_FAULT', 'The test asked for it.');
const DIALLED = new UpstreamError('WAYLAY_UPSTREAM_REFUSED', 'Nobody listens.', { authority: 'shop.test' });

const fault = (kind: MessageFault['kind'], after?: number): MessageFault => ({ kind, after, error: FAULT });

const answer = (text: string): Answer => ({ status: 200, statusText: 'OK', headers: [], body: Buffer.from(text) });

/** Up to the request's head at the upstream. */
const forwarded = (setting: Parameters<typeof play>[0] = {}): RelayPlay => play(setting).sends(request('GET /'));

const ABORTED = 'WAYLAY_CLIENT_ABORTED';

describe('the client leaves', () => {
  table({
    'before it is decided': () =>
      play({ decision: LATER }).clientLeaves().decides(undefined).records({ error: ABORTED, source: 'failed' }),
    'before it is decided, and the answer is thrown away': () =>
      play({ decision: LATER })
        .clientLeaves()
        .decides({ action: 'answer', answer: answer('a') })
        .records({ error: ABORTED, source: 'failed', status: undefined }),
    'before it is decided, and the decision throws': () =>
      play({ decision: LATER }).clientLeaves().decides(new Error('no')).records({ error: ABORTED }),
    'while its body is waited for': () =>
      play({ method: 'POST', body: true, needsBody: true })
        .clientSends('a')
        .clientLeaves()
        .records({ error: ABORTED, requestBody: 'a' }),
    'while the upstream is dialled, which then stands': () =>
      play({ dialled: false }).clientLeaves().dials().sends(released).records({ error: ABORTED }),
    'while the upstream is dialled, which then fails': () =>
      play({ dialled: false }).clientLeaves().dials(DIALLED).records({ error: ABORTED }),
    'before the head': () =>
      forwarded().clientLeaves().sends(abort).records({ error: ABORTED, source: 'failed', status: undefined }),
    'after an informational head': () =>
      forwarded()
        .gets(informational(103))
        .sends(informational(103))
        .clientLeaves()
        .sends(abort)
        .records({ error: ABORTED, source: 'failed', status: undefined }),
    'between the head and the first byte': () =>
      forwarded()
        .gets(head(200))
        .sends(head(200))
        .clientLeaves()
        .sends(abort)
        .records({ error: ABORTED, source: 'upstream', status: 200, body: '' }),
    'between the first byte and the end': () =>
      forwarded()
        .gets(head(200))
        .sends(head(200))
        .gets(data('a'))
        .sends(data('a'))
        .clientLeaves()
        .sends(abort)
        .records({ error: ABORTED, source: 'upstream', status: 200, body: 'a' }),
    'while it has no room': () =>
      forwarded()
        .gets(head(200))
        .sends(head(200))
        .isFull()
        .gets(data('a'))
        .sends(data('a'), holdOn)
        .clientLeaves()
        .sends(abort)
        .records({ error: ABORTED, body: 'a' }),
    'after the end': () =>
      forwarded().gets(head(204)).sends(head(204)).gets(end()).sends(end()).clientLeaves().records({ status: 204 }),
    twice: () => forwarded().clientLeaves().sends(abort).clientLeaves().records({ error: ABORTED }),
    'and what the upstream sends after that goes nowhere': () =>
      forwarded()
        .clientLeaves()
        .sends(abort)
        .gets(informational(103), head(200), data('a'), end())
        .records({ error: ABORTED, status: undefined }),
    'and the failure of the upstream after that changes nothing': () =>
      forwarded().clientLeaves().sends(abort).gets(fail()).records({ error: ABORTED }),
    'within its request, after the response': () =>
      play({ method: 'POST', body: true })
        .sends(request('POST /'))
        .gets(head(200))
        .sends(head(200))
        .gets(end())
        .sends(end())
        .clientLeaves()
        .records({ error: undefined, status: 200 }),
    'within its request, before the response': () =>
      play({ method: 'POST', body: true })
        .sends(request('POST /'))
        .clientSends('a')
        .sends(requestData('a'))
        .clientLeaves()
        .sends(abort)
        .records({ error: ABORTED, requestBody: 'a' }),
    'while the change of its response is waited for': () =>
      forwarded({ change: LATER })
        .gets(head(200))
        .clientLeaves()
        .sends(abort)
        .changes({ status: 201, shape: { delay: 50 } })
        .records({ error: ABORTED, status: undefined, mutated: false }),
    'while its answer is delayed': () =>
      play({ decision: { action: 'answer', answer: answer('a'), delay: 50 } })
        .clientLeaves()
        .passes(50)
        .records({ error: ABORTED, status: undefined }),
    'while its fault is delayed': () =>
      play({ decision: { action: 'fail', fault: fault('reset'), delay: 50 } })
        .clientLeaves()
        .passes(50)
        .records({ error: ABORTED, status: undefined }),
    'while its request is delayed': () =>
      play({ decision: { action: 'forward', change: { shape: { delay: 50 } } } })
        .clientLeaves()
        .passes(50)
        .records({ error: ABORTED, status: undefined }),
    'while it hangs': () =>
      play({ decision: { action: 'fail', fault: fault('hang') } })
        .sends(hang)
        .clientLeaves()
        .records({ error: 'WAYLAY_FAULT', source: 'failed', hangs: true }),
    'while its response is delayed': () =>
      forwarded({ change: { shape: { delay: 50 } } })
        .gets(head(200))
        .clientLeaves()
        .sends(abort)
        .passes(50)
        .records({ error: ABORTED, status: undefined }),
  });
});
