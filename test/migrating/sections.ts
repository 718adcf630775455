import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { sectionsOf } from '../documented.js';

// Its body is the document's lines.
const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as FunctionConstructor;

/** A section of a page of docs/migrating, ready to run. */
export interface Runnable {
  readonly title: string;
  /** Runs what is shown of the other tool, given its names, and what holds for both. */
  before(names: Record<string, unknown>): Promise<void>;
  /** Runs what takes its place. */
  after(names: Record<string, unknown>): Promise<void>;
}

/** The sections of a page. There have to be some. */
export function sections(page: string): Runnable[] {
  const found = sectionsOf(readFileSync(new URL(`../../docs/migrating/${page}.md`, import.meta.url), 'utf8'));
  if (found.length === 0) throw new Error(`docs/migrating/${page}.md has no sections to run`);
  return found.map(({ title, before, after, both }) => ({
    title,
    before: (names) => run(`${before}\n${both}`, names),
    after: (names) => run(`${after}\n${both}`, names),
  }));
}

function run(code: string, names: Record<string, unknown>): Promise<void> {
  const all = { expect, ...names };
  return new AsyncFunction(...Object.keys(all), code)(...Object.values(all));
}
