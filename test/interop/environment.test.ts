/** Programs that are told of the proxy by their environment alone. */
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, onTestFinished, type TestContext, test, vi } from 'vitest';
import type { WaylayOptions } from '../../fixtures/options.js';
import type { Reply, Waylay } from '../../fixtures/standalone.js';
import { rootsIn } from '../../programs/environment/roots.js';
import { ChildEnvironment } from '../../programs/environment.js';
import { root } from '../../scripts/command.mjs';
import { closedPort, publicAuthority } from '../servers.js';
import { type RunOptions, type RunResult, requireTool, run, tool } from '../tools.js';
import { type Nginx, startNginx } from './nginx.js';
import { startProxy, temporaryFolder } from './proxy.js';

// Java compiles its program first, Go its standard library too.
const TIMEOUT = 120_000;

/** The variables for a proxy; what they name is removed when the test ends. */
async function variables(
  { url, ca }: Pick<Waylay, 'url' | 'ca'>,
  trustedRoots?: string,
): Promise<Record<string, string>> {
  // Temporary files of a user with a name of two words.
  const folder = join(await temporaryFolder(), 'A User');
  await mkdir(folder);
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) vi.stubEnv(name, folder);
  const environment = new ChildEnvironment({ url, caPem: ca.pem, trustedRoots });
  onTestFinished(() => environment.remove());
  try {
    return environment.variables();
  } finally {
    vi.unstubAllEnvs();
  }
}

/** nginx as shop.test, and a proxy that knows where it is. */
async function startShop(options: WaylayOptions = {}): Promise<{ nginx: Nginx; waylay: Waylay }> {
  const nginx = await startNginx();
  const hosts = { 'shop.test:80': `127.0.0.1:${nginx.httpPort}`, 'shop.test:443': `127.0.0.1:${nginx.httpsPort}` };
  const { waylay } = await startProxy({ hosts, trustedRoots: nginx.root, ...options });
  return { nginx, waylay };
}

async function journal(waylay: Waylay): Promise<string[]> {
  const finished = await Promise.all(waylay.exchanges.map((exchange) => exchange.finished()));
  return finished.map(({ request, source }) => `${source} ${request.url}`);
}

const undici = `
import { EnvHttpProxyAgent, fetch } from 'undici';
const dispatcher = new EnvHttpProxyAgent();
for (const url of process.argv.slice(1)) process.stdout.write(await (await fetch(url, { dispatcher })).text());
await dispatcher.close();`;

const nodeHttp = `
import http from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
for (const url of process.argv.slice(1)) process.stdout.write(await (await fetch(url)).text());
for (const url of process.argv.slice(1)) {
  const get = url.startsWith('https:') ? https.get : http.get;
  process.stdout.write(await new Promise((resolve, reject) =>
    get(url, (response) => text(response).then(resolve, reject)).on('error', reject)));
}`;

const urllib = `
import sys, urllib.request
for url in sys.argv[1:]:
    sys.stdout.write(urllib.request.urlopen(url, timeout=20).read().decode())`;

const requests = `
import sys, requests
for url in sys.argv[1:]:
    sys.stdout.write(requests.get(url, timeout=20).text)`;

const httpTiny = `
for my $url (@ARGV) {
  my $response = HTTP::Tiny->new(verify_SSL => 1)->get($url);
  die $response->{content} unless $response->{success};
  print $response->{content};
}`;

const lwp = `
for my $url (@ARGV) {
  my $response = LWP::UserAgent->new(env_proxy => 1)->get($url);
  die $response->decoded_content unless $response->is_success;
  print $response->decoded_content;
}`;

const netHttp = `ARGV.each { |url| print Net::HTTP.get(URI(url)) }`;

const denoFetch = `for (const url of Deno.args) await Deno.stdout.write(await (await fetch(url)).bytes());`;

const client = (file: string): string => fileURLToPath(new URL(`clients/${file}`, import.meta.url));

/** Programs that print the bodies of URLs. */
interface Program {
  readonly name: string;
  readonly command: string;
  /** Before the URLs. */
  readonly args: readonly string[];
  /** Times it fetches all of them; default once. */
  readonly rounds?: number;
  /** Its complaint of a certificate that it does not trust. */
  readonly distrust: RegExp;
  /** It never uses a proxy for 127.0.0.1. */
  readonly sparesLoopback?: boolean;
  /** Tested where it is installed, and not required. */
  readonly optional?: boolean;
  /** Missing needs beside the command. */
  readonly lacks?: () => Promise<string | undefined> | string | undefined;
}

const nodeDistrust = /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN/;

const programs: readonly Program[] = [
  { name: 'curl', command: 'curl', args: ['-sS', '--fail'], distrust: /certificate/ },
  { name: 'Wget', command: 'wget', args: ['-nv', '-O', '-'], distrust: /certificate/ },
  { name: "Python's urllib", command: 'python3', args: ['-c', urllib], distrust: /CERTIFICATE_VERIFY_FAILED/ },
  {
    name: "Python's requests",
    command: 'python3',
    args: ['-c', requests],
    distrust: /CERTIFICATE_VERIFY_FAILED/,
    lacks: async () => {
      const { code } = await run('python3', ['-c', 'import requests']);
      return code === 0 ? undefined : 'requests for Python';
    },
  },
  {
    name: "undici's EnvHttpProxyAgent",
    command: process.execPath,
    args: ['--input-type=module', '-e', undici],
    distrust: nodeDistrust,
  },
  {
    name: "Node's fetch, http and https",
    command: process.execPath,
    args: ['--input-type=module', '-e', nodeHttp],
    rounds: 2,
    distrust: nodeDistrust,
  },
  {
    name: "Java's HttpClient and HttpURLConnection",
    command: 'java',
    // Quick to start: one collector, one compiler.
    args: ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', client('FetchByDefault.java')],
    rounds: 2,
    distrust: /PKIX path building failed/,
  },
  {
    name: "Go's net/http",
    command: 'go',
    args: ['run', client('fetch.go')],
    distrust: /certificate signed by unknown authority/,
    sparesLoopback: true,
    optional: true,
  },
  {
    name: "Ruby's net/http",
    command: 'ruby',
    args: ['-rnet/http', '-e', netHttp],
    distrust: /certificate verify failed/,
    sparesLoopback: true,
  },
  {
    name: "Deno's fetch",
    command: 'deno',
    args: ['eval', denoFetch],
    distrust: /UnknownIssuer/,
    optional: true,
  },
  {
    name: "Perl's HTTP::Tiny",
    command: 'perl',
    args: ['-MHTTP::Tiny', '-e', httpTiny],
    distrust: /certificate verify failed/,
    lacks: () => perlModule('IO::Socket::SSL'),
  },
  {
    name: "Perl's LWP",
    command: 'perl',
    args: ['-MLWP::UserAgent', '-e', lwp],
    distrust: /certificate verify failed/,
    lacks: () => perlModule('LWP::Protocol::https'),
  },
];

async function perlModule(name: string): Promise<string | undefined> {
  const { code } = await run('perl', [`-M${name}`, '-e', '0']);
  return code === 0 ? undefined : name;
}

describe.each(programs)('$name', ({ command, args, rounds = 1, distrust, sparesLoopback, optional, lacks }) => {
  async function requireAll(ctx: TestContext): Promise<void> {
    requireTool(ctx, 'nginx');
    if (optional && !tool(command)) ctx.skip(`needs ${command}, which is not on PATH`);
    if (command !== process.execPath) requireTool(ctx, command);
    const lacking = await lacks?.();
    if (lacking === undefined) return;
    if (process.env.WAYLAY_REQUIRE_TOOLS)
      throw new Error(`This test needs ${lacking}, and WAYLAY_REQUIRE_TOOLS is set.`);
    ctx.skip(`needs ${lacking}`);
  }

  const fetchAll = (env: Record<string, string>, ...urls: string[]): Promise<RunResult> =>
    run(command, [...args, ...urls], { env, cwd: root, timeout: TIMEOUT - 5_000 });

  test('goes through for HTTP, HTTPS by name and by address, and a stub', { timeout: TIMEOUT }, async (ctx) => {
    await requireAll(ctx);
    const { nginx, waylay } = await startShop();
    waylay.stubResponse('https://api.invalid/**', 'stubbed\n');
    const address = `127.0.0.1:${nginx.httpsPort}`;
    const requests = [
      ['http://shop.test/a', 'upstream', 'http HTTP/x [] shop.test /a'],
      ['https://shop.test/a', 'upstream', 'https HTTP/x [shop.test] shop.test /a'],
      ...(sparesLoopback ? [] : [[`https://${address}/a`, 'upstream', `https HTTP/x [] ${address} /a`]]),
      ['https://api.invalid/v1', 'stub', 'stubbed'],
    ] as [url: string, source: string, line: string][];
    const { code, stdout, stderr } = await fetchAll(await variables(waylay), ...requests.map(([url]) => url));
    expect(code, stderr).toBe(0);
    const all = Array.from({ length: rounds }, () => requests).flat();
    // Perl names an address in its handshake, which is not allowed (RFC 6066, section 3); others name nothing.
    const lines = stdout
      .replaceAll('[127.0.0.1]', '[]')
      .trim()
      .replace(/HTTP\/[\d.]+/g, 'HTTP/x')
      .split('\n');
    expect(lines).toEqual(all.map(([, , line]) => line));
    expect(await journal(waylay)).toEqual(all.map(([url, source]) => `${source} ${url}`));
  });

  test('verifies a host that is not intercepted with the roots that are given', { timeout: TIMEOUT }, async (ctx) => {
    await requireAll(ctx);
    const { nginx, waylay } = await startShop({ tlsPassthrough: ['shop.test'] });
    const trusting = await fetchAll(await variables(waylay, nginx.root), 'https://shop.test/a');
    expect(trusting).toMatchObject({ code: 0, stdout: expect.stringMatching(/^https HTTP\/\S+ \[shop.test\]/) });
    expect(new Set(waylay.exchanges.map(({ source }) => source))).toEqual(new Set(['tunnel']));
    const { code, stdout, stderr } = await fetchAll(await variables(waylay), 'https://shop.test/a');
    expect(code).not.toBe(0);
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: expect.stringMatching(distrust) });
  });
});

describe('git', () => {
  /** A repository as files that nginx serves, with one commit. */
  async function publishRepository(files: string): Promise<string> {
    const folder = join(files, 'shop.git');
    await mkdir(folder);
    const git = async (args: readonly string[], options: RunOptions = {}): Promise<string> => {
      const { code, stdout, stderr } = await run('git', args, { cwd: folder, ...options });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return stdout.trim();
    };
    await git(['init', '--quiet', '--bare', '--initial-branch=main']);
    const tree = await git(['hash-object', '-t', 'tree', '-w', '--stdin'], { input: '' });
    const author = ['-c', 'user.name=A', '-c', 'user.email=a@shop.test'];
    const commit = await git([...author, 'commit-tree', tree, '-m', 'First']);
    await git(['update-ref', 'refs/heads/main', commit]);
    await git(['update-server-info']);
    return commit;
  }

  const listRemote = (env: Record<string, string>): Promise<RunResult> =>
    run('git', ['ls-remote', 'https://shop.test/files/shop.git', 'main'], { env });

  test('goes through, whatever proxy its own settings name', async (ctx) => {
    requireTool(ctx, 'nginx');
    requireTool(ctx, 'git');
    const { nginx, waylay } = await startShop();
    const commit = await publishRepository(nginx.files);
    const settings = join(await temporaryFolder(), 'gitconfig');
    await writeFile(settings, `[http]\n\tproxy = http://127.0.0.1:${await closedPort()}\n`);
    const { code, stdout, stderr } = await listRemote({ ...(await variables(waylay)), GIT_CONFIG_GLOBAL: settings });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${commit}\trefs/heads/main\n`, stderr: '' });
    const path = 'https://shop.test/files/shop.git';
    expect(await journal(waylay)).toContain(`upstream ${path}/info/refs?service=git-upload-pack`);

    const folder = await temporaryFolder();
    const env = await variables(waylay);
    const cloned = await run('git', ['clone', '--quiet', path, 'shop'], { env, cwd: folder });
    expect(cloned).toEqual({ code: 0, stdout: '', stderr: '' });
    const head = await run('git', ['-C', 'shop', 'rev-parse', 'HEAD'], { cwd: folder });
    expect(head.stdout.trim()).toBe(commit);
  });

  test('verifies a host that is not intercepted with the roots that are given', async (ctx) => {
    requireTool(ctx, 'nginx');
    requireTool(ctx, 'git');
    const { nginx, waylay } = await startShop({ tlsPassthrough: ['shop.test'] });
    const commit = await publishRepository(nginx.files);
    expect(await listRemote(await variables(waylay, nginx.root))).toMatchObject({
      code: 0,
      stdout: `${commit}\trefs/heads/main\n`,
    });
    expect(await listRemote(await variables(waylay))).toMatchObject({
      code: 128,
      stderr: expect.stringContaining('certificate'),
    });
  });
});

test('the trust store for Java holds what the bundle holds', { timeout: TIMEOUT }, async (ctx) => {
  requireTool(ctx, 'keytool');
  const { JAVA_TOOL_OPTIONS = '', SSL_CERT_FILE = '' } = await variables({
    url: 'http://127.0.0.1:1',
    ca: publicAuthority,
  });
  const store = /"-Djavax\.net\.ssl\.trustStore=([^"]+)"/.exec(JAVA_TOOL_OPTIONS)?.[1] ?? '';
  const args = ['-list', '-rfc', '-keystore', store, '-storetype', 'PKCS12', '-storepass', ''];
  const { code, stdout, stderr } = await run('keytool', args);
  expect(code, stdout + stderr).toBe(0);
  const bundle = [...rootsIn(await readFile(SSL_CERT_FILE, 'utf8')).keys()];
  expect([...rootsIn(stdout).keys()].sort()).toEqual(bundle.sort());
});

/** Programs that do more than fetch. Each has settings of its own, in which a developer may have named a proxy. */
interface Answered {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly pattern: string;
  readonly reply: Reply;
  readonly prints: RegExp;
  /** The variable that says where its settings are, the file, and its text. */
  readonly settings?: readonly [variable: string, file: string, text: (proxy: string) => string];
}

const buckets = `<?xml version="1.0"?>
<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
<Buckets><Bucket><Name>from-a-stub</Name></Bucket></Buckets>
</ListAllMyBucketsResult>`;

const answered: readonly Answered[] = [
  {
    name: 'npm',
    command: 'npm',
    // Its notice of new versions asks for more than is tested.
    args: ['ping', '--no-update-notifier', '--registry', 'https://registry.invalid/'],
    pattern: 'https://registry.invalid/-/ping',
    reply: { json: { answer: 'from-a-stub' } },
    prints: /"answer": "from-a-stub"/,
    settings: ['npm_config_userconfig', '.npmrc', (proxy) => `proxy=${proxy}\nhttps-proxy=${proxy}\ncafile=/nowhere\n`],
  },
  {
    name: 'pip',
    command: 'pip',
    args: ['index', 'versions', '--index-url', 'https://index.invalid/simple', 'waylay-sample'],
    pattern: 'https://index.invalid/simple/waylay-sample/',
    reply: {
      headers: { 'content-type': 'text/html' },
      text: '<!doctype html><a href="waylay_sample-7.7.7.zip">waylay_sample-7.7.7.zip</a>',
    },
    prints: /waylay-sample \(7\.7\.7\)/,
    settings: ['PIP_CONFIG_FILE', 'pip.conf', (proxy) => `[global]\nproxy = ${proxy}\ncert = /nowhere\n`],
  },
  {
    name: 'Cargo',
    command: 'cargo',
    args: ['search', '--index', 'sparse+https://index.invalid/', 'sample'],
    pattern: 'https://index.invalid/**',
    reply: ({ url }) =>
      url.endsWith('/config.json')
        ? { json: { dl: 'https://index.invalid/dl', api: 'https://index.invalid' } }
        : { json: { crates: [{ name: 'from-a-stub', description: '', max_version: '1.0.0' }], meta: { total: 1 } } },
    prints: /from-a-stub/,
    settings: ['CARGO_HOME', 'config.toml', (proxy) => `[http]\nproxy = "${proxy}"\ncainfo = "/nowhere"\n`],
  },
  {
    name: 'the AWS command line',
    command: 'aws',
    args: ['s3api', 'list-buckets', '--no-sign-request', '--region=us-east-1', '--endpoint-url=https://s3.invalid'],
    pattern: 'https://s3.invalid/**',
    reply: { headers: { 'content-type': 'application/xml' }, text: buckets },
    prints: /from-a-stub/,
    settings: ['AWS_CONFIG_FILE', 'config', () => '[default]\nca_bundle = /nowhere\n'],
  },
];

test('npm views, packs and installs from a registry of the test', { timeout: TIMEOUT }, async (ctx) => {
  requireTool(ctx, 'npm');
  const { waylay } = await startProxy({ unmatched: 'refuse' });
  const folder = await temporaryFolder();
  const env = { ...(await variables(waylay)), npm_config_registry: 'https://registry.invalid/' };
  const npm = async (...args: string[]): Promise<string> => {
    const quiet = ['--no-update-notifier', '--no-audit', '--no-fund', '--cache', join(folder, 'cache')];
    const { code, stdout, stderr } = await run('npm', [...args, ...quiet], { env, cwd: folder, timeout: 60_000 });
    expect(code, stderr).toBe(0);
    return stdout.trim();
  };
  const manifest = { name: 'sample', version: '7.7.7', description: 'from a stub' };
  await mkdir(join(folder, 'source'));
  await writeFile(join(folder, 'source', 'package.json'), JSON.stringify(manifest));
  const file = join(folder, await npm('pack', './source'));
  const dist = { tarball: 'https://registry.invalid/sample/-/sample-7.7.7.tgz' };
  const document = { name: 'sample', 'dist-tags': { latest: '7.7.7' }, versions: { '7.7.7': { ...manifest, dist } } };
  waylay.stubResponse('https://registry.invalid/sample', { json: document });
  const tarball = waylay.stubResponse(dist.tarball, { file });

  expect(await npm('view', 'sample', 'description')).toBe('from a stub');
  await npm('pack', 'sample', '--pack-destination', await temporaryFolder());
  expect(tarball.hits).toBe(1);
  await writeFile(join(folder, 'package.json'), '{ "private": true }');
  await npm('install', 'sample');
  const installed = await readFile(join(folder, 'node_modules', 'sample', 'package.json'), 'utf8');
  expect(JSON.parse(installed)).toEqual(manifest);
  expect(new Set(waylay.exchanges.map(({ source }) => source))).toEqual(new Set(['stub']));
});

test.for(answered)(
  '$name goes through, whatever its own settings name',
  { timeout: TIMEOUT },
  async ({ command, args, pattern, reply, prints, settings }, ctx) => {
    if (!tool(command)) ctx.skip(`needs ${command}, which is not on PATH`);
    const { waylay } = await startProxy({ unmatched: 'refuse' });
    const stub = waylay.stubResponse(pattern, reply);
    const folder = await temporaryFolder();
    const env = await variables(waylay);
    if (settings !== undefined) {
      const [variable, file, text] = settings;
      await writeFile(join(folder, file), text(`http://127.0.0.1:${await closedPort()}`));
      // CARGO_HOME is a folder, the others are files.
      env[variable] = variable.endsWith('_HOME') ? folder : join(folder, file);
    }
    const { code, stdout, stderr } = await run(command, args, { env, cwd: folder, timeout: TIMEOUT - 5_000 });
    expect({ code, output: stdout + stderr }).toEqual({ code: 0, output: expect.stringMatching(prints) });
    expect(stub.hits).toBeGreaterThan(0);
    expect(waylay.exchanges.every(({ source }) => source === 'stub')).toBe(true);
  },
);

test('a worker thread that is given the variables goes through, and trusts', async () => {
  const { waylay } = await startShop();
  waylay.stubResponse('https://nowhere.test/', 'stubbed');
  const code = `
    const { parentPort } = require('node:worker_threads');
    const https = require('node:https');
    const { text } = require('node:stream/consumers');
    Promise.allSettled([
      fetch('https://shop.test/').then((response) => response.status),
      fetch('https://nowhere.test/').then((response) => response.text()),
      new Promise((resolve, reject) => https.get('https://nowhere.test/', resolve).on('error', reject)).then(text),
    ]).then((settled) => parentPort.postMessage(settled.map(({ value, reason }) => value ?? String(reason.cause ?? reason))));`;
  const worker = new Worker(code, { eval: true, env: { ...process.env, ...waylay.env() } });
  const [said] = await once(worker, 'message');
  await worker.terminate();
  expect(said).toEqual([200, 'stubbed', 'stubbed']);
});
