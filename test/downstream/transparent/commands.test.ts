/** The commands of docs/transparent.md, run: they redirect, and what undoes them leaves nothing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../../../scripts/command.mjs';
import { requireTool, run } from '../../tools.js';
import { SERVERS } from './network.js';
import { http, ownNetwork, redirectedWaylay, serve, told } from './redirected.js';

const [SHOP] = SERVERS;
const it = ownNetwork();
const sections = readFileSync(join(root, 'docs/transparent.md'), 'utf8').split(/^### /m);
const section = (title: string) => sections.find((text) => text.startsWith(`${title}\n`)) ?? '';
const rulesOf = (title: string) => /<<'EOF'\n(.*?)^\s*EOF$/ms.exec(section(title))?.[1] ?? '';
const UNDO = 'nft delete table inet waylay';

describe('the documented rules for nftables', () => {
  test.each([
    ['A Linux router', 'eth1'],
    ['A container', 'docker0'],
  ])('lead clients here and can be undone: %s', async (title, inner) => {
    await serve(http('plain'), SHOP, 80);
    const { waylay } = await redirectedWaylay(it.network);
    const rules = rulesOf(title);
    expect(rules).toContain(inner);
    await it.network.nft(rules.replaceAll(inner, 'clients').replaceAll('8080', String(waylay.port)));
    expect((await it.network.curl(`http://${SHOP}/`)).stdout).toBe(`plain 1.1 ${SHOP} /`);
    expect(told(waylay)).toMatchObject([{ to: `kernel ${SHOP} 80` }]);
    await expectUndone(title);
  });

  test.each(['Programs on the same machine', 'A CI job'])(
    'are taken as they are and can be undone: %s',
    async (title) => {
      const { waylay } = await redirectedWaylay(it.network);
      const rules = rulesOf(title);
      expect(rules).toContain('meta skuid "nobody"');
      // They are taken as they are, but for the port.
      await it.network.nft(rules.replaceAll('8080', String(waylay.port)));
      await expectUndone(title);
    },
  );

  async function expectUndone(title: string): Promise<void> {
    expect(section(title)).toContain(`sudo ${UNDO}`);
    const [command = '', ...args] = UNDO.split(' ');
    expect(await run(command, args)).toMatchObject({ code: 0, stderr: '' });
    expect((await run('nft', ['list', 'ruleset'])).stdout).toBe('');
  }
});

test('the documented rules for iptables lead clients here and can be undone', async (ctx) => {
  requireTool(ctx, 'iptables');
  await serve(http('plain'), SHOP, 80);
  const { waylay } = await redirectedWaylay(it.network);
  await it.network.nft('');
  const lines = section('A Linux router').match(/^sudo ip6?tables .*$/gm) ?? [];
  expect(lines).toHaveLength(4);
  const words = lines.map((line) =>
    line.replace('eth1', 'clients').replace('8080', String(waylay.port)).split(' ').slice(1),
  );
  const [add, add6, remove, remove6] = words;
  for (const [command = '', ...args] of [add ?? [], add6 ?? []]) expect((await run(command, args)).stderr).toBe('');
  expect((await it.network.curl(`http://${SHOP}/`)).stdout).toBe(`plain 1.1 ${SHOP} /`);
  expect(told(waylay)).toMatchObject([{ to: `kernel ${SHOP} 80` }]);
  for (const [command = '', ...args] of [remove ?? [], remove6 ?? []])
    expect((await run(command, args)).stderr).toBe('');
  // Not redirected any more, it is a connection to the server.
  expect((await it.network.curl(`http://${SHOP}/`)).stdout).toBe(`plain 1.1 ${SHOP} /`);
  expect(waylay.exchanges).toHaveLength(1);
});
