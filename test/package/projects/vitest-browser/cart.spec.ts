import { DEFAULT_MASK, exactly, expect, passthrough, test, useWaylay } from 'waylay/vitest';

const waylay = useWaylay();

test('never runs', () => {
  expect([waylay, DEFAULT_MASK, exactly, passthrough]).toHaveLength(4);
});
