import { expect, test } from 'vitest';
import { hopByHopProblem, hopByHopProblemOfResponse } from '../../../matchers/message/hop-by-hop.js';

const unreadable = {
  toString() {
    throw new Error('unreadable');
  },
};

test.each([
  ['te', 'trailers', false],
  ['TE', ['Trailers'], false],
  ['connection', 'Close', false],
  ['connection', ['close'], false],
  ['te', ['trailers', 'gzip'], true],
  ['connection', ['close', 'x'], true],
  ['connection', Object.create(null), true],
  ['connection', unreadable, true],
  ['connection', [unreadable], true],
])('%s: %o, which a test wrote in a response, is refused: %s', (name, value, refused) => {
  expect(hopByHopProblemOfResponse(name, value) !== undefined).toBe(refused);
  if (name.toLowerCase() === 'te') expect(hopByHopProblem(name, value) !== undefined).toBe(refused);
});
