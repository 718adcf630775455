import { expect, test } from 'vitest';
import { StreamTable } from '../../../src/http/http2/stream-table.js';
import { seeded } from '../../journal/seeded.js';

interface Item {
  readonly name: string;
}

test('a table of streams gives what a Map gives, whoever stays and whatever comes and goes', () => {
  const random = seeded(11);
  const all = new StreamTable<Item>();
  const model = new Map<number, Item>();
  const seen = { metATakenSlot: 0, longest: 0 };
  let next = 1;
  for (let step = 0; step < 10_000; step += 1) {
    const ids = [...model.keys()];
    // Up to hundreds first, then down to nothing, and again; the first of each hundred stay for long.
    if (random() < (step % 2000 < 1000 ? 0.7 : 0.2)) {
      if ([...model.keys()].some((id) => id < next && (next - id) % 512 === 0)) seen.metATakenSlot += 1;
      const item = { name: `of ${next}` };
      expect(all.set(next, item)).toBe(all);
      model.set(next, item);
      next += 2;
    } else if (ids.length > 0) {
      const id = ids[Math.floor(random() * ids.length)] as number;
      if (id % 200 === 1 && random() < 0.95) continue;
      expect(all.delete(id)).toBe(model.delete(id));
      expect(all.delete(id)).toBe(false);
    }
    const one = 1 + 2 * Math.floor((random() * next) / 2);
    expect([all.get(one), all.has(one), all.size]).toEqual([model.get(one), model.has(one), model.size]);
    seen.longest = Math.max(seen.longest, model.size);
    if (step % 200 !== 0) continue;
    expect([...all]).toEqual([...model]);
    expect([...all.keys()]).toEqual([...model.keys()]);
    expect([...all.values()]).toEqual([...model.values()]);
    const visited: unknown[] = [];
    all.forEach(function (this: unknown, ...seen) {
      visited.push([this, ...seen]);
    }, 'self');
    expect(visited).toEqual([...model].map(([id, item]) => ['self', item, id, all]));
  }
  expect(seen.metATakenSlot).toBeGreaterThan(50);
  expect(seen.longest).toBeGreaterThan(256);

  all.clear();
  expect([all.size, [...all], all.get(next - 2)]).toEqual([0, [], undefined]);
});

test('a table of streams has what was set last, wherever it is kept', () => {
  const all = new StreamTable<Item>();
  for (const id of [1, 513]) all.set(id, { name: 'first' });
  for (const id of [1, 513]) all.set(id, { name: 'second' });
  all.delete(1);
  all.set(513, { name: 'third' });
  expect([...all]).toEqual([[513, { name: 'third' }]]);
  expect(all.size).toBe(1);
});

test('a table of streams may lose what is not yet visited, and more, while it is visited', () => {
  const all = new StreamTable<Item>();
  for (const id of [1, 3, 5]) all.set(id, { name: `${id}` });
  const visited: number[] = [];
  all.forEach((_, id) => {
    visited.push(id);
    all.delete(id);
  });
  expect(visited).toEqual([1, 3, 5]);
  expect(all.size).toBe(0);
});

test('a table of streams has no item where an id is none', () => {
  const all = new StreamTable<Item>();
  expect([all.get(0), all.delete(0), all.size]).toEqual([undefined, false, 0]);
});
