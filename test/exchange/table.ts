import { test } from 'vitest';

/** A test for each row, under its title. */
export function table(rows: Record<string, () => Promise<void>>): void {
  for (const [title, run] of Object.entries(rows)) test(title, run);
}
