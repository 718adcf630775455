/** TypeScript on mistakes: it names the key, and what may be written there. */
import { beforeAll, expect, test } from 'vitest';
import { checkTypes } from '../type-check.js';

const CASES = [
  ["mutate('**', { response: { fault: 'empyt' } })", /^fault: Type '"empyt"' .* Did you mean '"empty"'\?$/],
  ["mutate('**', { request: { fault: 'empty' } })", /^fault: Type '"empty"' is not assignable to type 'RequestFault/],
  ["mutate('**', { response: { fault: 'reste', after: 3 } })", /^fault: .* Did you mean '"reset"'\?$/],
  ["mutate('**', () => ({ response: { fault: 'empyt' } }))", /: .* Did you mean '"empty"'\?$/],
  ["mutate('**', { response: { status: '200' } })", /^status: Type 'string' is not assignable to type '.*number/],
  ["mutate('**', { response: { stauts: 200 } })", /^stauts: .* Did you mean to write 'status'\?$/],
  ["mutate('**', { response: { text: 3 } })", /^text: Type 'number' is not assignable to type '.*string/],
  [
    "mutate('**', { response: { headers: { a: true } } })",
    /^a: Type 'true' is not assignable to type 'HeaderChange'\.$/,
  ],
  ["mutate('**', { response: { after: 3 } })", /: .* Property 'fault' is missing in type '{ after: number; }'/],
  ["mutate('**', { response: { jitter: 3 } })", /: .* Property 'delay' is missing in type '{ jitter: number; }'/],
  ["mutate('**', { tls: { leaf: 'expird' } })", /^leaf: .* Did you mean '"expired"'\?$/],
  ["mutate('**', { response: { json: (cart) => ({ ...cart }) } })", /^\.\.\.cart: Spread types may only be created/],
] as const;

let said: Map<string, string>;

beforeAll(async () => {
  const lines = CASES.map(([code]) => `waylay.${code};`);
  const text = [`import type { Waylay } from 'waylay';`, 'declare const waylay: Waylay;', ...lines].join('\n');
  const problems = await checkTypes({ 'cases.ts': text });
  said = new Map(
    problems.map(({ line, column, message }) => {
      const [at = ''] =
        text
          .split('\n')
          [line - 1]?.slice(column - 1)
          .match(/^(?:[.]{3})?\w+/) ?? [];
      return [CASES[line - 3]?.[0] ?? '', `${at}: ${message}`];
    }),
  );
});

test.each(CASES)('the compiler says what is wrong with %s', (code, expected) => {
  expect(said.get(code)).toMatch(expected);
  expect(said.get(code)).not.toContain("to type 'undefined'.");
});
