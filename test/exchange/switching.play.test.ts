/** An exchange that switches protocols (101), event by event: how it comes about, and what a rule makes of it. */
import { describe } from 'vitest';
import { NO_FIELDS } from '../../src/http/headers.js';
import type { ResponseChange } from '../../src/interceptor.js';
import { abort, end, fail, head, informational, request } from './said.js';
import { LATER } from './surrounded.js';
import { client, playSwitching, type SwitchingPlay, upstream } from './switching-play.js';
import type { SwitchingSetting } from './switching-stage.js';
import { table } from './table.js';
import { framed } from './web-socket-frames.js';

const FIELDS = ['Upgrade', 'chat'];
const SWITCHED = client.gets('head 101 Upgrade chat');
const ABORTED = 'WAYLAY_CLIENT_ABORTED';
const TRUNCATED = 'WAYLAY_UPSTREAM_TRUNCATED';

const asked = (setting?: SwitchingSetting): SwitchingPlay => playSwitching(setting).sends(request('GET /'));

/** Both sides say that they are done. */
const finished = (play: SwitchingPlay): SwitchingPlay =>
  play.finishes('client').sends(upstream.fin).finishes('upstream').sends(client.fin, upstream.closed, client.closed);

/** The client gets an error in the place of the 101. */
const answered = (status: number, code: string) => [
  client.gets(`head ${status} Waylay-Error ${code}`),
  client.gets(code),
  client.fin,
  client.closed,
];

const refusedWith = (fields: string) => [client.gets(`head 403 ${fields}`), client.fin, client.closed];

describe('an upgrade that the upstream accepts', () => {
  table({
    'passes on what both sides send, until both are done': () =>
      finished(
        asked()
          .accepts(FIELDS)
          .sends(SWITCHED)
          .sent('client', 'a')
          .sends(upstream.gets('a'))
          .sent('upstream', 'b')
          .sends(client.gets('b'))
          .sent('client', 'c')
          .sends(upstream.gets('c')),
      ).records({ source: 'upstream', status: 101, mutated: false }),
    'passes on what either sent with its head before anything else': () =>
      finished(
        asked({ firstBytes: 'ab' })
          .accepts(FIELDS, 'xy')
          .sends(SWITCHED, client.gets('xy'), upstream.gets('ab'))
          .sent('upstream', 'z')
          .sends(client.gets('z'))
          .sent('client', 'c')
          .sends(upstream.gets('c')),
      ).records({ status: 101 }),
    'has what the client sent before it behind what came with its head': () =>
      finished(
        asked({ firstBytes: 'ab' })
          .sent('client', 'c')
          .sends(client.held)
          .accepts(FIELDS)
          .sends(SWITCHED, upstream.gets('ab'), upstream.gets('c'), client.flows),
      ).records({ status: 101 }),
    'may follow what is informational': () =>
      finished(asked().gets(informational(103)).sends(client.gets('head 103')).accepts(FIELDS).sends(SWITCHED)).records(
        { status: 101 },
      ),
    'holds the upstream to the pace of the client': () =>
      finished(
        asked()
          .accepts(FIELDS)
          .sends(SWITCHED)
          .fills('client')
          .sent('upstream', 'abcdefgh')
          .sends(client.gets('abcdefgh'))
          .sent('upstream', 'i')
          .sends(upstream.held)
          .sent('client', 'x')
          .sends(upstream.gets('x'))
          .empties('client')
          .sends(client.gets('i'), upstream.flows),
      ).records({ status: 101 }),
    'holds the client to the pace of the upstream': () =>
      finished(
        asked()
          .accepts(FIELDS)
          .sends(SWITCHED)
          .fills('upstream')
          .sent('client', 'abcdefgh')
          .sends(upstream.gets('abcdefgh'))
          .sent('client', 'i')
          .sends(client.held)
          .sent('upstream', 'x')
          .sends(client.gets('x'))
          .empties('upstream')
          .sends(upstream.gets('i'), client.flows),
      ).records({ status: 101 }),
    'waits for the decision on its request': () =>
      finished(
        playSwitching({ decision: LATER }).decides(undefined).sends(request('GET /')).accepts(FIELDS).sends(SWITCHED),
      ).records({ status: 101 }),
    'and goes on where the proxy takes nothing new': () =>
      finished(asked().retires().accepts(FIELDS).sends(SWITCHED).sent('client', 'a').sends(upstream.gets('a'))).records(
        { status: 101 },
      ),
    'has its messages recorded where it is a WebSocket': () =>
      finished(
        asked({ upgrade: 'WebSocket', firstBytes: framed('client', 'a') })
          .accepts(FIELDS, framed('server', 'b'))
          .sends(SWITCHED, client.gets(framed('server', 'b')), upstream.gets(framed('client', 'a')))
          .sent('client', framed('client', 'c'))
          .sends(upstream.gets(framed('client', 'c'))),
      ).records({ status: 101, messages: ['server text b', 'client text a', 'client text c'] }),
    'passes on what is no frame of a WebSocket, and says so': () =>
      finished(
        asked({ upgrade: 'websocket' })
          .accepts(FIELDS)
          .sends(SWITCHED)
          .sent('upstream', '\xff\xff')
          .sends(client.gets('\xff\xff'))
          .sent('client', framed('client', 'c'))
          .sends(upstream.gets(framed('client', 'c'))),
      ).records({ messagesError: 'WAYLAY_UPSTREAM_PROTOCOL', messages: ['client text c'] }),
  });
});

describe('an upgrade that does not come about', () => {
  table({
    'is answered by the upstream in the ordinary way': () =>
      asked()
        .gets(head(403, ['Content-Length', '0']))
        .sends(client.gets('head 403 Content-Length 0 Connection close'))
        .gets(end())
        .sends(client.fin, client.closed, upstream.closed)
        .records({ status: 403, source: 'upstream' }),
    'fails with its upstream': () =>
      asked()
        .gets(fail())
        .sends(...answered(502, TRUNCATED), upstream.closed)
        .records({ error: TRUNCATED, source: 'failed', status: 502 }),
    'was not asked for': () =>
      asked({ upgrade: 'none' })
        .accepts(FIELDS)
        .sends(abort, upstream.closed, ...answered(500, 'WAYLAY_INTERNAL'))
        .records({ error: 'WAYLAY_INTERNAL', source: 'failed', status: 500 }),
    'has a head that cannot be sent': () =>
      asked({ unsendable: true })
        .accepts(FIELDS, 'x')
        .sends(abort, upstream.closed, ...answered(500, 'WAYLAY_INTERNAL'))
        .records({ error: 'WAYLAY_INTERNAL', source: 'failed', status: 500 }),
    'has a head that cannot be sent, and a shape': () =>
      asked({ unsendable: true, change: { shape: { slice: 1 } } })
        .accepts(FIELDS, 'x')
        .sends(abort, upstream.closed, ...answered(500, 'WAYLAY_INTERNAL'))
        .records({ error: 'WAYLAY_INTERNAL', source: 'failed', status: 500 }),
    'is not wanted any more when it is accepted': () =>
      asked()
        .resets('client')
        .sends(client.closed, abort, upstream.closed)
        .accepts(FIELDS)
        .records({ error: ABORTED, source: 'failed', status: undefined }),
    'is not wanted any more when its request is decided on': () =>
      playSwitching({ decision: LATER })
        .resets('client')
        .sends(client.closed, upstream.closed)
        .decides(undefined)
        .records({ error: ABORTED, source: 'failed', status: undefined }),
    'is stopped before it is accepted': () =>
      asked()
        .stops()
        .sends(client.closed, abort, upstream.closed)
        .accepts(FIELDS)
        .records({ error: 'WAYLAY_STOPPED', source: 'failed', status: undefined }),
  });
});

describe('a change of a 101', () => {
  const changed = (change: ResponseChange | Error): SwitchingPlay => asked({ change });
  const accepting = ['Sec-WebSocket-Accept', 'x', 'X-Own', '1'];

  table({
    'has other fields': () =>
      finished(
        changed({ headers: ['Upgrade', 'chat', 'X-Own', '1'] })
          .accepts(FIELDS, 'a')
          .sends(client.gets('head 101 Upgrade chat X-Own 1'), client.gets('a')),
      ).records({ status: 101, original: 101, mutated: true }),
    'that says its own status stays one': () =>
      finished(changed({ status: 101 }).accepts(FIELDS).sends(SWITCHED)).records({ status: 101, original: 101 }),
    'refuses it by another status, without the fields of an acceptance': () =>
      changed({ status: 403 })
        .accepts(accepting)
        .sends(abort, upstream.closed, ...refusedWith('X-Own 1 Content-Length 0 Connection close'))
        .records({ status: 403, original: 101, mutated: true }),
    'refuses it with a body': () =>
      changed({ status: 403, headers: NO_FIELDS, body: { kind: 'replace', bytes: Buffer.from('no') } })
        .accepts(accepting)
        .sends(abort, upstream.closed, client.gets('head 403 Content-Length 2 Connection close'))
        .sends(client.gets('no'), client.fin, client.closed)
        .records({ status: 403, original: 101 }),
    'refuses it after a delay': () =>
      changed({ status: 403, headers: NO_FIELDS, shape: { delay: 50 } })
        .accepts(accepting)
        .sends(abort, upstream.closed)
        .passes(50)
        .sends(...refusedWith('Content-Length 0 Connection close'))
        .records({ status: 403, original: 101 }),
    'refuses it after a delay, in which the client leaves': () =>
      changed({ status: 403, shape: { delay: 50 } })
        .accepts(accepting)
        .sends(abort, upstream.closed)
        .resets('client')
        .sends(client.closed)
        .passes(50)
        .records({ error: ABORTED, source: 'failed', status: undefined }),
    'throws, which is answered by a 500': () =>
      changed(new Error('no'))
        .accepts(FIELDS)
        .sends(abort, upstream.closed, ...answered(500, 'WAYLAY_HANDLER'))
        .records({ error: 'WAYLAY_HANDLER', source: 'failed', status: 500 }),
  });
});

describe('a change of a 101 that is decided on later', () => {
  const later = (): SwitchingPlay => asked({ change: LATER }).accepts(FIELDS, 'x');

  table({
    'has both sides wait': () =>
      finished(
        later()
          .sent('client', 'a')
          .sends(client.held)
          .sent('upstream', 'y')
          .sends(upstream.held)
          .changes({ headers: ['Upgrade', 'chat', 'X-Own', '1'] })
          .sends(client.gets('head 101 Upgrade chat X-Own 1'), client.gets('x'), upstream.gets('a'), client.gets('y'))
          .sends(client.flows, upstream.flows),
      ).records({ status: 101, original: 101, mutated: true }),
    'and is none': () =>
      finished(later().changes(undefined).sends(SWITCHED, client.gets('x'))).records({ status: 101, mutated: false }),
    'and refuses it': () =>
      later()
        .changes({ status: 403, headers: NO_FIELDS })
        .sends(abort, upstream.closed, ...refusedWith('Content-Length 0 Connection close'))
        .records({ status: 403, original: 101 }),
    'and rejects': () =>
      later()
        .changes(new Error('no'))
        .sends(abort, upstream.closed, ...answered(500, 'WAYLAY_HANDLER'))
        .records({ error: 'WAYLAY_HANDLER', source: 'failed', status: 500 }),
    'finds a client that has left': () =>
      later()
        .resets('client')
        .sends(client.closed, abort, upstream.closed)
        .changes({ status: 403 })
        .records({ error: ABORTED, source: 'failed', status: undefined, mutated: false }),
    'and rejects when the client has left': () =>
      later()
        .resets('client')
        .sends(client.closed, abort, upstream.closed)
        .changes(new Error('no'))
        .records({ error: ABORTED, status: undefined }),
    'finds a client that has said all': () =>
      later()
        .sent('client', 'a')
        .sends(client.held)
        .finishes('client')
        .changes(undefined)
        .sends(SWITCHED, client.gets('x'), upstream.gets('a'), upstream.fin, client.flows)
        .finishes('upstream')
        .sends(client.fin, upstream.closed, client.closed)
        .records({ status: 101 }),
    'finds an upstream that has said all': () =>
      later()
        .finishes('upstream')
        .changes(undefined)
        .sends(SWITCHED, client.gets('x'), client.fin)
        .finishes('client')
        .sends(upstream.fin, client.closed, upstream.closed)
        .records({ status: 101 }),
    'finds an upstream that has been reset': () =>
      later()
        .resets('upstream')
        .sends(upstream.closed)
        .changes(undefined)
        .sends(SWITCHED, client.gets('x'), client.rst)
        .records({ error: TRUNCATED, source: 'failed', status: 101 }),
    'is stopped meanwhile': () =>
      later()
        .stops()
        .sends(client.closed, abort, upstream.closed)
        .changes(undefined)
        .records({ error: 'WAYLAY_STOPPED', source: 'failed', status: undefined }),
  });
});
