/** A request's body on its way, event by event, and what is captured of it. */
import { describe } from 'vitest';
import { WINDOW } from '../../src/http/window.js';
import { beginning, body, comes, complete, goes, out, outEnds, outFails, whole } from './request-body-play.js';
import { holdOn, more } from './said.js';
import { table } from './table.js';

const MUCH = 'x'.repeat(WINDOW);

describe('a body that nobody has asked for', () => {
  table({
    'is not read': () => body().clientSends('a').clientEnds().keeps('', { complete: false }),
    'is complete where there is none': async () => {
      const play = body({ none: true }).sends(complete).forwards().sends(goes('none'));
      await play
        .asksForBeginning()
        .sends(beginning)
        .asksForWhole()
        .sends(whole(''))
        .discards()
        .clientLeaves()
        .keeps('');
    },
    'is not read where the client leaves': () => body().clientSends('a').clientLeaves().keeps('', { complete: false }),
  });
});

describe('a body that goes to the upstream', () => {
  table({
    'goes as it comes': () =>
      body()
        .forwards()
        .sends(comes)
        .upstreamReads()
        .clientSends('a')
        .sends(out('a'))
        .clientSends('b')
        .sends(out('b'))
        .clientEnds()
        .sends(complete, outEnds)
        .keeps('ab'),
    'has what came before': () =>
      body()
        .clientSends('a')
        .forwards()
        .sends(comes)
        .upstreamReads()
        .sends(out('a'))
        .clientEnds()
        .sends(complete, outEnds)
        .keeps('a'),
    'is read before the upstream reads, so that the record has it': () =>
      body().forwards().sends(comes).clientSends('a').keeps('a', { complete: false }),
    'is complete before the upstream has read it': () =>
      body()
        .forwards()
        .sends(comes)
        .clientSends('a')
        .clientEnds()
        .sends(complete)
        .upstreamReads()
        .sends(out('a'), outEnds)
        .keeps('a'),
    'may be empty': () =>
      body().forwards().sends(comes).upstreamReads().clientEnds().sends(complete, outEnds).keeps(''),
    'holds the client to the pace of the upstream': () =>
      body()
        .forwards()
        .sends(comes)
        .clientSends(MUCH)
        .sends(holdOn)
        .clientSends('b')
        .upstreamReads()
        .sends(out(`${WINDOW} bytes`), out('b'), more)
        .clientEnds()
        .sends(complete, outEnds)
        .keeps(`${WINDOW + 1} bytes`, { size: WINDOW + 1 }),
    'holds the client to an upstream that has begun to read': () =>
      body()
        .forwards()
        .sends(comes)
        .upstreamReads()
        .clientSends('a')
        .sends(out('a'))
        .upstreamHolds()
        .clientSends(MUCH)
        .sends(holdOn)
        .upstreamReads()
        .sends(out(`${WINDOW} bytes`), more)
        .keeps(`${WINDOW + 1} bytes`, { size: WINDOW + 1, complete: false }),
    'is captured to its end where the upstream lets go of it': () =>
      body()
        .forwards()
        .sends(comes)
        .upstreamReads()
        .clientSends('a')
        .sends(out('a'))
        .upstreamLetsGo()
        .clientSends('b')
        .clientEnds()
        .sends(complete)
        .keeps('ab'),
    'flows again where the upstream lets go of what was held': () =>
      body()
        .forwards()
        .sends(comes)
        .clientSends(MUCH)
        .sends(holdOn)
        .clientSends('b')
        .upstreamLetsGo()
        .sends(more)
        .clientEnds()
        .sends(complete)
        .keeps(`${WINDOW + 1} bytes`, { size: WINDOW + 1 }),
    'fails with the client': () =>
      body()
        .forwards()
        .sends(comes)
        .upstreamReads()
        .clientSends('a')
        .sends(out('a'))
        .clientLeaves()
        .sends(outFails)
        .keeps('a', { complete: false }),
    'fails with the client before the upstream reads': () =>
      body()
        .forwards()
        .sends(comes)
        .clientSends('a')
        .clientLeaves()
        .sends(outFails)
        .upstreamReads()
        .keeps('a', { complete: false }),
    'fails with a client that had left before': () =>
      body().clientLeaves().forwards().sends(comes, outFails).keeps('', { complete: false }),
    'stays whole where the client leaves after it': () =>
      body()
        .forwards()
        .sends(comes)
        .clientSends('a')
        .clientEnds()
        .sends(complete)
        .clientLeaves()
        .upstreamReads()
        .sends(out('a'), outEnds)
        .keeps('a'),
  });
});
