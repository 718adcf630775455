/** The relay where a change of the response is decided on later, event by event. */
import { describe } from 'vitest';
import { play, type RelayPlay } from './play.js';
import { abort, data, end, errorAnswer, fail, head, holdOn, more, request } from './said.js';
import { LATER } from './surrounded.js';
import { table } from './table.js';

/** Up to the request's head at the upstream. */
const forwarded = (setting: Parameters<typeof play>[0] = {}): RelayPlay => play(setting).sends(request('GET /'));

const TRUNCATED = 'WAYLAY_UPSTREAM_TRUNCATED';

describe('a change that is decided on later', () => {
  table({
    'holds the upstream back until then': () =>
      forwarded({ change: LATER })
        .gets(head(200))
        .gets(data('a'))
        .sends(holdOn)
        .changes({ status: 201 })
        .sends(head(201), data('a'), more)
        .gets(end())
        .sends(end())
        .records({ status: 201, body: 'a' }),
    'asks for no more where the client has no room for what came': () =>
      forwarded({ change: LATER })
        .gets(head(200))
        .gets(data('a'))
        .sends(holdOn)
        .isFull()
        .changes({ status: 201 })
        .sends(head(201), data('a'))
        .hasRoom()
        .sends(more)
        .gets(end())
        .sends(end())
        .records({ status: 201, body: 'a' }),
    'and is none lets everything go on': () =>
      forwarded({ change: LATER })
        .gets(head(200))
        .gets(data('a'))
        .sends(holdOn)
        .gets(end())
        .changes(undefined)
        .sends(head(200), data('a'), end())
        .records({ status: 200, body: 'a' }),
    'and rejects is answered by a 500': () =>
      forwarded({ change: LATER })
        .gets(head(200))
        .changes(new Error('no'))
        .sends(abort, ...errorAnswer(500, 'WAYLAY_HANDLER'))
        .records({ error: 'WAYLAY_HANDLER', source: 'failed', status: 500 }),
    'comes after the failure of the upstream': () =>
      forwarded({ change: LATER })
        .gets(head(200))
        .gets(fail())
        .sends(...errorAnswer(502, TRUNCATED))
        .changes({ status: 201 })
        .records({ error: TRUNCATED, source: 'failed', status: 502 }),
    'throws at once': () =>
      forwarded({ change: new Error('no') })
        .gets(head(200))
        .sends(abort, ...errorAnswer(500, 'WAYLAY_HANDLER'))
        .records({ error: 'WAYLAY_HANDLER', source: 'failed', status: 500 }),
  });
});
