// @ts-check
/**
 * Finds a Chromium that starts, or gets one. As a command, it prints the browser's path:
 *
 *   WAYLAY_BROWSER=$(node scripts/browser.mjs) npx playwright test
 */
import { accessSync, constants, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { quietly } from './command.mjs';

/**
 * The machine, to the search. The three that get something return why they failed, or
 * undefined.
 *
 * @typedef {object} Machine
 * @property {string | undefined} chosen what the environment variable WAYLAY_BROWSER says
 * @property {(path: string) => boolean} exists whether there is a program of that path
 * @property {(path: string) => Promise<boolean>} starts whether the browser comes up
 * @property {() => string[]} playwrights where Playwright's own browsers are, or would be
 * @property {() => string[]} installed where the system's browsers may be, best first
 * @property {() => Promise<string | undefined>} download gets Playwright's browser
 * @property {boolean} apt whether packages can be installed: Debian or a relative, and root
 * @property {() => Promise<string | undefined>} installLibraries installs what Playwright's browser needs
 * @property {() => Promise<string | undefined>} installPackage installs the system's Chromium
 * @property {(line: string) => void} tell shows what takes its time
 */

/** No browser: the message says what was tried and what to do. */
export class BrowserNotFound extends Error {}

/**
 * The path of a Chromium: the one the environment names, Playwright's own, an installed one, one
 * downloaded by Playwright, one from the system's packages.
 *
 * @param {Machine} [machine]
 * @returns {Promise<string>}
 * @throws {BrowserNotFound}
 */
export async function findBrowser(machine = thisMachine()) {
  if (machine.chosen) {
    if (machine.exists(machine.chosen)) return machine.chosen;
    throw new BrowserNotFound(
      `WAYLAY_BROWSER is ${machine.chosen}, which is no program. Set it to the path of Chrome or Chromium, or unset it.`,
    );
  }

  const found = (await firstThatStarts(machine.playwrights())) ?? (await firstThatStarts(machine.installed()));
  if (found !== undefined) return found;

  /** @type {string[]} */
  const tried = [];
  machine.tell('No Chromium is installed here. Playwright downloads one …');
  const downloaded = await attempt("Playwright's download", machine.download, machine.playwrights);
  if (downloaded !== undefined) return downloaded;

  if (machine.apt) {
    if (machine.playwrights().some(machine.exists)) {
      machine.tell("Installing the libraries that Playwright's Chromium needs …");
      const completed = await attempt('playwright install-deps', machine.installLibraries, machine.playwrights);
      if (completed !== undefined) return completed;
    }
    machine.tell("Installing the system's Chromium …");
    const installed = await attempt('apt-get install chromium', machine.installPackage, machine.installed);
    if (installed !== undefined) return installed;
  }
  throw new BrowserNotFound(
    `No Chromium was found and none could be installed (${tried.join('; ')}). Install Chrome or Chromium, or set WAYLAY_BROWSER to the path of one.`,
  );

  /** @param {string[]} paths */
  async function firstThatStarts(paths) {
    for (const path of paths) if (machine.exists(path) && (await machine.starts(path))) return path;
    return undefined;
  }

  /**
   * @param {string} name
   * @param {() => Promise<string | undefined>} get
   * @param {() => string[]} paths where it should be afterwards
   */
  async function attempt(name, get, paths) {
    const failure = await get();
    const path = failure === undefined ? await firstThatStarts(paths()) : undefined;
    if (path === undefined) tried.push(`${name}: ${failure ?? 'what came does not start'}`);
    return path;
  }
}

/**
 * Where the system's browsers may be, best first.
 *
 * @param {string} platform
 * @param {Record<string, string | undefined>} env
 * @param {string} home
 * @returns {string[]}
 */
export function usualPaths(platform, env, home) {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
  const edges = ['msedge', 'microsoft-edge', 'microsoft-edge-stable'];
  const folders = (env.PATH ?? env.Path ?? '').split(delimiter).filter((folder) => folder !== '');
  const suffix = platform === 'win32' ? '.exe' : '';
  const paths = [...names, ...edges].flatMap((name) => folders.map((folder) => join(folder, name + suffix)));
  if (platform === 'darwin') {
    for (const app of ['Google Chrome', 'Chromium', 'Microsoft Edge']) {
      for (const base of ['/Applications', join(home, 'Applications')]) {
        paths.push(join(base, `${app}.app`, 'Contents', 'MacOS', app));
      }
    }
  }
  if (platform === 'win32') {
    for (const program of ['Google\\Chrome\\Application\\chrome', 'Microsoft\\Edge\\Application\\msedge']) {
      for (const base of [env.ProgramFiles, env['ProgramFiles(x86)'], env.LOCALAPPDATA]) {
        if (base) paths.push(`${base}\\${program}.exe`);
      }
    }
  }
  return paths;
}

/** @returns {Machine} */
function thisMachine() {
  const require = createRequire(import.meta.url);
  const playwrightCommand = join(dirname(require.resolve('@playwright/test/package.json')), 'cli.js');
  const { chromium } = /** @type {typeof import('@playwright/test')} */ (require('@playwright/test'));
  const minutes = 60_000;
  const noQuestions = { DEBIAN_FRONTEND: 'noninteractive' };
  return {
    chosen: process.env.WAYLAY_BROWSER,
    exists: isProgram,
    async starts(path) {
      try {
        const browser = await chromium.launch({ executablePath: path, timeout: minutes });
        await browser.close();
        return true;
      } catch {
        return false;
      }
    },
    playwrights: () => [chromium.executablePath(), ...headlessShells(chromium.executablePath())],
    installed: () => usualPaths(process.platform, process.env, homedir()),
    download: () =>
      quietly(process.execPath, [playwrightCommand, 'install', 'chromium'], {
        timeout: 3 * minutes,
        // Where the download is out of reach, connections may hang instead of being refused.
        env: { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '15000' },
      }),
    apt: process.getuid?.() === 0 && isDebian(),
    installLibraries: () =>
      quietly(process.execPath, [playwrightCommand, 'install-deps', 'chromium'], {
        timeout: 10 * minutes,
        env: noQuestions,
      }),
    installPackage: async () =>
      (await quietly('apt-get', ['update'], { timeout: 3 * minutes, env: noQuestions })) ??
      (await quietly('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], {
        timeout: 10 * minutes,
        env: noQuestions,
      })),
    tell: (line) => console.error(line),
  };
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * Playwright's headless shell lies beside its Chromium: `chromium-1255/chrome-linux64/chrome` and
 * `chromium_headless_shell-1255/chrome-headless-shell-linux64/chrome-headless-shell`.
 *
 * @param {string} chromiumPath
 * @returns {string[]}
 */
export function headlessShells(chromiumPath) {
  const match = /^(.*[\\/])chromium-(\d+)[\\/]/.exec(chromiumPath);
  if (match === null) return [];
  const folder = `${match[1]}chromium_headless_shell-${match[2]}`;
  try {
    return readdirSync(folder).flatMap((inner) =>
      ['chrome-headless-shell', 'headless_shell', 'chrome-headless-shell.exe'].map((name) => join(folder, inner, name)),
    );
  } catch {
    return [];
  }
}

function isDebian() {
  try {
    return /^ID(_LIKE)?=.*\bdebian\b/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    console.log(await findBrowser());
  } catch (error) {
    if (!(error instanceof BrowserNotFound)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
