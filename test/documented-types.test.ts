/** README.md and docs/: each block of TypeScript compiles under `strict`, with the names around it that its page presumes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../scripts/command.mjs';
import { checkTypes } from './type-check.js';

const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => join('docs', name));

/** Where a name comes from that a block uses and does not import. */
const presumed: Record<string, string> = {
  expect: 'waylay/playwright',
  startWaylay: 'waylay',
  useWaylay: 'waylay/vitest',
  exactly: 'waylay',
  DEFAULT_MASK: 'waylay',
  WaylayOptions: 'waylay/playwright',
  chromium: '@playwright/test',
  onTestFinished: 'vitest',
  Agent: 'undici',
  Worker: 'node:worker_threads',
  readFileSync: 'node:fs',
  execFileSync: 'node:child_process',
};

/** A test has these at hand, and functions of an application. */
const given: Record<string, string> = {
  waylay: 'import("waylay").Waylay',
  page: 'import("@playwright/test").Page',
  request: 'import("@playwright/test").APIRequestContext',
  pay: '(amount: number) => Promise<void>',
};

/** Tools that are left, which are not installed here. */
const FOREIGN = /Cannot find module '(mockttp|msw\/node|nock)'/;

function moduleOf(code: string): string {
  const lines = code.match(/^import [^;]*;/gm) ?? [];
  const own = lines.join('\n');
  const body = code
    .replace(/^import [^;]*;.*$/gm, '')
    .replace(/^export default /gm, 'exported = ')
    .replace(/^export /gm, '')
    .replace(/^((?:['/{(]|new ).*);(?= \/\/)/gm, 'waylay.expectRequest($1);'); // a pattern by itself
  const names = { ...presumed, test: /vitest/.test(own + body) ? 'waylay/vitest' : 'waylay/playwright' };
  const uses = (name: string) => new RegExp(`(?<![.'\\w])${name}\\b`).test(body);
  const has = (name: string) =>
    new RegExp(`\\b${name}\\b`).test(own.replace(/'.*?'/g, '')) || new RegExp(`(const|function) ${name}\\b`).test(body);
  const imports = Object.entries(names)
    .filter(([name]) => uses(name) && !has(name))
    .map(([name, from]) => `import ${name === 'WaylayOptions' ? 'type ' : ''}{ ${name} } from '${from}';`);
  if (/\bbase\b/.test(body) && !has('base')) imports.push("import { test as base } from 'waylay/playwright';");
  if (/(?<!\.)\bspawn\(/.test(body) && !has('spawn')) imports.push("import { spawn } from 'node:child_process';");
  const parameters = Object.entries(given)
    .filter(([name]) => !new RegExp(`(const|using) ${name}\\b`).test(body))
    .map(([name, type]) => `${name}: ${type}`);
  return `${[...imports, own].join('\n')}
let exported: unknown;
export async function block(${parameters.join(', ')}): Promise<unknown> {
${body}
  return exported;
}
`;
}

test('every block of TypeScript compiles', async () => {
  const files: Record<string, string> = {};
  for (const page of ['README.md', ...pages]) {
    const text = readFileSync(join(root, page), 'utf8');
    for (const [block, code = ''] of text.matchAll(/^```ts\n(.*?)^```$/gms)) {
      const line = text.slice(0, text.indexOf(block)).split('\n').length;
      files[`${page.replace(/\W+/g, '-')}-${line}.ts`] = moduleOf(code);
    }
  }
  expect(Object.keys(files).length).toBeGreaterThan(30);
  const problems = await checkTypes(files);
  expect(problems.map(({ file, message }) => `${file}: ${message}`).filter((line) => !FOREIGN.test(line))).toEqual([]);
});
