// @ts-check
/** `playwright test` with the browser that browser.mjs finds; arguments are handed on. */
import { BrowserNotFound, findBrowser } from './browser.mjs';
import { commandFile, node } from './command.mjs';

try {
  const browser = await findBrowser();
  const args = [commandFile('@playwright/test', 'playwright'), 'test', ...process.argv.slice(2)];
  process.exitCode = await node(args, { WAYLAY_BROWSER: browser });
} catch (error) {
  if (!(error instanceof BrowserNotFound)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
