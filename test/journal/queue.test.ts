import { expect, test } from 'vitest';
import { Queue } from '../../src/journal/queue.js';
import { seeded } from './seeded.js';

interface Item {
  readonly id: number;
  stays: boolean;
}

test('a queue gives what an array gives, whatever goes in, out and past what stays', () => {
  const random = seeded(7);
  const queue = new Queue<Item>();
  const model: Item[] = [];
  const seen = { passedOver: 0, refused: 0, longest: 0 };
  for (let id = 0; id < 5000; id += 1) {
    // Grows first, then shrinks to nothing, and again.
    if (random() < (id % 1000 < 500 ? 0.6 : 0.05)) {
      const item = { id, stays: random() < 0.2 };
      queue.push(item);
      model.push(item);
    } else if (random() < 0.02) {
      for (const item of model) item.stays = false;
    } else {
      const at = model.findIndex(({ stays }) => !stays);
      if (at > 0) seen.passedOver += 1;
      if (at < 0) seen.refused += 1;
      expect(queue.take(({ stays }) => !stays)).toBe(at < 0 ? undefined : model.splice(at, 1)[0]);
    }
    expect(queue.length).toBe(model.length);
    expect(queue.first).toBe(model[0]);
    if (id % 50 === 0) expect(queue.toArray()).toEqual(model);
    seen.longest = Math.max(seen.longest, model.length);
  }
  expect(seen.passedOver).toBeGreaterThan(50);
  expect(seen.refused).toBeGreaterThan(50);
  expect(seen.longest).toBeGreaterThan(50);
});

test('a queue gives the oldest where anything may go', () => {
  const queue = new Queue<{ id: number }>();
  for (const id of [1, 2, 3]) queue.push({ id });
  expect([queue.take(), queue.take(), queue.take(), queue.take()]).toEqual([
    { id: 1 },
    { id: 2 },
    { id: 3 },
    undefined,
  ]);
});

test('a queue is not changed through the array it gives', () => {
  const queue = new Queue<{ id: number }>();
  queue.push({ id: 1 });
  queue.toArray().push({ id: 2 });
  expect(queue.toArray()).toEqual([{ id: 1 }]);
});
