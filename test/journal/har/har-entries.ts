import { expect } from 'vitest';
import type { Exchange } from '../../../src/journal/exchange.js';
import { type HarOptions, toHar } from '../../../src/journal/har/har.js';
import type { HarEntry } from '../../../src/journal/har/har-format.js';
import { type ExchangeInit, makeExchange } from '../exchanges.js';
import { harFaults } from './har-schema.js';

/** The entry as a reader of the file gets it; checked against the specification. */
export function entryOf(init: ExchangeInit, options: Partial<HarOptions> = {}): HarEntry {
  const [entry] = entriesOf([makeExchange(init)], options);
  return entry as HarEntry;
}

export function entriesOf(exchanges: readonly Exchange[], options: Partial<HarOptions> = {}): readonly HarEntry[] {
  const har = JSON.parse(JSON.stringify(toHar(exchanges, { version: '1.2.3', ...options })));
  expect(harFaults(har)).toEqual([]);
  return har.log.entries;
}
