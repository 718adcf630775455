import { expect, test } from 'vitest';
import { wantsColors } from '../../../matchers/values/colors.js';

const terminal = { isTTY: true };
const file = { isTTY: undefined };

test.each([
  [{}, terminal, true],
  [{}, file, false],
  [{ TERM: 'dumb' }, terminal, false],
  [{ NO_COLOR: '' }, terminal, true],
  [{ NO_COLOR: '1' }, terminal, false],
  [{ NO_COLOR: '1', FORCE_COLOR: '1' }, terminal, false],
  [{ FORCE_COLOR: '1' }, file, true],
  [{ FORCE_COLOR: '' }, file, true],
  [{ FORCE_COLOR: '0' }, terminal, false],
  [{ FORCE_COLOR: 'false' }, terminal, false],
])('colours are wanted with %j on %j: %s', (env, output, wanted) => {
  expect(wantsColors(env, output)).toBe(wanted);
});
