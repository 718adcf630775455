/** A request's body that is waited for here, or thrown away, event by event, and what is captured of it. */
import { describe } from 'vitest';
import { WINDOW } from '../../src/http/window.js';
import { beginning, body, comes, complete, goes, noWhole, out, outEnds, outFails, whole } from './request-body-play.js';
import { holdOn, more } from './said.js';
import { table } from './table.js';

const MUCH = 'x'.repeat(WINDOW);

describe('a body whose beginning is waited for', () => {
  table({
    'is held until it is complete, and goes in one piece': () =>
      body()
        .asksForBeginning()
        .clientSends('a')
        .clientSends('b')
        .clientEnds()
        .sends(complete, beginning)
        .forwards()
        .sends(goes('ab'))
        .keeps('ab'),
    'is held until it has outgrown what is kept, and goes as it comes': () =>
      body({ limit: 2 })
        .asksForBeginning()
        .clientSends('ab')
        .clientSends('c')
        .sends(beginning, holdOn)
        .clientSends('d')
        .forwards()
        .sends(comes, more)
        .upstreamReads()
        .sends(out('ab'), out('c'), out('d'))
        .clientEnds()
        .sends(complete, outEnds)
        .keeps('ab', { size: 4 }),
    'may have outgrown what is kept, and be waited for as a whole': () =>
      body({ limit: 1 })
        .asksForBeginning()
        .clientSends('ab')
        .sends(beginning, holdOn)
        .asksForWhole()
        .sends(more)
        .clientSends('c')
        .clientEnds()
        .sends(complete, whole('abc'))
        .keeps('a', { size: 3 }),
    'may have outgrown what is kept, and be discarded': () =>
      body({ limit: 1 })
        .asksForBeginning()
        .clientSends('ab')
        .sends(beginning, holdOn)
        .discards()
        .sends(more)
        .clientSends('c')
        .clientEnds()
        .sends(complete)
        .keeps('a', { size: 3 }),
    'goes before it is complete, and has the client wait at once where that fills the window': () =>
      body()
        .asksForBeginning()
        .clientSends(MUCH)
        .forwards()
        .sends(comes, holdOn)
        .clientSends('b')
        .upstreamReads()
        .sends(out(`${WINDOW} bytes`), out('b'), more)
        .clientEnds()
        .sends(complete, outEnds, beginning)
        .keeps(`${WINDOW + 1} bytes`, { size: WINDOW + 1 }),
    'that is larger than the window is held on to when it goes': () =>
      body({ limit: 1 })
        .asksForBeginning()
        .clientSends(MUCH)
        .sends(beginning, holdOn)
        .forwards()
        .sends(comes)
        .clientSends('b')
        .upstreamReads()
        .sends(out(`${WINDOW} bytes`), out('b'), more)
        .keeps('x', { size: WINDOW + 1, complete: false }),
    'is what has come where the client leaves, and fails when it goes': () =>
      body()
        .asksForBeginning()
        .clientSends('a')
        .clientLeaves()
        .sends(beginning)
        .forwards()
        .sends(comes, outFails)
        .keeps('a', { complete: false }),
    'has been outgrown where the client leaves': () =>
      body({ limit: 1 })
        .asksForBeginning()
        .clientSends('ab')
        .sends(beginning, holdOn)
        .clientLeaves()
        .keeps('a', { size: 2, complete: false }),
    'is there at once where it is complete': () =>
      body().discards().clientSends('a').clientEnds().sends(complete).asksForBeginning().sends(beginning).keeps('a'),
    'is there at once where the client has left': () =>
      body().clientLeaves().asksForBeginning().sends(beginning).keeps('', { complete: false }),
  });
});

describe('a body that is waited for as a whole', () => {
  table({
    'is there when it is complete': () =>
      body().asksForWhole().clientSends('a').clientSends('b').clientEnds().sends(complete, whole('ab')).keeps('ab'),
    'is there however long it is': () =>
      body({ limit: 1 })
        .asksForWhole()
        .clientSends('ab')
        .clientEnds()
        .sends(complete, whole('ab'))
        .keeps('a', { size: 2 }),
    'is there at once where its beginning was all': () =>
      body()
        .asksForBeginning()
        .clientSends('a')
        .clientEnds()
        .sends(complete, beginning)
        .asksForWhole()
        .sends(whole('a'))
        .keeps('a'),
    'is not there where the client leaves': () =>
      body().asksForWhole().clientSends('a').clientLeaves().sends(noWhole).keeps('a', { complete: false }),
    'is not there where the client had left': () =>
      body().clientLeaves().asksForWhole().sends(noWhole).keeps('', { complete: false }),
    'is there where the client leaves after it': () =>
      body().asksForWhole().clientSends('a').clientEnds().sends(complete, whole('a')).clientLeaves().keeps('a'),
  });
});

describe('a body that several wait for', () => {
  table({
    'is there for all of them': () =>
      body()
        .asksForBeginning()
        .asksForBeginning()
        .clientSends('a')
        .clientEnds()
        .sends(complete, beginning, beginning)
        .keeps('a'),
    'is whole for who asks for the whole, though its beginning is outgrown': () =>
      body({ limit: 1 })
        .asksForWhole()
        .asksForBeginning()
        .clientSends('ab')
        .sends(beginning)
        .clientSends('c')
        .clientEnds()
        .sends(complete, whole('abc'))
        .keeps('a', { size: 3 }),
    'is there for none of them where the client leaves': () =>
      body().asksForBeginning().asksForWhole().clientLeaves().sends(beginning, noWhole).keeps('', { complete: false }),
  });
});

describe('a body that is discarded', () => {
  table({
    'is captured to its end': () =>
      body().discards().clientSends('a').clientSends('b').clientEnds().sends(complete).keeps('ab'),
    'is captured until the client leaves': () =>
      body().discards().clientSends('a').clientLeaves().keeps('a', { complete: false }),
    'is captured with what came before': () =>
      body().clientSends('a').discards().clientEnds().sends(complete).keeps('a'),
    'may be so twice': () => body().discards().clientSends('a').discards().clientEnds().sends(complete).keeps('a'),
  });
});
