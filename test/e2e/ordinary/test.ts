/** The one import that a project changes. */
import { expect as plainExpect, test as plainTest } from '@playwright/test';
import { expect as waylayExpect, test as waylayTest } from '../../../fixtures/playwright.js';

const withWaylay = process.env.ORDINARY_WITH === 'waylay';

// The tests may use nothing but what Playwright has.
export const test = (withWaylay ? waylayTest : plainTest) as typeof plainTest;
export const expect = (withWaylay ? waylayExpect : plainExpect) as typeof plainExpect;

/** Reaches the site over TLS, with a certificate that it signed itself. */
export const secureURL = `https://localhost:${process.env.SITE_SECURE_PORT ?? 0}`;

/** Keeps what has to be the same with and without Waylay. */
export async function record(outcome: unknown): Promise<void> {
  await test.info().attach('outcome', { body: JSON.stringify(outcome, null, 1), contentType: 'application/json' });
}

/** Fields without those that each connection has of its own (RFC 9110, section 7.6.1), nor the time of day. */
export function endToEnd(fields: readonly { name: string; value: string }[] | undefined): [string, string][] {
  const own = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'date']);
  return (fields ?? []).filter(({ name }) => !own.has(name.toLowerCase())).map(({ name, value }) => [name, value]);
}
