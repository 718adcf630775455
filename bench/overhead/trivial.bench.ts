/** Fifty tests that open a page and look at it: what is left of their time is the fixture's. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test as plain } from '@playwright/test';
import { test as waylay } from '../../fixtures/playwright.js';

const test = process.env.BENCH_WITH === 'waylay' ? waylay : plain;
const { expect } = plain;

let server: Server;
let url = '';

test.beforeAll(async () => {
  server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>trivial</title><link rel="icon" href="data:,">');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://localhost:${(server.address() as AddressInfo).port}/`;
});

test.afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

for (let number = 1; number <= 50; number += 1) {
  test(`trivial ${number}`, async ({ page }) => {
    await page.goto(url);
    await expect(page).toHaveTitle('trivial');
  });
}
