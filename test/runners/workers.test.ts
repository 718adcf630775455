/** Worker threads of tests, in runs of each runner with the package as it is built: no worker runs the sources. */
import { createPrivateKey } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { root } from '../../scripts/command.mjs';
import { CertificateAuthority } from '../../src/tls/certificate-authority.js';
import { leafTemplate } from '../../src/tls/leaf.js';
import { leafKey } from '../../src/tls/leaf-key.js';
import { run } from '../tools.js';
import { type ChildRun, runChild, sorted } from './child.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const folder = join(root, 'test', 'runners', 'workers');
// Where the package's dependencies are found, and not dist, which other tests build anew.
const built = join(root, 'node_modules', '.cache', `waylay-workers-${process.pid}`);
const variables = { WAYLAY_BUILT: built, WAYLAY_PRIVATE: JSON.stringify(privateSecrets()) };
const vitest = (pool: string) =>
  runChild('vitest', folder, ['run', '--config', 'vitest.config.mjs', `--pool=${pool}`], variables);

beforeAll(async () => {
  const { code, stdout } = await run(process.execPath, [join(root, 'scripts', 'build.mjs'), built], {
    timeout: 100_000,
  });
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
});

afterAll(() => rmSync(built, { recursive: true, force: true }));

/** Certificates by an authority that nobody trusts, for a server and a client. */
function privateSecrets() {
  const authority = CertificateAuthority.create(Date.now());
  const { pem: key } = leafKey();
  const issued = (host: string) => {
    const { pem } = authority.leaf(leafTemplate({ serverName: undefined, host, upstream: undefined, now: Date.now() }));
    // Without its authority, by which a client says in other words that it does not know it.
    const [cert = ''] = /^-+BEGIN[\s\S]+?-+END CERTIFICATE-+/.exec(pem) ?? [];
    return { cert, key };
  };
  const client = issued('client.test');
  const passphrase = 'open';
  const locked = createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase });
  return {
    ca: authority.pem,
    otherCa: CertificateAuthority.create(Date.now()).pem,
    server: issued('localhost'),
    client,
    encrypted: { ...client, key: locked, passphrase },
  };
}

const told = 'that this thread waits for without doing anything is told so';
const atOnce = ['a', 'b', 'c', 'one from before'].map((name) => `of tests at once, ${name} is told apart`);
const stray = 'a dispatcher that a worker has used before fails the test';

const passing = [
  'between tests workers ask whom they ask',
  'between tests workers trust and show what they are told',
  'a worker with roots and certificates of its own meets what it meets without',
  ...['fetch', 'node', 'kept', 'socket', 'http2'].map((client) => `a worker is routed over TLS, with ${client}`),
  ...['fetch', 'node', 'kept', 'socket', 'lookup'].map((client) => `a worker is routed without TLS, with ${client}`),
  'a worker is seen on its way to a real server',
  'a worker meets failures as this thread does',
  'a worker is routed whichever way it is started',
  'a worker with the environment of child processes trusts, too',
  'a worker is in all else as without',
  ...['first', 'second', 'third'].map((name) => `the ${name} is asked by workers that have been there before`),
  ...['is not waited for', 'is answered, and not by the next one'].map(
    (name) => `a worker that is told something when the test is about to end ${name}`,
  ),
  'afterwards they ask whom they ask again',
];

describe.each<[string, () => Promise<ChildRun>, readonly string[]]>([
  ['Vitest, in forks', () => vitest('forks'), [`a worker ${told}`, ...atOnce]],
  ['Vitest, in threads', () => vitest('threads'), [`a worker ${told}`, ...atOnce]],
  ['Jest', () => runChild('jest', folder, ['tests.run.js'], variables), []],
])('%s', (_, start, more) => {
  test('routes worker threads to the test that runs', async () => {
    const result = await start();
    const { passed, failed } = sorted(result);
    const failures = Object.values(result.tests).map(({ failure }) => failure);
    expect({
      failed,
      failures: failures.filter((text) => !text.includes('undici dispatcher had kept it')).join(''),
    }).toEqual({
      failed: [stray],
      failures: '',
    });
    expect(passed.sort()).toEqual([...passing, ...more].sort());
    expect(result.output).not.toContain('cannot be routed');
  });
});
