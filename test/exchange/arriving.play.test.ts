/** Answers to requests that come in a shape, event by event. */
import { describe } from 'vitest';
import { TestError } from '../../src/errors.js';
import type { MessageFault, Shape } from '../../src/interceptor.js';
import { type AnswerPlay, answer, asked, letGo, playAnswer } from './answer-play.js';
import { type AnswerSetting, ComingStream } from './answer-stage.js';
import { breakOff, data, end, hang, head } from './said.js';
import { table } from './table.js';

const fault = (kind: MessageFault['kind'], after?: number): MessageFault => ({
  kind,
  after,
  error: new TestError('WAYLAY_FAULT', 'The test asked for it.'),
});

const ANSWERED = [head(200, ['Content-Length', '1']), data('a'), end()];

/** An answer to a request that comes in this shape. */
const to = (shape: Shape, more?: AnswerSetting): AnswerPlay => playAnswer(answer('a'), { shape, ...more });

const streamTo = (shape: Shape, more?: AnswerSetting): AnswerPlay =>
  playAnswer(answer(new ComingStream()), { shape, ...more });

describe('an answer to a request in a shape', () => {
  table({
    'waits until the request has come': () =>
      to({ slice: 1 })
        .clientSends('xy')
        .clientEnds()
        .sends(...ANSWERED)
        .isOver(),
    'waits at the bandwidth of the request': () =>
      to({ bandwidth: 100 })
        .clientSends('xyz')
        .clientEnds()
        .passes(20)
        .passes(10)
        .sends(...ANSWERED)
        .isOver(),
    'waits for nothing where there is no body': () =>
      to({ bandwidth: 100 }, { none: true })
        .sends(...ANSWERED)
        .isOver(),
    'waits for its delay first': () =>
      to({ bandwidth: 100 }, { delay: 50 })
        .clientSends('xy')
        .clientEnds()
        .passes(50)
        .passes(20)
        .sends(...ANSWERED)
        .isOver(),
    'goes at the pace of the client': () =>
      streamTo({ slice: 1 })
        .clientEnds()
        .sends(asked, head(200))
        .isFull()
        .yields('a')
        .sends(data('a'), asked)
        .yields('b')
        .hasRoom()
        .sends(data('b'), asked)
        .streamEnds()
        .sends(end())
        .isOver(),
    'breaks off at the byte of a reset': () =>
      to({ fault: fault('reset', 2) })
        .clientSends('xyz')
        .sends(breakOff('reset'))
        .isOver(),
    'is empty where the request is truncated, for nobody is there who could see it': () =>
      to({ fault: fault('truncate', 2) })
        .clientSends('xyz')
        .sends(breakOff('empty'))
        .isOver(),
    'breaks off where the request ends before': () =>
      to({ fault: fault('reset', 9) })
        .clientSends('xyz')
        .clientEnds()
        .sends(breakOff('reset'))
        .isOver(),
    'hangs at its byte': () =>
      to({ fault: fault('hang', 2) })
        .clientSends('xyz')
        .sends(hang)
        .isOver(),
  });
});

describe('an answer to a request in a shape, which nobody wants any more', () => {
  table({
    'is let go of within the delay': () =>
      streamTo({ bandwidth: 100 }, { delay: 50 }).isAborted().sends(letGo).passes(50).isOver(),
    'is let go of before the body has come': () =>
      streamTo({ bandwidth: 100 }).clientSends('x').isAborted().sends(letGo).clientEnds().passes(50).isOver(),
    'is let go of between two pieces of the body, and no timer runs': () =>
      streamTo({ bandwidth: 100 }).clientSends('xyz').passes(20).isAborted().sends(letGo).clientEnds().isOver(),
    'is let go of while it is sent': () =>
      streamTo({ slice: 1 }).clientEnds().sends(asked, head(200)).isAborted().sends(letGo).yields('a').isOver(),
    'is not sent where the client leaves within its request': () =>
      to({ bandwidth: 100 }).clientSends('x').isAborted().clientLeaves().passes(50).isOver(),
  });
});
