/** A running Waylay as programs outside Node see it: an address and a file with its CA certificate. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { WaylayOptions } from '../../fixtures/options.js';
import { startWaylay, type Waylay } from '../../fixtures/standalone.js';

/** Stopped when the test ends, as is everything else here. */
export async function startProxy(options: WaylayOptions = {}): Promise<{ waylay: Waylay; caFile: string }> {
  const waylay = await startWaylay(options);
  onTestFinished(() => waylay.stop());
  const caFile = join(await temporaryFolder(), 'ca.pem');
  await writeFile(caFile, waylay.ca.pem);
  return { waylay, caFile };
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'waylay-interop-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Takes away what would tell a program of another proxy or of other roots. */
export const bareEnvironment: Record<string, undefined> = Object.fromEntries(
  [
    ...['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()]),
    ...['CURL_CA_BUNDLE', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'CURL_HOME', 'JAVA_TOOL_OPTIONS', 'JDK_JAVA_OPTIONS'],
  ].map((name) => [name, undefined]),
);
