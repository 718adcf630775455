import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { machineRoots, rootsIn } from '../../programs/environment/roots.js';
import { ChildEnvironment, type ChildEnvironmentOptions } from '../../programs/environment.js';
import { CertificateAuthority } from '../../src/tls/certificate-authority.js';
import { createSigningKey } from '../../src/tls/signing-key.js';

const { pem: caPem } = CertificateAuthority.create(Date.now());
const { pem: otherPem } = CertificateAuthority.create(Date.now());
const { pem: thirdPem } = CertificateAuthority.create(Date.now());

/** Where temporary files go, in these tests. */
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waylay-test-'));
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) vi.stubEnv(name, folder);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });
});

function environment(options: Partial<ChildEnvironmentOptions> = {}): ChildEnvironment {
  return new ChildEnvironment({ url: 'http://127.0.0.1:54321', caPem, inherited: {}, ...options });
}

/** The certificates in the file that a variable names, as one string each. */
function certificates(path: string | undefined): string[] {
  return [...rootsIn(readFileSync(path ?? '', 'utf8')).keys()];
}

const only = (pem: string): string => [...rootsIn(pem).keys()].join();

/** A file beside those that are written. */
function fileWith(content: string): string {
  const path = join(mkdtempSync(join(folder, 'given-')), 'given.pem');
  writeFileSync(path, content);
  return path;
}

describe('a file that is written', () => {
  test('is nothing until the variables are asked for, and all gone in the end', () => {
    const unused = environment();
    unused.remove();
    const used = environment();
    expect(readdirSync(folder)).toEqual([]);
    const variables = used.variables();
    expect(used.variables()).toEqual(variables);
    expect(readdirSync(folder)).toHaveLength(1);
    used.remove();
    expect(readdirSync(folder)).toEqual([]);
    used.remove();
    expect(used.variables()).toEqual(variables);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('belongs to one environment', () => {
    const [one, other] = [environment(), environment()];
    const [{ SSL_CERT_FILE: mine = '' }, { SSL_CERT_FILE: its = '' }] = [one.variables(), other.variables()];
    one.remove();
    expect(readdirSync(folder)).toHaveLength(1);
    expect(certificates(its)).toContain(only(caPem));
    expect(its).not.toBe(mine);
  });

  test.skipIf(process.platform === 'win32')('is for this user only (Windows has no such modes)', () => {
    const { SSL_CERT_FILE = '' } = environment().variables();
    const written = dirname(SSL_CERT_FILE);
    expect(statSync(written).mode & 0o777).toBe(0o700);
    const modes = readdirSync(written).map((name) => statSync(join(written, name)).mode & 0o777);
    expect(new Set(modes)).toEqual(new Set([0o600]));
  });

  test('has no private key, though one stands beside a root that is given', () => {
    const key = createSigningKey().pem;
    expect(key).toContain('PRIVATE KEY');
    const given = fileWith(thirdPem + key);
    const { SSL_CERT_FILE = '' } = environment({
      trustedRoots: key + otherPem,
      inherited: { SSL_CERT_FILE: given },
    }).variables();
    const written = dirname(SSL_CERT_FILE);
    const secret = key.split('\n')[1] ?? '';
    const der = Buffer.from(key.replace(/-----.*-----|\s/g, ''), 'base64');
    for (const name of readdirSync(written)) {
      const content = readFileSync(join(written, name));
      expect(content.includes('PRIVATE')).toBe(false);
      expect(content.includes(secret)).toBe(false);
      expect(content.includes(der)).toBe(false);
    }
    expect(certificates(SSL_CERT_FILE)).toEqual(expect.arrayContaining([only(otherPem), only(thirdPem)]));
  });
});

describe('in certificates', () => {
  test('a file that replaces a list repeats the roots of Node, one that is added to it does not', () => {
    const { SSL_CERT_FILE, NODE_EXTRA_CA_CERTS } = environment().variables();
    const builtIn = [...rootsIn(...rootCertificates).keys()];
    expect(builtIn.length).toBeGreaterThan(50);
    expect(certificates(SSL_CERT_FILE)).toEqual(expect.arrayContaining([...builtIn, only(caPem)]));
    expect(certificates(NODE_EXTRA_CA_CERTS)).toEqual([only(caPem)]);
  });

  test.skipIf(machineRoots().size === 0)(
    'a file that replaces a list has those of the machine, where it has a file of them',
    () => {
      const { SSL_CERT_FILE } = environment().variables();
      expect(certificates(SSL_CERT_FILE)).toEqual(expect.arrayContaining([...machineRoots().keys()]));
    },
  );

  test('roots that are trusted beside the authority are in both', () => {
    const { SSL_CERT_FILE, NODE_EXTRA_CA_CERTS } = environment({ trustedRoots: [otherPem, thirdPem] }).variables();
    const given = [only(caPem), only(otherPem), only(thirdPem)];
    expect(certificates(SSL_CERT_FILE)).toEqual(expect.arrayContaining(given));
    expect(certificates(NODE_EXTRA_CA_CERTS)).toEqual(given);
  });

  test('roots that the replaced variables named are kept, each once', () => {
    const inherited = {
      NODE_EXTRA_CA_CERTS: fileWith(`${otherPem}\n${rootCertificates[0]}\n`),
      SSL_CERT_FILE: fileWith(thirdPem.replaceAll('\n', '\r\n') + otherPem),
      CURL_CA_BUNDLE: join(folder, 'nowhere.pem'),
      PIP_CERT: folder,
      AWS_CA_BUNDLE: '',
    };
    const { SSL_CERT_FILE = '', NODE_EXTRA_CA_CERTS } = environment({ inherited }).variables();
    expect(certificates(NODE_EXTRA_CA_CERTS).sort()).toEqual([otherPem, thirdPem, caPem].map(only).sort());
    const blocks = readFileSync(SSL_CERT_FILE, 'utf8').match(/BEGIN CERTIFICATE/g) ?? [];
    expect(blocks).toHaveLength(certificates(SSL_CERT_FILE).length);
  });
});

describe('variables', () => {
  test('name the proxy in both spellings, and exempt no host', () => {
    const variables = environment().variables();
    for (const name of ['http_proxy', 'https_proxy', 'all_proxy']) {
      expect(variables[name]).toBe('http://127.0.0.1:54321');
      expect(variables[name.toUpperCase()]).toBe('http://127.0.0.1:54321');
    }
    expect(variables).toMatchObject({ no_proxy: '', NO_PROXY: '', NODE_USE_ENV_PROXY: '1' });
  });

  test("are the caller's own", () => {
    const one = environment();
    one.variables().http_proxy = 'changed';
    expect(one.variables().http_proxy).toBe('http://127.0.0.1:54321');
  });

  test('continue the options of Java', () => {
    const inherited = { JAVA_TOOL_OPTIONS: '-Xmx1g -Dhttp.proxyHost=old.test' };
    const { JAVA_TOOL_OPTIONS = '' } = environment({ inherited }).variables();
    expect(JAVA_TOOL_OPTIONS).toMatch(/^-Xmx1g -Dhttp\.proxyHost=old\.test -Dhttp\.proxyHost=127\.0\.0\.1 /);
    expect(environment().variables().JAVA_TOOL_OPTIONS).toMatch(/^-Dhttp\.proxyHost=127\.0\.0\.1 /);
  });

  test('continue the options of Node; a path with spaces is one', () => {
    const spaced = mkdtempSync(join(folder, 'A User '));
    for (const name of ['TMPDIR', 'TEMP', 'TMP']) vi.stubEnv(name, spaced);
    const { NODE_OPTIONS = '' } = environment({ inherited: { NODE_OPTIONS: '--no-deprecation' } }).variables();
    const script = 'console.log(process.noDeprecation, require("http").globalAgent.constructor.name.length > 0)';
    const env = { ...process.env, NODE_OPTIONS };
    expect(execFileSync(process.execPath, ['-e', script], { env, encoding: 'utf8' })).toBe('true true\n');
    expect(NODE_OPTIONS).toMatch(/^--no-deprecation --require ".*A User .*proxy\.cjs"$/);
  });

  test('that were set over once are not continued twice', () => {
    const one = environment({ inherited: { NODE_OPTIONS: '--no-deprecation', GIT_CONFIG_COUNT: '2' } });
    const variables = one.variables();
    expect(one.variables(variables)).toEqual(variables);
  });

  test('give way to what a program is given besides, but for lists, which go on', () => {
    const one = environment({ inherited: { HOME: '/home/a', LANG: 'C', NODE_OPTIONS: '--no-deprecation' } });
    const own = { NO_PROXY: 'a.test', LANG: undefined, NODE_OPTIONS: '--trace-warnings' };
    const whole = one.whole(own);
    expect(whole).toMatchObject({ HOME: '/home/a', NO_PROXY: 'a.test', LANG: undefined });
    expect(whole.HTTPS_PROXY).toBe('http://127.0.0.1:54321');
    expect(whole.NODE_OPTIONS).toMatch(/^--trace-warnings --require /);
    expect(one.whole({ ...one.variables(), NO_PROXY: 'a.test' }).NODE_OPTIONS).toBe(one.variables().NODE_OPTIONS);
  });

  test('name an IPv6 address to Java without brackets', () => {
    const { JAVA_TOOL_OPTIONS, https_proxy } = environment({ url: 'http://[::1]:54321' }).variables();
    expect(https_proxy).toBe('http://[::1]:54321');
    expect(JAVA_TOOL_OPTIONS).toContain('-Dhttps.proxyHost=::1 -Dhttps.proxyPort=54321');
  });

  test.each([
    [undefined, 0],
    ['', 0],
    ['2', 2],
    ['many', 0],
  ])('continue the settings of git, of which there are %j', (GIT_CONFIG_COUNT, index) => {
    expect(environment({ inherited: { GIT_CONFIG_COUNT } }).variables()).toMatchObject({
      GIT_CONFIG_COUNT: String(index + 1),
      [`GIT_CONFIG_KEY_${index}`]: 'http.proxy',
      [`GIT_CONFIG_VALUE_${index}`]: 'http://127.0.0.1:54321',
    });
  });

  test('are set over those of this process by default', () => {
    vi.stubEnv('JAVA_TOOL_OPTIONS', '-Xmx1g');
    const one = new ChildEnvironment({ url: 'http://127.0.0.1:54321', caPem });
    expect(one.variables().JAVA_TOOL_OPTIONS).toMatch(/^-Xmx1g /);
  });
});
