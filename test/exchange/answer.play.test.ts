/** Answers that are made here, event by event: sent, delayed, streamed, and no longer wanted. */
import { describe } from 'vitest';
import { TestError } from '../../src/errors.js';
import type { ResponseHead } from '../../src/http/response-head.js';
import type { Answer, MessageFault } from '../../src/interceptor.js';
import { answer, asked, failsBecause, letGo, playAnswer } from './answer-play.js';
import { ComingStream } from './answer-stage.js';
import { breakOff, data, end, fail, hang, head, headOnly, informational } from './said.js';
import { table } from './table.js';

const fault = (kind: MessageFault['kind']): MessageFault => ({
  kind,
  error: new TestError('WAYLAY_FAULT', 'The test asked for it.'),
});

const EARLY: ResponseHead = { status: 103, statusText: '', headers: [] };
const SUM = ['x-sum', '1'];

const wrong = (length: number, what: 'more' | 'less') =>
  failsBecause(`The answer says content-length: ${length}, and its body has ${what}. Leave the field out.`);

const streamed = (more?: Partial<Answer>): Answer => answer(new ComingStream(), more);

describe('an answer that is there in full', () => {
  table({
    'has a length': () =>
      playAnswer(answer('abc'))
        .sends(head(200, ['Content-Length', '3']), data('abc'), end())
        .isOver(),
    'may be empty': () =>
      playAnswer(answer(''))
        .sends(headOnly(200, ['Content-Length', '0']), end())
        .isOver(),
    'keeps the length that it says': () =>
      playAnswer(answer('abc', { headers: ['content-length', '3', 'x-own', '1'] }))
        .sends(head(200, ['content-length', '3', 'x-own', '1']), data('abc'), end())
        .isOver(),
    'cannot be longer than it says': () =>
      playAnswer(answer('abc', { headers: ['content-length', '2'] }))
        .sends(wrong(2, 'more'))
        .isOver(),
    'cannot be shorter than it says': () =>
      playAnswer(answer('abc', { headers: ['content-length', '4'] }))
        .sends(wrong(4, 'less'))
        .isOver(),
    'has no length where its status has no body': () =>
      playAnswer(answer('', { status: 204 }))
        .sends(headOnly(204), end())
        .isOver(),
    'says to HEAD what it says': () =>
      playAnswer(answer('', { headers: ['content-length', '9'] }), { method: 'HEAD' })
        .sends(headOnly(200, ['content-length', '9']), end())
        .isOver(),
    'says no length to HEAD that it does not know': () =>
      playAnswer(answer(''), { method: 'HEAD' }).sends(headOnly(200), end()).isOver(),
    'has trailers in the place of a length': () =>
      playAnswer(answer('abc', { headers: ['content-length', '3'], trailers: SUM }))
        .sends(head(200, [], { trailersFollow: true }), data('abc'), end(SUM))
        .isOver(),
    'comes after its delay': () =>
      playAnswer(answer('a'), { delay: 50 })
        .passes(49)
        .passes(1)
        .sends(head(200, ['Content-Length', '1']), data('a'), end())
        .isOver(),
    'comes after what is informational': () =>
      playAnswer(answer('', { informational: [EARLY, EARLY] }))
        .sends(informational(103), informational(103), headOnly(200, ['Content-Length', '0']), end())
        .isOver(),
    'has a delay of its own after what is informational': () =>
      playAnswer(answer('', { informational: [EARLY], delay: 20 }), { delay: 50 })
        .passes(50)
        .sends(informational(103))
        .passes(20)
        .sends(headOnly(200, ['Content-Length', '0']), end())
        .isOver(),
    'fails where its head cannot be sent': () =>
      playAnswer(answer('', { status: 1000 }))
        .sends(fail('WAYLAY_INTERNAL'))
        .isOver(),
    'fails where its head cannot be sent after its delay': () =>
      playAnswer(answer('', { status: 1000, delay: 50 }))
        .passes(50)
        .sends(fail('WAYLAY_INTERNAL'))
        .isOver(),
    'is not sent where nobody wants it within its delay': () =>
      playAnswer(answer('a'), { delay: 50 }).isAborted().passes(50).isOver(),
    'is not sent where nobody wants it after what is informational': () =>
      playAnswer(answer('a', { informational: [EARLY], delay: 20 }))
        .sends(informational(103))
        .isAborted()
        .passes(20)
        .isOver(),
    'stays where nobody wants more after its end': () =>
      playAnswer(answer(''))
        .sends(headOnly(200, ['Content-Length', '0']), end())
        .isAborted()
        .isOver(),
  });
});

describe('an answer that is a stream', () => {
  table({
    'has its head before its first chunk': () =>
      playAnswer(streamed())
        .sends(asked, head(200))
        .yields('a')
        .sends(data('a'), asked)
        .yields('b')
        .sends(data('b'), asked)
        .streamEnds()
        .sends(end())
        .isOver(),
    'may be empty': () => playAnswer(streamed()).sends(asked, head(200)).streamEnds().sends(end()).isOver(),
    'may have chunks that are': () =>
      playAnswer(streamed()).sends(asked, head(200)).yields('').sends(asked).streamEnds().sends(end()).isOver(),
    'may have trailers': () =>
      playAnswer(streamed({ trailers: SUM }))
        .sends(asked, head(200, [], { trailersFollow: true }))
        .streamEnds()
        .sends(end(SUM))
        .isOver(),
    'is asked for one chunk ahead of the client': () =>
      playAnswer(streamed())
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
    'has its end though the client is full': () =>
      playAnswer(streamed())
        .sends(asked, head(200))
        .isFull()
        .yields('a')
        .sends(data('a'), asked)
        .streamEnds()
        .sends(end())
        .isOver(),
    'comes after its delay, before which it is not asked': () =>
      playAnswer(streamed(), { delay: 50 }).passes(50).sends(asked, head(200)).streamEnds().sends(end()).isOver(),
    'fails where it throws': () =>
      playAnswer(streamed())
        .sends(asked, head(200))
        .yields('a')
        .sends(data('a'), asked)
        .streamThrows()
        .sends(failsBecause('no'))
        .isOver(),
    'fails before its head where it throws at once': () =>
      playAnswer(
        answer({
          [Symbol.asyncIterator]: () => {
            throw new Error('no');
          },
        }),
      )
        .sends(failsBecause('no'))
        .isOver(),
    'ends with the length that it says, whatever it still does': () =>
      playAnswer(streamed({ headers: ['content-length', '2'] }))
        .sends(asked, head(200, ['content-length', '2']))
        .yields('ab')
        .sends(data('ab'), letGo, end())
        .isOver(),
    'cannot be longer than it says': () =>
      playAnswer(streamed({ headers: ['content-length', '2'] }))
        .sends(asked, head(200, ['content-length', '2']))
        .yields('abc')
        .sends(letGo, wrong(2, 'more'))
        .isOver(),
    'cannot be shorter than it says': () =>
      playAnswer(streamed({ headers: ['content-length', '2'] }))
        .sends(asked, head(200, ['content-length', '2']))
        .yields('a')
        .sends(data('a'), asked)
        .streamEnds()
        .sends(wrong(2, 'less'))
        .isOver(),
    'is let go of unread where HEAD asks': () =>
      playAnswer(streamed(), { method: 'HEAD' }).sends(headOnly(200), end(), letGo).isOver(),
    'is let go of unread where its status has no body': () =>
      playAnswer(streamed({ status: 304 }))
        .sends(headOnly(304), end(), letGo)
        .isOver(),
    'is let go of unread where it says that it has nothing': () =>
      playAnswer(streamed({ headers: ['content-length', '0'] }))
        .sends(headOnly(200, ['content-length', '0']), end(), letGo)
        .isOver(),
    'is let go of where its head cannot be sent': () =>
      playAnswer(streamed({ status: 1000 }))
        .sends(asked, letGo, fail('WAYLAY_INTERNAL'))
        .isOver(),
  });
});

describe('a stream that nobody wants any more', () => {
  table({
    'is let go of within its delay': () =>
      playAnswer(streamed(), { delay: 50 }).isAborted().sends(letGo).passes(50).isOver(),
    'is let go of before its first chunk': () =>
      playAnswer(streamed()).sends(asked, head(200)).isAborted().sends(letGo).yields('a').isOver(),
    'is let go of between its chunks': () =>
      playAnswer(streamed())
        .sends(asked, head(200))
        .yields('a')
        .sends(data('a'), asked)
        .isAborted()
        .sends(letGo)
        .yields('b')
        .streamEnds()
        .isOver(),
    'is let go of while the client is full': () =>
      playAnswer(streamed())
        .sends(asked, head(200))
        .isFull()
        .yields('a')
        .sends(data('a'), asked)
        .yields('b')
        .isAborted()
        .sends(letGo)
        .hasRoom()
        .isOver(),
    'is let go of once': () =>
      playAnswer(streamed()).sends(asked, head(200)).isAborted().sends(letGo).isAborted().isOver(),
    'is silent where it throws after that': () =>
      playAnswer(streamed()).sends(asked, head(200)).isAborted().sends(letGo).streamThrows().isOver(),
    'has ended': () => playAnswer(streamed()).sends(asked, head(200)).streamEnds().sends(end()).isAborted().isOver(),
  });
});

describe('a fault in the place of an answer', () => {
  table({
    'comes at once': () =>
      playAnswer({ fault: fault('reset') })
        .sends(breakOff('reset'))
        .isOver(),
    'comes after its delay': () =>
      playAnswer({ fault: fault('empty') }, { delay: 50 })
        .passes(49)
        .passes(1)
        .sends(breakOff('empty'))
        .isOver(),
    'may be a hang': () =>
      playAnswer({ fault: fault('hang') })
        .sends(hang)
        .isOver(),
    'does not come where nobody waits for it': () =>
      playAnswer({ fault: fault('reset') }, { delay: 50 })
        .isAborted()
        .passes(50)
        .isOver(),
  });
});
