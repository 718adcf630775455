import { describe, expect, test } from 'vitest';
import { useWaylay } from 'waylay/vitest';

describe('useWaylay()', () => {
  test('inside a test belongs elsewhere', () => {
    expect(() => useWaylay()).toThrow(
      /^useWaylay\(\) was called while the test '.*inside a test belongs elsewhere' runs, .* Call it once at the top of the file/,
    );
  });
});

describe('a matcher', () => {
  const waylay = useWaylay();

  // Its point is that it fails.
  test.fails('that is not awaited fails its test', () => {
    void expect(waylay).toHaveReceived('https://api.invalid/late');
  });
});
