import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BrowserNotFound, findBrowser, headlessShells, type Machine, usualPaths } from '../../scripts/browser.mjs';
import { root } from '../../scripts/command.mjs';
import { run } from '../tools.js';

/** A machine on which nothing is installed, and what the search did there. */
function bareMachine(changes: Partial<Machine> = {}) {
  const steps: string[] = [];
  const programs = new Set<string>();
  const machine: Machine = {
    chosen: undefined,
    exists: (path) => programs.has(path),
    starts: async (path) => {
      steps.push(`start ${path}`);
      return true;
    },
    playwrights: () => ['/playwright/chrome', '/playwright/shell'],
    installed: () => ['/usr/bin/chromium', '/usr/bin/google-chrome'],
    download: async () => {
      steps.push('download');
      return 'no way to the server';
    },
    apt: false,
    installLibraries: async () => {
      steps.push('libraries');
      return undefined;
    },
    installPackage: async () => {
      steps.push('package');
      return 'no mirror';
    },
    tell: () => {},
    ...changes,
  };
  return { machine, steps, programs };
}

describe('findBrowser', () => {
  test('takes the browser that the environment names, and starts nothing', async () => {
    const { machine, programs, steps } = bareMachine({ chosen: '/opt/mine' });
    programs.add('/opt/mine').add('/playwright/chrome').add('/usr/bin/chromium');
    expect(await findBrowser(machine)).toBe('/opt/mine');
    expect(steps).toEqual([]);
  });

  test('fails where a browser named by the environment is not there, whatever else is', async () => {
    const { machine, programs, steps } = bareMachine({ chosen: '/opt/gone' });
    programs.add('/usr/bin/chromium');
    await expect(findBrowser(machine)).rejects.toThrow('WAYLAY_BROWSER is /opt/gone, which is no program.');
    expect(steps).toEqual([]);
  });

  test.each([
    [['/playwright/chrome', '/playwright/shell', '/usr/bin/chromium'], '/playwright/chrome'],
    [['/playwright/shell', '/usr/bin/chromium'], '/playwright/shell'],
    [['/usr/bin/chromium', '/usr/bin/google-chrome'], '/usr/bin/chromium'],
    [['/usr/bin/google-chrome'], '/usr/bin/google-chrome'],
  ])('of %j takes %s', async (there, expected) => {
    const { machine, programs, steps } = bareMachine({ apt: true });
    for (const path of there) programs.add(path);
    expect(await findBrowser(machine)).toBe(expected);
    expect(steps).toEqual([`start ${expected}`]);
  });

  test('passes over a browser that does not start', async () => {
    const { machine, programs } = bareMachine({ starts: async (path) => path === '/usr/bin/google-chrome' });
    programs.add('/playwright/chrome').add('/usr/bin/chromium').add('/usr/bin/google-chrome');
    expect(await findBrowser(machine)).toBe('/usr/bin/google-chrome');
  });

  test('downloads one where none is installed', async () => {
    const { machine, programs, steps } = bareMachine({
      apt: true,
      download: async () => {
        programs.add('/playwright/shell');
        return undefined;
      },
    });
    expect(await findBrowser(machine)).toBe('/playwright/shell');
    expect(steps).toEqual(['start /playwright/shell']);
  });

  test('installs the libraries that a downloaded browser lacks', async () => {
    let libraries = false;
    const { machine, programs, steps } = bareMachine({
      apt: true,
      download: async () => {
        programs.add('/playwright/chrome');
        return undefined;
      },
      starts: async () => libraries,
      installLibraries: async () => {
        libraries = true;
        return undefined;
      },
    });
    expect(await findBrowser(machine)).toBe('/playwright/chrome');
    expect(steps).toEqual([]);
  });

  test('installs the package where the download fails', async () => {
    const { machine, programs, steps } = bareMachine({
      apt: true,
      installPackage: async () => {
        programs.add('/usr/bin/chromium');
        return undefined;
      },
    });
    expect(await findBrowser(machine)).toBe('/usr/bin/chromium');
    expect(steps).toEqual(['download', 'start /usr/bin/chromium']);
  });

  test('says in one sentence what was tried, and installs no package where it may not', async () => {
    const { machine, steps } = bareMachine();
    const error = await findBrowser(machine).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BrowserNotFound);
    expect(String(error)).toContain("(Playwright's download: no way to the server)");
    expect(steps).toEqual(['download']);
  });

  test('names every attempt that failed', async () => {
    const { machine } = bareMachine({ apt: true });
    await expect(findBrowser(machine)).rejects.toThrow(
      "(Playwright's download: no way to the server; apt-get install chromium: no mirror)",
    );
  });

  test('names a download that brings a browser that does not start as that', async () => {
    const { machine, programs } = bareMachine({ download: async () => undefined, starts: async () => false });
    programs.add('/playwright/chrome');
    await expect(findBrowser(machine)).rejects.toThrow("(Playwright's download: what came does not start)");
  });
});

describe('usualPaths', () => {
  test('looks through PATH for Chromium before Chrome before Edge', () => {
    const paths = usualPaths('linux', { PATH: ['/a', '/b'].join(delimiter) }, '/home/me');
    const first = ['/a/chromium', '/b/chromium', '/a/chromium-browser', '/b/chromium-browser'];
    expect(paths.slice(0, 4)).toEqual(first.map((path) => join(path)));
    const places = ['chromium', 'google-chrome', 'msedge'].map((name) => paths.indexOf(join('/a', name)));
    expect(places).toEqual([...places].sort((one, other) => one - other));
    expect(places).not.toContain(-1);
  });

  test('knows where macOS and Windows keep applications', () => {
    expect(usualPaths('darwin', {}, '/Users/me')).toContain(
      join('/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'),
    );
    expect(usualPaths('win32', { ProgramFiles: 'C:\\Program Files' }, 'C:\\Users\\me')).toContain(
      'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    );
  });

  test('does without PATH', () => {
    expect(usualPaths('linux', {}, '/home/me')).toEqual([]);
  });
});

test('headlessShells finds the shell of the same revision beside Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'waylay-browsers-'));
  try {
    const inner = join(folder, 'chromium_headless_shell-1255', 'chrome-headless-shell-linux64');
    mkdirSync(inner, { recursive: true });
    writeFileSync(join(inner, 'chrome-headless-shell'), '');
    expect(headlessShells(join(folder, 'chromium-1255', 'chrome-linux64', 'chrome'))).toContain(
      join(inner, 'chrome-headless-shell'),
    );
    expect(headlessShells(join(folder, 'chromium-1254', 'chrome-linux64', 'chrome'))).toEqual([]);
    expect(headlessShells('/usr/bin/chromium')).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('the command', () => {
  const script = join(root, 'scripts', 'browser.mjs');

  test('prints the path alone', async () => {
    const result = await run(process.execPath, [script], { env: { WAYLAY_BROWSER: process.execPath } });
    expect(result).toEqual({ code: 0, stdout: `${process.execPath}\n`, stderr: '' });
  });

  test('ends with one sentence and code 1 where there is none', async () => {
    const result = await run(process.execPath, [script], { env: { WAYLAY_BROWSER: join(root, 'no-browser') } });
    expect(result.code).toBe(1);
    expect(result.stdout).toBe('');
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
    expect(result.stderr).toContain('no-browser, which is no program.');
  });
});
