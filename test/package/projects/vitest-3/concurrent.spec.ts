import { beforeEach, describe, expect, test } from 'vitest';
import { useWaylay } from 'waylay/vitest';

// Vitest runs five at once: the last one starts when another has ended, and only the first is left.
const atOnce = ['first', 'second', 'third', 'fourth', 'fifth'];

describe.concurrent('a hook before useWaylay()', () => {
  let lastHasStarted = () => {};
  const last = new Promise<void>((resolve) => {
    lastHasStarted = resolve;
  });

  beforeEach(async ({ task }) => {
    if (task.name !== 'last') return;
    await expect(fetch('https://api.invalid/early')).rejects.toMatchObject({ cause: { code: 'WAYLAY_WHOSE_REQUEST' } });
    expect(() => waylay.stubResponse('**', 200)).toThrow(expect.objectContaining({ code: 'WAYLAY_WHOSE_REQUEST' }));
    lastHasStarted();
  });
  const waylay = useWaylay();
  // biome-ignore lint/suspicious/noDuplicateTestHooks: one stands before useWaylay, one after
  beforeEach(async ({ task }) => {
    waylay.stubResponse('https://api.invalid/**', task.name);
    expect(await (await fetch('https://api.invalid/hook')).text()).toBe(task.name);
  });

  test.each([...atOnce, 'last'])('%s', async (name) => {
    if (name === 'first') await last;
    expect(await (await fetch('https://api.invalid/test')).text()).toBe(name);
    expect(waylay.exchanges.map(({ request }) => request.url)).toEqual([
      'https://api.invalid/hook',
      'https://api.invalid/test',
    ]);
  });
});
