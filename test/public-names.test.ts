/** The entries export what test/public-names.ts lists, and each name has a description. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as publicNames from '../fixtures/public-names.js';
import { run } from '../scripts/captured.mjs';
import { root } from '../scripts/command.mjs';
import { entries, namesOf, own, values } from './public-names.js';

test('the entries of the package are those that are listed', () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const importable = Object.keys(exports).filter((entry) => !entry.endsWith('.json'));
  expect(importable.map((entry) => entry.replace('.', 'waylay'))).toEqual(entries);
});

test('the names of every entry that are there at run time are those that are listed', () => {
  expect(Object.keys(publicNames).sort()).toEqual([...values].sort());
});

// It cannot import them from there: it has to be free of all that a browser cannot load.
test('a bundle for a browser has the names of waylay/vitest', () => {
  const text = readFileSync(join(root, 'fixtures/in-browser.ts'), 'utf8');
  const names = [...text.matchAll(/^export const (\w+) = refuse\(\);$/gm)].map(([, name]) => name);
  expect(names.sort()).toEqual([...values, ...own['waylay/vitest'].values].sort());
});

describe('the reference', () => {
  const folder = mkdtempSync(join(tmpdir(), 'waylay-reference-'));
  const exported = new Map<string, string[]>();

  // It says on standard error what lacks a description, and what a public name needs and is not public.
  beforeAll(async () => {
    const names = join(folder, 'names.json');
    await run(process.execPath, [join(root, 'scripts/reference.mjs'), join(folder, 'api'), names], {
      cwd: root,
      timeout: 120_000,
    });
    const { children } = JSON.parse(readFileSync(names, 'utf8')) as { children: Named[] };
    for (const { name, children: inside = [] } of children) exported.set(name, inside.map(({ name }) => name).sort());
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  interface Named {
    readonly name: string;
    readonly children?: readonly Named[];
  }

  test.each(entries)('has the names of %s that are listed, and no others', (entry) => {
    // Vitest describes its own.
    const foreign = entry === 'waylay/vitest' ? ['expect'] : [];
    expect(exported.get(entry)).toEqual(namesOf(entry).filter((name) => !foreign.includes(name)));
  });
});
