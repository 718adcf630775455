/** Shapes and faults of an exchange that switches protocols, event by event. */
import { describe, expect } from 'vitest';
import { TestError } from '../../src/errors.js';
import type { MessageFault, Shape } from '../../src/interceptor.js';
import { abort, request, requestBroken } from './said.js';
import { client, playSwitching, type SwitchingPlay, upstream } from './switching-play.js';
import { table } from './table.js';

const FIELDS = ['Upgrade', 'chat'];
const SWITCHED = client.gets('head 101 Upgrade chat');
const ABORTED = 'WAYLAY_CLIENT_ABORTED';
const FAULT = 'WAYLAY_FAULT';
/** More than what waits in a shape. */
const MUCH = 'x'.repeat(256 * 1024);

const fault = (kind: MessageFault['kind'], after?: number): MessageFault => ({
  kind,
  after,
  error: new TestError('WAYLAY_FAULT', 'The test asked for it.'),
});

/** The upstream's stream is in this shape. */
const down = (shape: Shape, firstBytes = ''): SwitchingPlay =>
  playSwitching({ change: { shape } }).sends(request('GET /')).accepts(FIELDS, firstBytes);

/** The client's stream is in this shape. */
const up = (shape: Shape, firstBytes = ''): SwitchingPlay =>
  playSwitching({ decision: { action: 'forward', change: { shape } }, firstBytes })
    .sends(request('GET /'))
    .accepts(FIELDS)
    .sends(SWITCHED);

const finished = (play: SwitchingPlay): SwitchingPlay =>
  play.finishes('client').sends(upstream.fin).finishes('upstream').sends(client.fin, upstream.closed, client.closed);

describe('a 101 that is delayed', () => {
  table({
    'has both sides wait': () =>
      finished(
        down({ delay: 50 }, 'x')
          .sent('client', 'a')
          .sends(client.held)
          .passes(49)
          .passes(1)
          .sends(SWITCHED, client.gets('x'), upstream.gets('a'), client.flows),
      ).records({ status: 101, original: 101, mutated: true }),
    'is not sent where the client leaves meanwhile': () =>
      down({ delay: 50 })
        .resets('client')
        .sends(client.closed, abort, upstream.closed)
        .passes(50)
        .records({ error: ABORTED, source: 'failed', status: undefined }),
    'is sent where the upstream breaks meanwhile, and so does what follows': () =>
      down({ delay: 50 }, 'x')
        .resets('upstream')
        .sends(upstream.closed)
        .passes(50)
        .sends(SWITCHED, client.gets('x'), client.rst)
        .records({ error: 'WAYLAY_UPSTREAM_TRUNCATED', source: 'failed', status: 101 }),
    'is not sent where the proxy stops meanwhile': () =>
      down({ delay: 50 })
        .stops()
        .sends(client.closed, abort, upstream.closed)
        .passes(50)
        .records({ error: 'WAYLAY_STOPPED', source: 'failed', status: undefined }),
  });
});

describe('what the upstream sends in a shape', () => {
  table({
    'comes at its bandwidth': () =>
      finished(
        down({ bandwidth: 100 }, 'abc')
          .sends(SWITCHED)
          .sent('client', 'x')
          .sends(upstream.gets('x'))
          .sent('upstream', 'd')
          .passes(20)
          .sends(client.gets('ab'))
          .passes(10)
          .sends(client.gets('c'))
          .passes(10)
          .sends(client.gets('d')),
      ).records({ status: 101, mutated: true }),
    'comes in its pieces': () =>
      finished(down({ slice: 1 }, 'ab').sends(SWITCHED, client.gets('a'), client.gets('b'))).records({ status: 101 }),
    'comes in full, and then its end': () =>
      down({ bandwidth: 100 }, 'abcd')
        .sends(SWITCHED)
        .finishes('upstream')
        .passes(20)
        .sends(client.gets('ab'))
        .passes(20)
        .sends(client.gets('cd'), client.fin)
        .finishes('client')
        .sends(client.closed, upstream.fin, upstream.closed)
        .records({ status: 101 }),
    'is lost with a reset, and no timer runs': () =>
      down({ bandwidth: 100 }, 'abcd')
        .sends(SWITCHED)
        .passes(20)
        .sends(client.gets('ab'))
        .resets('upstream')
        .sends(upstream.closed, client.rst)
        .records({ error: 'WAYLAY_UPSTREAM_TRUNCATED', source: 'failed' }),
    'is lost with a reset after its end, which is told': () =>
      down({ bandwidth: 100 }, 'abcd')
        .sends(SWITCHED)
        .finishes('upstream')
        .resets('upstream')
        .sent('client', 'x')
        .sends(upstream.closed, client.rst)
        .records({ error: 'WAYLAY_UPSTREAM_TRUNCATED', source: 'failed' }),
    'is lost with a client that leaves, and no timer runs': () =>
      down({ bandwidth: 100 }, 'abcd')
        .sends(SWITCHED)
        .resets('client')
        .sends(client.closed, upstream.rst)
        .records({ error: ABORTED }),
    'is lost with a stop, and no timer runs': () =>
      down({ bandwidth: 100 }, 'abcd')
        .sends(SWITCHED)
        .stops()
        .sends(client.closed, upstream.closed)
        .records({ status: 101 }),
    'comes at the pace of the client': () =>
      finished(
        down({ slice: MUCH.length })
          .sends(SWITCHED)
          .fills('client')
          .sent('upstream', 'abcdefgh')
          .sends(client.gets('abcdefgh'))
          .sent('upstream', 'i')
          .sent('upstream', MUCH)
          .sent('upstream', 'k')
          .sends(upstream.held)
          .empties('client')
          .sends(client.gets('i'), client.gets(`${MUCH.length} bytes`), client.gets('k'), upstream.flows),
      ).records({ status: 101 }),
    'is truncated at its beginning': () =>
      down({ fault: fault('truncate') }, 'a')
        .sends(SWITCHED, abort, upstream.closed, client.fin, client.closed)
        .records({ error: FAULT, source: 'failed', status: 101 }),
    'is truncated at its byte': () =>
      down({ fault: fault('truncate', 2) }, 'a')
        .sends(SWITCHED, client.gets('a'))
        .sent('upstream', 'bc')
        .sends(client.gets('b'), abort, upstream.closed, client.fin, client.closed)
        .records({ error: FAULT, source: 'failed', status: 101 }),
    'is reset at its byte': () =>
      down({ fault: fault('reset', 2) }, 'abc')
        .sends(SWITCHED, client.gets('ab'), abort, upstream.closed, client.rst)
        .records({ error: FAULT, source: 'failed', status: 101 }),
    'is reset where it would hang what is retired, also for a client that has said all': () =>
      down({ fault: fault('hang', 2) })
        .sends(SWITCHED)
        .retires()
        .finishes('client')
        .sends(upstream.fin)
        .sent('upstream', 'abc')
        .sends(client.gets('ab'), abort, upstream.closed, client.rst)
        .records({ error: FAULT, source: 'failed', status: 101 }),
    'is whole where it ends before its fault, which is told': async () => {
      let missed = 0;
      const late = { ...fault('reset', 9), missed: () => void (missed += 1) };
      await down({ fault: late }, 'abc')
        .sends(SWITCHED, client.gets('abc'))
        .finishes('upstream')
        .sends(client.fin)
        .finishes('client')
        .sends(client.closed, upstream.fin, upstream.closed)
        .records({ source: 'upstream', status: 101 });
      expect(missed).toBe(1);
    },
  });
});

describe('what the client sends in a shape', () => {
  table({
    'waits with its request': () =>
      finished(
        playSwitching({ decision: { action: 'forward', change: { shape: { delay: 50 } } }, firstBytes: 'a' })
          .passes(50)
          .sends(request('GET /'))
          .accepts(FIELDS)
          .sends(SWITCHED, upstream.gets('a')),
      ).records({ status: 101 }),
    'goes at its bandwidth': () =>
      finished(
        up({ bandwidth: 100 }, 'abc')
          .sent('upstream', 'x')
          .sends(client.gets('x'))
          .passes(20)
          .sends(upstream.gets('ab'))
          .passes(10)
          .sends(upstream.gets('c')),
      ).records({ status: 101 }),
    'goes in its pieces': () =>
      finished(up({ slice: 1 }).sent('client', 'ab').sends(upstream.gets('a'), upstream.gets('b'))).records({
        status: 101,
      }),
    'goes in full, and then its end': () =>
      up({ bandwidth: 100 }, 'ab')
        .finishes('client')
        .passes(20)
        .sends(upstream.gets('ab'), upstream.fin)
        .finishes('upstream')
        .sends(client.fin, client.closed, upstream.closed)
        .records({ status: 101 }),
    'goes in full where the upstream has said all and the client has gone': () =>
      up({ bandwidth: 100 }, 'abcd')
        .finishes('upstream')
        .sends(client.fin)
        .finishes('client')
        .sends(client.closed)
        .passes(20)
        .sends(upstream.gets('ab'))
        .passes(20)
        .sends(upstream.gets('cd'), upstream.fin, upstream.closed)
        .records({ status: 101 }),
    'is reset in the place of its request': () =>
      playSwitching({ decision: { action: 'forward', change: { shape: { fault: fault('reset') } } } })
        .sends(client.rst, upstream.closed)
        .records({ error: FAULT, source: 'failed', status: undefined }),
    'is reset at its byte, on both sides': () =>
      up({ fault: fault('reset', 2) })
        .sent('client', 'abc')
        .sends(requestBroken('reset'), upstream.gets('ab'), upstream.rst, client.rst)
        .records({ error: FAULT, source: 'failed', status: 101 }),
    'is truncated at its byte, and the upstream goes on': () =>
      up({ fault: fault('truncate', 2) })
        .sent('client', 'abc')
        .sends(requestBroken('truncate'), upstream.gets('ab'), upstream.fin)
        .sent('client', 'd')
        .sent('upstream', 'x')
        .sends(client.gets('x'))
        .finishes('upstream')
        .sends(client.fin, client.closed, upstream.closed)
        .records({ error: FAULT, status: 101 }),
    'hangs at its byte, and the upstream goes on': () =>
      up({ fault: fault('hang', 2) })
        .sent('client', 'abc')
        .sends(upstream.gets('ab'))
        .sent('client', 'd')
        .sent('upstream', 'x')
        .sends(client.gets('x'))
        .finishes('upstream')
        .sends(client.fin)
        .finishes('client')
        .sends(client.closed, upstream.closed)
        .records({ error: FAULT, status: 101 }),
    'hangs at its byte, until the client leaves': () =>
      up({ fault: fault('hang', 2) })
        .sent('client', 'abc')
        .sends(upstream.gets('ab'))
        .resets('client')
        .sends(client.closed, upstream.closed)
        .records({ error: FAULT, status: 101 }),
    'hangs at its byte, until the upstream resets': () =>
      up({ fault: fault('hang', 2) })
        .sent('client', 'abc')
        .sends(upstream.gets('ab'))
        .resets('upstream')
        .sends(upstream.closed, client.rst)
        .records({ error: FAULT, status: 101 }),
    'is whole where it ends before its fault': () =>
      finished(up({ fault: fault('reset', 9) }, 'abc').sends(upstream.gets('abc'))).records({ status: 101 }),
  });
});
