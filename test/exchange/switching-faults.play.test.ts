/** Faults in the place of a 101, and hangs after it, event by event. */
import { describe } from 'vitest';
import { TestError } from '../../src/errors.js';
import type { MessageFault, Shape } from '../../src/interceptor.js';
import { abort, request } from './said.js';
import { client, playSwitching, type SwitchingPlay, upstream } from './switching-play.js';
import { table } from './table.js';

const FIELDS = ['Upgrade', 'chat'];
const SWITCHED = client.gets('head 101 Upgrade chat');
const FAULT = 'WAYLAY_FAULT';

const fault = (kind: MessageFault['kind'], after?: number): MessageFault => ({
  kind,
  after,
  error: new TestError('WAYLAY_FAULT', 'The test asked for it.'),
});

/** The upstream's stream is in this shape. */
const down = (shape: Shape, firstBytes = ''): SwitchingPlay =>
  playSwitching({ change: { shape } }).sends(request('GET /')).accepts(FIELDS, firstBytes);

describe('a fault in the place of a 101', () => {
  table({
    'resets the client’s connection': () =>
      down({ fault: fault('reset') })
        .sends(abort, upstream.closed, client.rst)
        .records({ error: FAULT, source: 'failed', status: undefined, original: 101 }),
    'ends it without a byte': () =>
      down({ fault: fault('empty') })
        .sends(abort, upstream.closed, client.fin, client.closed)
        .records({ error: FAULT, source: 'failed', status: undefined }),
    'comes after its delay': () =>
      down({ delay: 50, fault: fault('reset') })
        .passes(50)
        .sends(abort, upstream.closed, client.rst)
        .records({ error: FAULT, status: undefined }),
    'leaves the client hanging, until it says that it is done': () =>
      down({ fault: fault('hang') })
        .sent('client', 'a')
        .finishes('client')
        .sends(client.fin, client.closed, abort, upstream.closed)
        .records({ error: FAULT, source: 'failed', status: undefined, hangs: true }),
    'leaves the client hanging, until it resets': () =>
      down({ fault: fault('hang') })
        .resets('client')
        .sends(client.closed, abort, upstream.closed)
        .records({ error: FAULT, source: 'failed', hangs: true }),
    'leaves the client hanging, until the proxy stops': () =>
      down({ fault: fault('hang') })
        .stops()
        .sends(client.closed, abort, upstream.closed)
        .records({ error: FAULT, source: 'failed', hangs: true }),
    'resets where it would hang what is retired': () =>
      playSwitching({ change: { shape: { fault: fault('hang') } } })
        .sends(request('GET /'))
        .retires()
        .accepts(FIELDS)
        .sends(abort, upstream.closed, client.rst)
        .records({ error: FAULT, source: 'failed', hangs: false }),
  });
});

describe('what the upstream sends, and then hangs', () => {
  const hanging = (): SwitchingPlay => down({ fault: fault('hang', 2) }, 'abc').sends(SWITCHED, client.gets('ab'));
  const kept = { error: FAULT, source: 'failed', status: 101, hangs: true };

  table({
    'lets the client go on, until it is done': () =>
      hanging()
        .sent('upstream', 'd')
        .sent('client', 'x')
        .sends(upstream.gets('x'))
        .finishes('client')
        .sends(client.fin, client.closed, upstream.fin, upstream.closed)
        .records(kept),
    'ends with a client that resets': () => hanging().resets('client').sends(client.closed, upstream.rst).records(kept),
    'is not ended by the upstream': () =>
      hanging().finishes('upstream').resets('client').sends(client.closed, upstream.rst).records(kept),
    'is not ended by the upstream’s reset': () =>
      hanging().resets('upstream').sends(upstream.closed).resets('client').sends(client.closed).records(kept),
    'is ended by a stop': () => hanging().stops().sends(client.closed, upstream.closed).records(kept),
  });
});
