/** Reasons for a proxy not to start in transparent mode, and what it then says. */
import { afterEach, expect, test, vi } from 'vitest';
import { loadNatLookup } from '../../../src/downstream/transparent/platform/platforms.js';
import { InternalError, TestError } from '../../../src/errors.js';
import { testProxy } from '../../servers.js';

afterEach(() => {
  vi.doUnmock('koffi');
  vi.resetModules();
});

test.each(['win32', 'sunos', 'constructor'])('transparent mode names the alternative on %s', async (platform) => {
  const error = await loadNatLookup(platform).then(
    () => expect.unreachable(),
    (reason: unknown) => reason as InternalError,
  );
  expect(error).toBeInstanceOf(InternalError);
  expect([error.code, error.fault]).toEqual(['WAYLAY_TRANSPARENT', 'waylay']);
  expect(error.message).toContain(platform);
  expect(error.message).toContain("transparent: 'name'");
});

test('transparent mode names the remedy without koffi', async () => {
  vi.doMock('koffi', () => {
    throw new Error("Cannot find package 'koffi'");
  });
  const { linuxNatLookup } = await import('../../../src/downstream/transparent/platform/linux.js');
  const error = await linuxNatLookup().then(
    () => expect.unreachable(),
    (reason: unknown) => reason as InternalError,
  );
  expect(error.code).toBe('WAYLAY_TRANSPARENT');
  expect(error.message).toMatch(/cannot be loaded: .*npm install --save-dev koffi/s);
});

test.runIf(process.platform !== 'darwin')(
  'transparent mode says what lets it be where pf cannot be asked',
  async () => {
    const { macosNatLookup } = await import('../../../src/downstream/transparent/platform/macos.js');
    await expect(macosNatLookup()).rejects.toThrow(/may not: .*pfctl -s state' without a password/s);
  },
);

test.each([
  true,
  'yes',
  { by: 'kernel', ports: {} },
  { by: 'name' },
  { by: 'name', ports: { 'a.test': 0 } },
  { by: 'name', ports: {}, port: 1 },
  null,
])('the option cannot be %j', async (transparent) => {
  const error = await testProxy({ transparent: transparent as never }).then(
    () => expect.unreachable(),
    (reason: unknown) => reason as TestError,
  );
  expect(error).toBeInstanceOf(TestError);
  expect(error.message).toContain(`Write transparent: 'kernel', 'name' or { by: 'name', ports:`);
});
