/** Requests on their way to an upstream, event by event: as they come, changed, and no longer wanted. */
import { describe } from 'vitest';
import { UpstreamError } from '../../src/errors.js';
import type { BodyChange, RequestChange } from '../../src/interceptor.js';
import { type ForwardingPlay, playForwarding } from './forwarding-play.js';
import type { ForwardingSetting } from './forwarding-stage.js';
import { abort, data, end, fail, head, more, released, request, requestData, requestEnd } from './said.js';
import { table } from './table.js';

const REFUSED = new UpstreamError('WAYLAY_UPSTREAM_REFUSED', 'Nobody listens.', { authority: 'shop.test' });

const fails = (code: string) => ({ said: `fail ${code}` });
const throws = (message: string) => fails(`WAYLAY_HANDLER: ${message}`);

const changed = (change: RequestChange, setting?: ForwardingSetting): ForwardingPlay =>
  playForwarding({ change, ...setting });

const whole = (change: (text: string) => Promise<string>): RequestChange => ({
  body: { kind: 'whole', change: async (body) => Buffer.from(await change(body.toString())) },
});

const through = (change: (chunk: string) => string): BodyChange => ({
  kind: 'stream',
  change: async function* (chunks) {
    for await (const chunk of chunks) yield Buffer.from(change(chunk.toString()));
  },
});

const replaced: BodyChange = { kind: 'replace', bytes: Buffer.from('new') };

const no = (): never => {
  throw new Error('no');
};

describe('a request without a change', () => {
  table({
    'goes as it comes, and so does its response': () =>
      playForwarding({ headers: ['Content-Length', '2'] })
        .sends(request('POST /a'))
        .clientSends('x')
        .sends(requestData('x'))
        .gets(head(200))
        .sends(head(200))
        .gets(data('a'))
        .sends(data('a'))
        .clientSends('y')
        .sends(requestData('y'))
        .clientEnds()
        .sends(requestEnd)
        .gets(end())
        .sends(end())
        .went({
          method: 'POST',
          path: '/a',
          authority: 'shop.test',
          headers: ['Content-Length', '2'],
          exclusive: false,
        }),
    'may have no body': () => playForwarding({ body: false }).sends(request('GET /a')).went({ exclusive: false }),
    'has fields of one hop left out': () =>
      playForwarding({ body: false, headers: ['Host', 'shop.test', 'Connection', 'x-hop', 'X-Hop', '1', 'X-Own', '2'] })
        .sends(request('GET /a'))
        .went({ headers: ['Host', 'shop.test', 'X-Own', '2'] }),
    'has a connection of its own where it expects a 100': () =>
      playForwarding({ headers: ['Expect', '100-continue'] })
        .sends(request('POST /a'))
        .went({ headers: ['Expect', '100-continue'], exclusive: true }),
    'has a connection of its own where trailers follow it': () =>
      playForwarding({ headers: ['Trailer', 'x-sum'] })
        .sends(request('POST /a'))
        .went({ exclusive: true }),
    'waits for the upstream, and is read meanwhile': () =>
      playForwarding({ dialled: false }).clientSends('x').dials().sends(request('POST /a'), requestData('x')).went(),
    'fails where the upstream cannot be reached': () =>
      playForwarding({ dialled: false }).dials(REFUSED).sends(fails('WAYLAY_UPSTREAM_REFUSED')).went(),
    'hands on the failure of the upstream': () =>
      playForwarding().sends(request('POST /a')).gets(fail()).sends(fail()).went(),
  });
});

describe('a request that nobody waits for any more', () => {
  table({
    'is not sent where the upstream is dialled, and its connection is given back': () =>
      playForwarding({ dialled: false }).isAborted().dials().sends(released).went(),
    'does not fail where the upstream cannot be reached': () =>
      playForwarding({ dialled: false }).isAborted().dials(REFUSED).went(),
    'is not sent within its delay': () =>
      changed({ shape: { delay: 50 } })
        .isAborted()
        .passes(50)
        .went(),
    'is not sent where its body is waited for': () =>
      changed(whole(async (text) => text))
        .clientSends('x')
        .clientLeaves()
        .went(),
    'is not sent where its change is waited for': () =>
      changed(whole(() => new Promise(() => {})))
        .clientSends('x')
        .clientEnds()
        .isAborted()
        .went(),
    'is aborted at the upstream': () => playForwarding().sends(request('POST /a')).isAborted().sends(abort).went(),
    'is aborted there once': () =>
      playForwarding().sends(request('POST /a')).isAborted().sends(abort).isAborted().went(),
    'is aborted there within its body': () =>
      playForwarding()
        .sends(request('POST /a'))
        .clientSends('x')
        .sends(requestData('x'))
        .clientLeaves()
        .sends(abort)
        .went(),
    'has its changed body let go of': () =>
      changed({ body: through((chunk) => chunk.toUpperCase()) })
        .sends(request('POST /a'))
        .clientSends('x')
        .sends(requestData('X'))
        .clientLeaves()
        .sends(abort)
        .went({ recorded: 'POST https://shop.test/a X' }),
  });
});

describe('a change of a request', () => {
  table({
    'has another method': () =>
      changed({ method: 'PUT' }, { body: false })
        .sends(request('PUT /a'))
        .went({ method: 'PUT', recorded: 'PUT https://shop.test/a' }),
    'has the length of a response to HEAD left out, where the client asked for another': () =>
      changed({ method: 'HEAD' }, { body: false })
        .sends(request('HEAD /a'))
        .gets(head(200, ['Content-Length', '9', 'x-own', '1']))
        .sends(head(200, ['x-own', '1']))
        .gets(end())
        .sends(end())
        .went({ recorded: 'HEAD https://shop.test/a' }),
    'has another path at the same origin': () =>
      changed({ url: 'https://shop.test/b?c' }, { body: false })
        .sends(request('GET /b?c'))
        .went({ authority: 'shop.test', elsewhere: undefined, recorded: 'GET https://shop.test/b?c' }),
    'has another origin, and its name in Host': () =>
      changed({ url: 'http://api.test:8080/b' }, { body: false, headers: ['Host', 'shop.test'] })
        .sends(request('GET /b'))
        .went({
          authority: 'api.test:8080',
          elsewhere: 'http api.test 8080',
          headers: ['Host', 'api.test:8080'],
          recorded: 'GET http://api.test:8080/b',
        }),
    'has the Host that it says, wherever it goes': () =>
      changed(
        { url: 'https://api.test/', headers: ['Host', 'own.test'] },
        { body: false, headers: ['Host', 'shop.test'] },
      )
        .sends(request('GET /'))
        .went({ authority: 'own.test', elsewhere: 'https api.test 443', recorded: 'GET https://api.test/' }),
    'has other fields': () =>
      changed({ headers: ['x-own', '1'] }, { body: false, headers: ['x-old', '1'] })
        .sends(request('GET /a'))
        .went({ headers: ['x-own', '1'], recorded: 'GET https://shop.test/a' }),
    'replaces the body, which is captured as it comes': () =>
      changed({ body: replaced }, { headers: ['Content-Length', '1', 'Content-Encoding', 'gzip'] })
        .sends(request('POST /a'), requestData('new'))
        .clientSends('x')
        .clientEnds()
        .went({ headers: ['Content-Length', '3'], recorded: 'POST https://shop.test/a new' }),
    'brings a body where there was none': () =>
      changed({ method: 'POST', body: replaced }, { body: false })
        .sends(request('POST /a'), requestData('new'))
        .went({ headers: ['Content-Length', '3'], recorded: 'POST https://shop.test/a new' }),
    'changes the whole when it has come': () =>
      changed(whole(async (text) => `<${text}>`))
        .clientSends('x')
        .clientSends('y')
        .clientEnds()
        .sends(request('POST /a'), requestData('<xy>'))
        .went({ headers: ['Content-Length', '4'], recorded: 'POST https://shop.test/a <xy>' }),
    'fails where the function of the whole throws': () =>
      changed(whole(no)).clientSends('x').clientEnds().sends(throws('no')).went(),
    'passes the body through a function of streams': () =>
      changed({ body: through((chunk) => chunk.toUpperCase()) }, { headers: ['Content-Length', '2'] })
        .sends(request('POST /a'))
        .clientSends('x')
        .sends(requestData('X'))
        .clientSends('y')
        .sends(requestData('Y'))
        .clientEnds()
        .sends(requestEnd)
        .went({ headers: [], recorded: 'POST https://shop.test/a XY' }),
    'fails where the function of streams throws': () =>
      changed({ body: through(no) })
        .sends(request('POST /a'))
        .clientSends('x')
        .sends(throws('no'))
        .went({ recorded: 'POST https://shop.test/a' }),
    'ends where the function of streams wants no more, and the rest is captured': () =>
      changed({
        body: {
          kind: 'stream',
          change: async function* (chunks) {
            for await (const chunk of chunks) {
              yield chunk;
              return;
            }
          },
        },
      })
        .sends(request('POST /a'))
        .clientSends('x')
        .sends(requestData('x'), requestEnd)
        .clientSends('y')
        .clientEnds()
        .went({ recorded: 'POST https://shop.test/a x' }),
    'holds the upstream to the pace of the client': () =>
      changed({ headers: [] }, { body: false })
        .sends(request('GET /a'))
        .gets(head(200))
        .sends(head(200))
        .isFull()
        .gets(data('a'))
        .sends(data('a'), { said: 'hold on' })
        .event('the upstream holds', ({ upstream }) => void (upstream.held = true))
        .hasRoom()
        .sends(more)
        .went({ recorded: 'GET https://shop.test/a' }),
    'cannot send it to where nothing is': () =>
      changed({ url: 'https://shop.test:0x/' }, { body: false })
        .sends(
          throws(
            "A request cannot be sent to 'https://shop.test:0x/'. Write an absolute URL such as 'https://api.test/v2'.",
          ),
        )
        .went(),
  });
});
