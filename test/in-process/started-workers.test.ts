/** Worker threads as they are seen when they start. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { watchWorkers } from '../../src/in-process/workers/watch-workers.js';

test('many that are started in one turn are all seen, and leave nothing behind', async () => {
  const listeners = process.listenerCount('worker');
  const seen: string[] = [];
  const warnings: string[] = [];
  const warned = ({ name }: Error): void => void warnings.push(name);
  process.on('warning', warned);
  const undo = watchWorkers(
    ({ filename }) => {
      seen.push(filename);
      return undefined;
    },
    () => warnings.push('unknown'),
  );
  onTestFinished(() => {
    undo();
    process.off('warning', warned);
  });
  const codes = Array.from({ length: 12 }, (_, index) => `// ${index}`);
  const workers = codes.map((code) => new Worker(code, { eval: true }));
  expect(process.listenerCount('worker')).toBe(listeners + 1);
  await Promise.all(workers.map((worker) => once(worker, 'exit')));
  expect({ seen, warnings }).toEqual({ seen: codes, warnings: [] });
  expect(process.listenerCount('worker')).toBe(listeners);
});
