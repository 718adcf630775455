/** The title of a test and those of its describes are one sentence: a report has nothing else to say what broke. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import ts from 'typescript-6';
import { describe, expect, test } from 'vitest';
import { root } from '../scripts/command.mjs';

/** The projects that a test installs the package into are no tests of ours: that test names their titles. */
const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .map((path) => path.split(sep).join('/'))
  .filter((path) => /\.(test|spec)\.ts$/.test(path) && !/\b(projects|node_modules)\//.test(path));

/** The sign for a value: that of a row of a table, or of an expression. */
const VALUE = '%s';

interface Titled {
  readonly file: string;
  /** Titles of the describes, from the outermost in, and of the test. */
  readonly parts: readonly string[];
}

function titlesIn(file: string, text: string): Titled[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Titled[] = [];
  const visit = (node: ts.Node, outer: readonly string[]): void => {
    const kind = ts.isCallExpression(node) ? kindOf(node) : undefined;
    const title = kind && titleOf((node as ts.CallExpression).arguments[0] as ts.Expression);
    const parts = title === undefined ? outer : [...outer, title];
    if (kind === 'test') found.push({ file, parts });
    ts.forEachChild(node, (child) => visit(child, parts));
  };
  visit(source, []);
  return found;
}

/** The kind that a call registers: it has a title and a function, and goes out from `describe`, `test` or `it`. */
function kindOf(call: ts.CallExpression): 'describe' | 'test' | undefined {
  const [title, ...more] = call.arguments;
  if (title === undefined || ts.isObjectLiteralExpression(title) || !more.some(ts.isFunctionLike)) return undefined;
  const names: string[] = [];
  for (let at: ts.Expression = call.expression; ; ) {
    if (ts.isIdentifier(at)) {
      names.push(at.text);
      break;
    }
    if (ts.isPropertyAccessExpression(at)) names.push(at.name.text);
    if (!ts.isPropertyAccessExpression(at) && !ts.isCallExpression(at)) return undefined;
    at = at.expression;
  }
  if (names.includes('step') || names.includes('extend')) return undefined;
  if (names.includes('describe')) return 'describe';
  return names.includes('test') || names.includes('it') ? 'test' : undefined;
}

function titleOf(node: ts.Expression): string {
  if (ts.isStringLiteralLike(node)) return node.text.replace(/%[sdifjo#]|\$[\w.]+/g, VALUE);
  if (!ts.isTemplateExpression(node)) return VALUE;
  return [node.head.text, ...node.templateSpans.map(({ literal }) => VALUE + literal.text)].join('');
}

const titled = files.flatMap((file) => titlesIn(file, readFileSync(join(root, 'test', file), 'utf8')));
const shown = ({ file, parts }: Titled): string => `${file}: ${parts.join(' › ')}`;

describe('titles of tests', () => {
  test('are read from every form of a call', () => {
    const text = `
      describe('outer', () => {
        test.each([[1, 'a']])('has %d of %s', () => {});
        test.describe.serial('inner', () => { it.skipIf(true)(\`is \${name}\`, { timeout: 1 }, async () => {}); });
        test(title, () => { test.step('a step', () => {}); });
      });
      describe.each(rows)('$name', () => { test('is', function () {}); });
      test.skip(() => true, 'a reason');`;
    expect(titlesIn('x', text).map(({ parts }) => parts.join(' › '))).toEqual([
      'outer › has %s of %s',
      'outer › inner › is %s',
      'outer › %s',
      '%s › is',
    ]);
    expect(titled.length).toBeGreaterThan(1500);
  });

  test('begin with their subject, or with a condition', () => {
    const putLast = titled.filter(({ parts }) => /^(what|how|whether|as|of|that|should)\b/i.test(parts[0] ?? ''));
    expect(putLast.map(shown)).toEqual([]);
  });

  test('say what is so, with neither "should" nor "works"', () => {
    const vague = titled.filter(({ parts }) => parts.some((part) => /^should\b|\bworks$/i.test(part)));
    expect(vague.map(shown)).toEqual([]);
  });

  test('have words of their own beside the values of a table', () => {
    const bare = titled.filter(
      ({ parts }) =>
        (parts
          .join(' ')
          .replaceAll(VALUE, '')
          .match(/[\w’']+/g)?.length ?? 0) < 2,
    );
    expect(bare.filter(({ parts }) => parts.join('') !== VALUE).map(shown)).toEqual([]);
  });

  test('are never the same twice in a file', () => {
    const all = titled.map(shown);
    expect(all.filter((each, at) => all.indexOf(each) !== at && !each.endsWith(`: ${VALUE}`))).toEqual([]);
  });
});
