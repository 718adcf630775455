/** Comments begin with their subject: a reader sees at once what they are about. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../scripts/command.mjs';

const FOLDERS = ['src', 'matchers', 'fixtures', 'programs', 'traffic-view', 'test', 'bench', 'examples', 'scripts'];

const paths = FOLDERS.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.split(sep).join('/')}`)
    .filter((path) => /\.[cm]?[jt]s$/.test(path) && !path.includes('node_modules/')),
);

/** The first word of a comment, with its place in the text; lines of `//` that follow one another are one comment. */
const FIRST_WORD = /(?:^|\s)(?:\/\*\*?\s+(?:\* )?|(?<!^[ \t]*\/\/.*\n[ \t]*)\/\/ +)(?<word>[A-Z][a-z]*)\b.*/gm;

function putLast(text: string): string[] {
  const beginnings = [...text.matchAll(FIRST_WORD)];
  return beginnings
    .filter(({ groups }) => /^(What|How|Whether|As|Of)$/.test(groups?.word ?? ''))
    .map(([all]) => all.trim());
}

test.each(['What', 'How', 'Whether', 'As', 'Of'])('%s is found in every form of a comment', (word) => {
  const found = (form: string) => putLast(`\n  ${form.replace('%', word)} it is */\n`).length;
  const forms = ['/** %', '/* %', '/**\n * %', '// %', 'call(); // %', '{ // A line, and\n  call(); // %'];
  expect(forms.map(found)).toEqual(forms.map(() => 1));
  const others = ['/** The way. %', '// A line.\n  // %', '/** A line.\n * %', 'a comment of //%', '/** %ever'];
  expect(others.map(found)).toEqual(others.map(() => 0));
});

test('no comment begins with What, How, Whether, As or Of', () => {
  expect(paths.length).toBeGreaterThan(900);
  const found = paths.flatMap((path) =>
    putLast(readFileSync(join(root, path), 'utf8')).map((comment) => `${path}: ${comment}`),
  );
  expect(found).toEqual([]);
});
