/** The changer of a response, by itself. */
import { describe, test } from 'vitest';
import { TestError } from '../../src/errors.js';
import type { MessageFault, ResponseChange } from '../../src/interceptor.js';
import { type Play, playChanger } from './play.js';
import { breakOff, data, end, fail, head, holdOn, more, threw } from './said.js';
import type { ChangerStage } from './stages.js';

const FAULT = new TestError('WAYLAY_FAULT', 'The test asked for it.');
const fault = (kind: MessageFault['kind'], after?: number): MessageFault => ({ kind, after, error: FAULT });

const SUM = ['x-sum', '1'];

type Row = readonly [title: string, play: Play<ChangerStage>];

const upperCase: ResponseChange = {
  body: {
    kind: 'stream',
    change: async function* (chunks) {
      for await (const chunk of chunks) yield Buffer.from(chunk.toString().toUpperCase());
    },
  },
};

const firstAlone: ResponseChange = {
  body: {
    kind: 'stream',
    change: async function* (chunks) {
      for await (const chunk of chunks) {
        yield chunk;
        return;
      }
    },
  },
};

const whole = (change: (text: string) => string | Promise<string>): ResponseChange => ({
  body: { kind: 'whole', change: async (body) => Buffer.from(await change(body.toString())) },
});

const replaced: ResponseChange = { body: { kind: 'replace', bytes: Buffer.from('new') } };

const soon = (change: ResponseChange | undefined): Promise<ResponseChange | undefined> => Promise.resolve(change);

const throws = (): never => {
  throw new Error('no');
};

describe('the changer', () => {
  const rows: readonly Row[] = [
    [
      'hands on what keeps its body as it comes',
      playChanger(head(200), { status: 201 })
        .sends(head(201))
        .gets(data('a'))
        .sends(data('a'))
        .gets(end(SUM))
        .sends(end(SUM)),
    ],
    [
      'hands on a failure where the body passes',
      playChanger(head(200), { status: 201 })
        .sends(head(201))
        .gets(data('a'))
        .sends(data('a'))
        .gets(fail())
        .sends(fail()),
    ],
    [
      'hands on that there is no room',
      playChanger(head(200), { status: 201 })
        .sends(head(201))
        .isFull()
        .gets(data('a'))
        .sends(data('a'), holdOn)
        .hasRoom()
        .sends(more),
    ],
    [
      'asks for more where the change was waited for',
      playChanger(head(200), soon({ status: 201 }))
        .sends(head(201), more)
        .gets(data('a'))
        .sends(data('a')),
    ],
    [
      'replaces a body without waiting for it, and ends with it',
      playChanger(head(200, ['Content-Length', '1']), replaced)
        .sends(head(200, ['Content-Length', '3']), data('new'))
        .gets(data('a'))
        .gets(end())
        .sends(end()),
    ],
    [
      'breaks off what is replaced where the upstream fails',
      playChanger(head(200), replaced)
        .sends(head(200, ['Content-Length', '3']), data('new'))
        .gets(data('a'))
        .gets(fail())
        .sends(fail()),
    ],
    [
      'sends nothing of a body to change as a whole before it is there',
      playChanger(
        head(200),
        whole((text) => `<${text}>`),
      )
        .gets(data('a'))
        .gets(data('b'))
        .gets(end(SUM))
        .sends(head(200, [], { trailersFollow: true }), data('<ab>'), end(SUM)),
    ],
    [
      'fails where the body to change as a whole does not come in full',
      playChanger(
        head(200),
        whole((text) => `<${text}>`),
      )
        .gets(data('a'))
        .gets(fail())
        .sends(fail()),
    ],
    [
      'is no fault of a function where what comes after it throws',
      playChanger(head(1000), { headers: [] }).sends(fail('WAYLAY_INTERNAL')),
    ],
    [
      'tells of a function of the whole body that throws',
      playChanger(head(200), whole(throws)).gets(data('a')).gets(end()).sends(threw('no')),
    ],
    [
      'passes a body through a function of streams as it comes',
      playChanger(head(200, ['Content-Length', '2']), upperCase)
        .sends(head(200))
        .gets(data('a'))
        .sends(data('A'))
        .gets(data('b'))
        .sends(data('B'))
        .gets(end(SUM))
        .sends(end(SUM)),
    ],
    [
      'does not let a stream that came short look complete',
      playChanger(head(200), upperCase).sends(head(200)).gets(data('a')).sends(data('A')).gets(fail()).sends(fail()),
    ],
    [
      'hands on a failure that comes after its function of streams has ended',
      playChanger(head(200), firstAlone)
        .sends(head(200))
        .gets(data('a'))
        .sends(data('a'), end())
        .gets(data('b'))
        .gets(fail())
        .sends(fail()),
    ],
    [
      'asks a function of streams for no more than there is room for',
      playChanger(head(200), upperCase)
        .sends(head(200))
        .isFull()
        .gets(data('a'))
        .sends(data('A'))
        .gets(data('b'))
        .gets(end())
        .hasRoom()
        .sends(data('B'), end()),
    ],
    [
      'tells of a function of streams that throws',
      playChanger(head(200), { body: { kind: 'stream', change: throws } }).sends(threw('no')),
    ],
    [
      'ends where a function of streams wants no more, and takes what still comes',
      playChanger(head(200), {
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
        .sends(head(200))
        .gets(data('a'))
        .sends(data('a'), end())
        .gets(data('b')),
    ],
    [
      'drops the body that another status does not have',
      playChanger(head(200, ['Content-Length', '1']), { status: 204 })
        .sends(head(204))
        .gets(data('a'))
        .gets(end())
        .sends(end()),
    ],
    [
      'changes trailers when the body has come',
      playChanger(head(200, ['Content-Length', '1']), { trailers: (trailers) => [...trailers, 'x-more', '2'] })
        .sends(head(200, [], { trailersFollow: true }))
        .gets(data('a'))
        .sends(data('a'))
        .gets(end(SUM))
        .sends(end([...SUM, 'x-more', '2'])),
    ],
    [
      'tells of a function of trailers that throws',
      playChanger(head(200), { trailers: throws })
        .sends(head(200, [], { trailersFollow: true }))
        .gets(end())
        .sends(threw('no')),
    ],
    [
      'leaves a response to HEAD without a body, whatever the change',
      playChanger(
        head(200, ['Content-Length', '1']),
        whole((text) => `<${text}>`),
        'HEAD',
      )
        .sends(head(200, ['Content-Length', '1']))
        .gets(end())
        .sends(end()),
    ],
    [
      'shapes what it has changed',
      playChanger(head(200), { ...replaced, shape: { slice: 2 } })
        .sends(head(200, ['Content-Length', '3']), data('ne'), data('w'))
        .gets(end())
        .sends(end()),
    ],
    [
      'tells of a failure of what it delays when the delay is over',
      playChanger(head(200), { shape: { delay: 50 } })
        .gets(fail())
        .passes(50)
        .sends(head(200), fail()),
    ],
    [
      'breaks off what it has changed at its byte',
      playChanger(head(200), { ...upperCase, shape: { fault: fault('truncate', 1) } })
        .sends(head(200))
        .gets(data('ab'))
        .sends(data('A'), breakOff('truncate')),
    ],
  ];
  test.each(rows)('%s', (_, play) => play.ends());

  test('has its end before the decision, and the decision before a failure', async () => {
    let decide: (change: ResponseChange | undefined) => void = () => {};
    const later = new Promise<ResponseChange | undefined>((resolve) => {
      decide = resolve;
    });
    const play = playChanger(head(200), later).gets(data('a')).sends(holdOn).gets(end(SUM));
    await play
      .event('it is decided', () => decide({ status: 201 }))
      .sends(head(201, [], { trailersFollow: true }), data('a'), end(SUM))
      .ends();
  });
});
