/** A folder with the projects of `runs/` in it, and the package as it is built, where they find it. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../../../scripts/command.mjs';
import { compile, declareView } from '../../../scripts/compile.mjs';
import { tool } from '../../tools.js';

/** Makes the folder, which is the caller's to remove. */
export async function makeProjects(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'waylay-runs-'));
  cpSync(join(root, 'test/e2e/runs'), folder, { recursive: true });
  for (const [name, type] of [
    ['esm', 'module'],
    ['cjs', 'commonjs'],
  ] as const) {
    writeFileSync(join(folder, name, 'package.json'), JSON.stringify({ private: true, type }));
  }
  await install(join(folder, 'node_modules'));
  return folder;
}

async function install(modules: string): Promise<void> {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const name of ['@playwright/test', ...Object.keys(manifest.dependencies)]) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(modules, name), 'junction');
  }
  // Not the project's dist, which others may be building at this moment. The types are checked elsewhere.
  const built = join(modules, 'waylay');
  const declared = await declareView();
  const codes = await Promise.all(
    (['esm', 'cjs'] as const).map((format) => compile(format, join(built, 'dist', format))),
  );
  if ([declared, ...codes].some((code) => code !== 0)) throw new Error('the package could not be built');
  writeFileSync(join(built, 'dist', 'cjs', 'package.json'), '{ "type": "commonjs" }');
  writeFileSync(join(built, 'package.json'), JSON.stringify(manifest));
}

/**
 * Makes the system's ffmpeg Playwright's, which downloads one of its own where it can.
 * @returns the environment that makes Playwright find it, and the projects film; undefined where there is none
 */
export function lendFfmpeg(folder: string): Record<string, string> | undefined {
  if (process.platform !== 'linux' || !tool('ffmpeg')) return undefined;
  const { browsers } = JSON.parse(readFileSync(join(root, 'node_modules/playwright-core/browsers.json'), 'utf8'));
  const { revision } = browsers.find(({ name }: { name: string }) => name === 'ffmpeg');
  const own = join(folder, 'browsers', `ffmpeg-${revision}`);
  mkdirSync(own, { recursive: true });
  // A command, since the path of the program differs from system to system.
  writeFileSync(join(own, 'ffmpeg-linux'), '#!/bin/sh\nexec ffmpeg "$@"\n', { mode: 0o755 });
  return { PLAYWRIGHT_BROWSERS_PATH: join(folder, 'browsers'), FILM: '1' };
}
