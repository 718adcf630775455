/** The shaper of a response, by itself. */
import { describe, expect, test } from 'vitest';
import { TestError } from '../../src/errors.js';
import type { MessageFault } from '../../src/interceptor.js';
import { type Play, playShaper } from './play.js';
import { abort, breakOff, data, end, fail, head, headOnly, holdOn, more } from './said.js';
import type { ShaperStage } from './stages.js';

const FAULT = new TestError('WAYLAY_FAULT', 'The test asked for it.');
const fault = (kind: MessageFault['kind'], after?: number): MessageFault => ({ kind, after, error: FAULT });

const SUM = ['x-sum', '1'];

type Row = readonly [title: string, play: Play<ShaperStage>];

describe('the shaper', () => {
  const rows: readonly Row[] = [
    [
      'holds back what comes before its delay is over',
      playShaper({ delay: 50 })
        .gets(head(200))
        .gets(data('a'))
        .sends(holdOn)
        .passes(50)
        .sends(head(200), more, data('a'))
        .gets(end())
        .sends(end()),
    ],
    [
      'has its end within its delay',
      playShaper({ delay: 50 }).gets(head(200), end(SUM)).passes(50).sends(head(200), end(SUM)),
    ],
    [
      'tells of a failure within its delay when it is over',
      playShaper({ delay: 50 }).gets(head(200), fail()).passes(50).sends(head(200), fail()),
    ],
    [
      'cuts into pieces',
      playShaper({ slice: 2 })
        .gets(head(200))
        .sends(head(200))
        .gets(data('abc'))
        .sends(data('ab'), data('c'))
        .gets(end())
        .sends(end()),
    ],
    [
      'keeps to its bandwidth',
      playShaper({ bandwidth: 100 })
        .gets(head(200))
        .sends(head(200))
        .gets(data('abcd'))
        .passes(20)
        .sends(data('ab'))
        .passes(20)
        .sends(data('cd'))
        .gets(end())
        .sends(end()),
    ],
    [
      'goes no faster than there is room',
      playShaper({ slice: 1 })
        .gets(head(200))
        .sends(head(200))
        .isFull()
        .gets(data('ab'))
        .sends(data('a'))
        .gets(end())
        .hasRoom()
        .sends(data('b'), end()),
    ],
    [
      'breaks off in the place of the head',
      playShaper({ fault: fault('reset') })
        .gets(head(200))
        .sends(breakOff('reset'))
        .gets(data('a'))
        .sends(holdOn)
        .gets(end()),
    ],
    [
      'breaks off at its byte',
      playShaper({ fault: fault('truncate', 2) })
        .gets(head(200, ['Content-Length', '4']))
        .sends(head(200, ['Content-Length', '4']))
        .gets(data('abcd'))
        .sends(data('ab'), breakOff('truncate'))
        .gets(end()),
    ],
    [
      'breaks off where the body ends before',
      playShaper({ fault: fault('truncate', 9) })
        .gets(head(200, ['Content-Length', '1']))
        .sends(head(200))
        .gets(data('a'))
        .sends(data('a'))
        .gets(end())
        .sends(breakOff('truncate')),
    ],
    [
      'tells of the upstream where that fails before the fault',
      playShaper({ fault: fault('truncate', 9) })
        .gets(head(200))
        .sends(head(200))
        .gets(data('a'))
        .sends(data('a'))
        .gets(fail())
        .sends(fail()),
    ],
    [
      'has a head that is all',
      playShaper({ slice: 1 }).gets(headOnly(204)).sends(headOnly(204)).gets(end()).sends(end()),
    ],
  ];
  test.each(rows)('%s', (_, play) => play.ends());

  test('tells its source and nobody else that nobody wants more, and runs no timer', async () => {
    const play = playShaper({ delay: 50 }).gets(head(200)).gets(data('a')).sends(holdOn);
    await play
      .event('nobody wants more', ({ taker }) => taker.abort())
      .sends(abort)
      .passes(50)
      .ends();
    expect(play.stage.clock.running).toBe(0);
  });
});
