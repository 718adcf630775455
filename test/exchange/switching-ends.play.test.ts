/**
 * The ends of an exchange that has switched protocols, event by event; the same whether bytes are passed on as they come or
 * in a shape.
 */
import { describe, test } from 'vitest';
import type { Shape } from '../../src/interceptor.js';
import { request } from './said.js';
import { client, playSwitching, type SwitchingPlay, upstream } from './switching-play.js';
import type { SwitchingSetting } from './switching-stage.js';
import { framed } from './web-socket-frames.js';

const FIELDS = ['Upgrade', 'chat'];
const ABORTED = 'WAYLAY_CLIENT_ABORTED';
const TRUNCATED = 'WAYLAY_UPSTREAM_TRUNCATED';

const shape: Shape = { slice: 1000 };

const SHAPED: Record<string, SwitchingSetting> = {
  'as they come': {},
  'with the upstream’s bytes in a shape': { change: { shape } },
  'with the client’s bytes in a shape': { decision: { action: 'forward', change: { shape } } },
  'with both in a shape': { change: { shape }, decision: { action: 'forward', change: { shape } } },
};

const begun = (sender: 'client' | 'server'): string => framed(sender, 'ab').slice(0, -1);
const CLOSE = framed('client', '', 8);

describe.each(Object.entries(SHAPED))('two sides that have switched protocols, %s', (_, setting) => {
  // Bytes in a shape are dropped; else the end of the client's connection is passed on first.
  const stopped = [client.closed, ...(Object.keys(setting).length > 0 ? [] : [upstream.fin]), upstream.closed];
  const switched = (more: SwitchingSetting = {}): SwitchingPlay =>
    playSwitching({ ...setting, ...more })
      .sends(request('GET /'))
      .accepts(FIELDS)
      .sends(client.gets('head 101 Upgrade chat'));

  const rows: Record<string, () => Promise<void>> = {
    'end with the client, then the upstream': () =>
      switched()
        .finishes('client')
        .sends(upstream.fin)
        .finishes('upstream')
        .sends(client.fin, upstream.closed, client.closed)
        .records({ source: 'upstream', status: 101 }),
    'end with the upstream, then the client': () =>
      switched()
        .finishes('upstream')
        .sends(client.fin)
        .finishes('client')
        .sends(upstream.fin, client.closed, upstream.closed)
        .records({ source: 'upstream', status: 101 }),
    'go on one way where the client has said all': () =>
      switched()
        .finishes('client')
        .sends(upstream.fin)
        .sent('upstream', 'a')
        .sends(client.gets('a'))
        .finishes('upstream')
        .sends(client.fin, upstream.closed, client.closed)
        .records({ source: 'upstream' }),
    'go on one way where the upstream has said all': () =>
      switched()
        .finishes('upstream')
        .sends(client.fin)
        .sent('client', 'a')
        .sends(upstream.gets('a'))
        .finishes('client')
        .sends(upstream.fin, client.closed, upstream.closed)
        .records({ source: 'upstream' }),
    'have the reset of the client passed on': () =>
      switched()
        .resets('client')
        .sends(client.closed, upstream.rst)
        .records({ error: ABORTED, source: 'upstream', status: 101 }),
    'have the reset of the upstream passed on': () =>
      switched()
        .resets('upstream')
        .sends(upstream.closed, client.rst)
        .records({ error: TRUNCATED, source: 'failed', status: 101 }),
    // Nobody hears of a reset after an end before something is written.
    'lose nothing by the reset of a client that had said all': () =>
      switched()
        .finishes('client')
        .sends(upstream.fin)
        .resets('client')
        .sent('upstream', 'a')
        .sends(client.closed, upstream.rst)
        .records({ source: 'upstream' }),
    'lose nothing by the reset of an upstream that had said all': () =>
      switched()
        .finishes('upstream')
        .sends(client.fin)
        .resets('upstream')
        .sent('client', 'a')
        .sends(upstream.closed, client.rst)
        .records({ source: 'upstream' }),
    'lose what a client still had to say, where it is reset after the upstream’s end': () =>
      switched()
        .finishes('upstream')
        .sends(client.fin)
        .resets('client')
        .sends(client.closed, upstream.rst)
        .records({ error: ABORTED, source: 'upstream' }),
    'lose what an upstream still had to say, where it is reset after the client’s end': () =>
      switched()
        .finishes('client')
        .sends(upstream.fin)
        .resets('upstream')
        .sends(upstream.closed, client.rst)
        .records({ error: TRUNCATED, source: 'failed' }),
    'lose what a full upstream was still to get, where the client is reset after its end': () =>
      switched()
        .fills('upstream')
        .sent('client', 'abc')
        .sends(upstream.gets('abc'))
        .sent('client', 'de')
        .finishes('client')
        .resets('client')
        .sent('upstream', 'x')
        .sends(client.closed, upstream.rst)
        .records({ error: ABORTED, source: 'upstream' }),
    'are both reset': () =>
      switched()
        .event('both reset', (stage) => {
          stage.client.resets();
          stage.upstream.resets();
        })
        .sends(client.closed, upstream.closed)
        .records({ error: ABORTED, source: 'upstream' }),
    'pass on what came right before an end': () =>
      switched()
        .event('the upstream sends ab, and finishes', (stage) => {
          stage.upstream.sends('ab');
          stage.upstream.finishes();
        })
        .sends(client.gets('ab'), client.fin)
        .event('the client sends c, and finishes', (stage) => {
          stage.client.sends('c');
          stage.client.finishes();
        })
        .sends(upstream.gets('c'), upstream.fin, client.closed, upstream.closed)
        .records({ status: 101 }),
    'have the reset of the upstream after what a full client was sent': () =>
      switched()
        .fills('client')
        .sent('upstream', 'abcdefgh')
        .sends(client.gets('abcdefgh'))
        .resets('upstream')
        .sends(upstream.closed)
        .empties('client')
        .sends(client.rst)
        .records({ error: TRUNCATED, source: 'failed' }),
    'have the end of the upstream after what a full client was sent': () =>
      switched()
        .fills('client')
        .sent('upstream', 'abcdefgh')
        .sends(client.gets('abcdefgh'))
        .finishes('upstream')
        .empties('client')
        .sends(client.fin)
        .finishes('client')
        .sends(upstream.fin, client.closed, upstream.closed)
        .records({ status: 101 }),
    'have what a full upstream is still to get after the client has gone': () =>
      switched()
        .finishes('upstream')
        .sends(client.fin)
        .fills('upstream')
        .sent('client', 'abc')
        .sends(upstream.gets('abc'))
        .sent('client', 'de')
        .finishes('client')
        .sends(client.closed)
        .empties('upstream')
        .sends(upstream.gets('de'), upstream.fin, upstream.closed)
        .records({ status: 101 }),
    'are ended by a stop where a full upstream is still to get something': () =>
      switched()
        .finishes('upstream')
        .sends(client.fin)
        .fills('upstream')
        .sent('client', 'abc')
        .sends(upstream.gets('abc'))
        .finishes('client')
        .sends(client.closed)
        .stops()
        .sends(upstream.closed)
        .records({ status: 101 }),
    'let a full client leave': () =>
      switched()
        .fills('client')
        .sent('upstream', 'abcdefgh')
        .sends(client.gets('abcdefgh'))
        .resets('client')
        .sends(client.closed, upstream.rst)
        .records({ error: ABORTED }),
    'are ended by a stop': () =>
      switched()
        .stops()
        .sends(...stopped)
        .records({ source: 'upstream', status: 101 }),
    'are ended by a stop where one has said all': () =>
      switched()
        .finishes('upstream')
        .sends(client.fin)
        .stops()
        .sends(...stopped)
        .records({ source: 'upstream', status: 101 }),
    'hear of no stop when they have ended': () =>
      switched()
        .finishes('client')
        .sends(upstream.fin)
        .finishes('upstream')
        .sends(client.fin, upstream.closed, client.closed)
        .stops()
        .records({ status: 101 }),
    'tell of a stop within a message': () =>
      switched({ upgrade: 'websocket' })
        .sent('client', begun('client'))
        .sends(upstream.gets(begun('client')))
        .stops()
        .sends(...stopped)
        .records({ error: 'WAYLAY_STOPPED', messagesError: 'WAYLAY_CLIENT_PROTOCOL' }),
    'tell of a client that ends within its message': () =>
      switched({ upgrade: 'websocket' })
        .sent('client', begun('client'))
        .sends(upstream.gets(begun('client')))
        .finishes('client')
        .sends(upstream.fin)
        .finishes('upstream')
        .sends(client.fin, upstream.closed, client.closed)
        .records({ error: ABORTED, source: 'upstream', messagesError: 'WAYLAY_CLIENT_PROTOCOL' }),
    'tell of an upstream that ends within its message': () =>
      switched({ upgrade: 'websocket' })
        .sent('upstream', begun('server'))
        .sends(client.gets(begun('server')))
        .finishes('upstream')
        .sends(client.fin)
        .finishes('client')
        .sends(upstream.fin, client.closed, upstream.closed)
        .records({ error: TRUNCATED, source: 'failed', messagesError: 'WAYLAY_UPSTREAM_PROTOCOL' }),
    'are told of as whole where one resets after its close': () =>
      switched({ upgrade: 'websocket' })
        .sent('client', CLOSE)
        .sends(upstream.gets(CLOSE))
        .resets('client')
        .sends(client.closed, upstream.rst)
        .records({ source: 'upstream' }),
  };
  test.each(Object.entries(rows))('%s', (_title, run) => run());
});
