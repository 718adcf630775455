// @ts-check
/** Who takes part, and in which version. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/command.mjs';
import { runs } from './processes.mjs';

const folder = join(root, 'bench');
const ofNpm = ['mockttp', 'http-mitm-proxy'];

/** Installs the peers that npm has, as the lock file says, unless they are there already. */
export function installPeers() {
  const wanted = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages;
  const there = ofNpm.every((name) => installed(name) === wanted[`node_modules/${name}`].version);
  if (there) return;
  console.error('Installing the peers …');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const options = { cwd: folder, stdio: /** @type {const} */ ('inherit'), shell: process.platform === 'win32' };
  execFileSync(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], options);
}

/** @param {string} name */
function installed(name) {
  const file = join(folder, 'node_modules', name, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined;
}

export const hasMitmproxy = runs('mitmdump');
export const hasNginx = process.platform !== 'win32' && runs('nginx', ['-v']);

/** @returns {Record<string, string>} */
export function versions() {
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
  const undici = JSON.parse(readFileSync(join(root, 'node_modules/undici/package.json'), 'utf8')).version;
  const found = { waylay: own, undici, ...Object.fromEntries(ofNpm.map((name) => [name, installed(name) ?? 'none'])) };
  if (!hasMitmproxy) return found;
  const said = execFileSync('mitmdump', ['--version'], { encoding: 'utf8' });
  return { ...found, mitmproxy: /Mitmproxy: (\S+)/.exec(said)?.[1] ?? '?' };
}
