/** Requests that go to an upstream in a shape, event by event. */
import { describe } from 'vitest';
import { TestError } from '../../src/errors.js';
import type { MessageFault, Shape } from '../../src/interceptor.js';
import { type ForwardingPlay, playForwarding } from './forwarding-play.js';
import type { ForwardingSetting } from './forwarding-stage.js';
import { abort, breakOff, data, end, hang, head, request, requestBroken, requestData, requestEnd } from './said.js';
import { table } from './table.js';

const FAULT = 'WAYLAY_FAULT';

const fault = (kind: MessageFault['kind'], after?: number): MessageFault => ({
  kind,
  after,
  error: new TestError('WAYLAY_FAULT', 'The test asked for it.'),
});

const shaped = (shape: Shape, setting?: ForwardingSetting): ForwardingPlay =>
  playForwarding({ change: { shape }, ...setting });

const broken = (...of: Parameters<typeof fault>): ForwardingPlay =>
  shaped({ fault: fault(...of) }).sends(request('POST /a'));

describe('a request in a shape', () => {
  table({
    'goes after its delay': () =>
      shaped({ delay: 50 })
        .clientSends('x')
        .passes(49)
        .passes(1)
        .sends(request('POST /a'), requestData('x'))
        .clientEnds()
        .sends(requestEnd)
        .went({ exclusive: false }),
    'goes at its bandwidth': () =>
      shaped({ bandwidth: 100 })
        .sends(request('POST /a'))
        .clientSends('xyz')
        .passes(20)
        .sends(requestData('xy'))
        .passes(10)
        .sends(requestData('z'))
        .clientEnds()
        .sends(requestEnd)
        .went(),
    'goes in its pieces': () =>
      shaped({ slice: 1 })
        .sends(request('POST /a'))
        .clientSends('xy')
        .sends(requestData('x'), requestData('y'))
        .clientEnds()
        .sends(requestEnd)
        .went(),
    'goes as what it was changed to': () =>
      playForwarding({ change: { body: { kind: 'replace', bytes: Buffer.from('new') }, shape: { slice: 2 } } })
        .sends(request('POST /a'), requestData('ne'), requestData('w'), requestEnd)
        .went({ headers: ['Content-Length', '3'], recorded: 'POST https://shop.test/a new' }),
    'has no shape where it has no body': () =>
      shaped({ bandwidth: 100 }, { body: false }).sends(request('GET /a')).went(),
    'is aborted between two pieces, and no timer runs': () =>
      shaped({ bandwidth: 100 })
        .sends(request('POST /a'))
        .clientSends('xyz')
        .passes(20)
        .sends(requestData('xy'))
        .clientLeaves()
        .sends(abort)
        .went(),
    'has its response before it has gone in full': () =>
      shaped({ bandwidth: 100 })
        .sends(request('POST /a'))
        .clientSends('xyz')
        .gets(head(200))
        .sends(head(200))
        .gets(data('a'))
        .sends(data('a'))
        .gets(end())
        .sends(end())
        .passes(20)
        .sends(requestData('xy'))
        .passes(20)
        .sends(requestData('z'))
        .clientEnds()
        .sends(requestEnd)
        .went(),
  });
});

describe('a fault of a request', () => {
  table({
    'takes its place': () =>
      shaped({ fault: fault('reset') })
        .sends(breakOff('reset'))
        .went(),
    'takes its place after its delay': () =>
      shaped({ delay: 50, fault: fault('hang') })
        .passes(50)
        .sends(hang)
        .went(),
    'has a connection of its own': () => broken('reset', 9).went({ exclusive: true }),
    'resets both sides at its byte': () =>
      broken('reset', 2)
        .clientSends('xyz')
        .sends(requestData('xy'), requestBroken('reset'), breakOff('reset'))
        .went({ error: FAULT }),
    'truncates at its byte, and the upstream answers': () =>
      broken('truncate', 2)
        .clientSends('xyz')
        .sends(requestData('xy'), requestBroken('truncate'))
        .gets(head(400))
        .sends(head(400))
        .gets(end())
        .sends(end())
        .went({ error: FAULT }),
    'hangs at its byte, and the upstream may answer': () =>
      broken('hang', 2)
        .clientSends('xyz')
        .sends(requestData('xy'))
        .gets(head(408))
        .sends(head(408))
        .gets(end())
        .sends(end())
        .went({ error: FAULT }),
    'comes where the request ends before it': () =>
      broken('reset', 9)
        .clientSends('x')
        .sends(requestData('x'))
        .clientEnds()
        .sends(requestBroken('reset'), breakOff('reset'))
        .went({ error: FAULT }),
    'has the length left out that would end the request before it': () =>
      shaped({ fault: fault('truncate', 9) }, { headers: ['Content-Length', '1'] })
        .sends(request('POST /a'))
        .went({ headers: [] }),
    'keeps the length that ends after it': () =>
      shaped({ fault: fault('truncate', 1) }, { headers: ['Content-Length', '9'] })
        .sends(request('POST /a'))
        .went({ headers: ['Content-Length', '9'] }),
    'does not come where nobody waits any more': () =>
      broken('reset', 2).clientSends('x').sends(requestData('x')).clientLeaves().sends(abort).went(),
    'resets what has no body after its head': () =>
      shaped({ fault: fault('reset', 0) }, { body: false })
        .sends(request('GET /a'), requestBroken('reset'), breakOff('reset'))
        .went({ error: FAULT }),
    'truncates what has no body after its head': () =>
      shaped({ fault: fault('truncate') }, { body: false })
        .sends(request('GET /a'), requestBroken('truncate'))
        .went({ error: FAULT }),
    'has what has no body hang unsent, for it would be answered': () =>
      shaped({ fault: fault('hang', 0) }, { body: false })
        .sends(hang)
        .went(),
  });
});
