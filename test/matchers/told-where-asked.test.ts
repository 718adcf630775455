/** Hints on globs, on hosts and on stubs that would mislead, and what DEBUG=waylay:rules shows. */
import { format } from 'node:util';
import { describe, expect, test } from 'vitest';
import { explainRefusal } from '../../matchers/report/refusal.js';
import { PLAIN } from '../../matchers/values/style.js';
import type { TestError } from '../../src/errors.js';
import type { Log } from '../../src/runtime/log.js';
import { Wire } from './wire.js';

test('a glob whose braces eat what it seems to equal says how they are escaped', () => {
  const { rules, send } = withSend();
  send('GET https://shop.test/a{b}c');
  rules.expectRequest('https://shop.test/a{b}c');
  const { message } = rules.verify() ?? {};
  expect(message).toMatch(/braces in a glob stand for one of what is in them; for braces as they are, write '(.+)'\)/);
  const [, written = ''] = /write '(.+)'\)/.exec(message ?? '') ?? [];
  expect(rules.expectRequest(written.replaceAll('\\\\', '\\')).exchanges).toHaveLength(1);
});

describe('with a baseURL', () => {
  test.each([
    ['api.shop.test/x', "'https://api.shop.test/x' for the host, or '/api.shop.test/x' for the path"],
    ['POST localhost:3000/x', "'POST http://localhost:3000/x' for the host, or 'POST /localhost:3000/x' for the path"],
    ['api.shop.test:8443', "'https://api.shop.test:8443' for the host, or '/api.shop.test:8443' for the path"],
  ])('%s is refused', (pattern, write) => {
    const { rules } = new Wire({ baseURL: 'https://shop.test/' });
    expect(() => rules.stubResponse(pattern, 200)).toThrow(write);
  });

  test.each(['index.html', 'cart', './api.v1/x', '/api.shop.test/x', 'cart/a.b'])('%s is a path', (pattern) => {
    const { rules } = new Wire({ baseURL: 'https://shop.test/' });
    expect(() => rules.stubResponse(pattern, 200)).not.toThrow();
  });
});

test('a stub that matches by now is not said to have answered as often as it may', () => {
  const wire = new Wire({ unmatched: 'refuse' });
  let ready = false;
  wire.rules.stubResponse(() => ready, 200);
  const { decision } = wire.send('GET https://shop.test/');
  ready = true;
  const message = explainRefusal((decision as { error: TestError }).error, [], PLAIN);
  expect(message).not.toContain('as often as it may');
  expect(message).toContain('which matches it by now, and did not when it came.');
});

test('the log has what was registered, which rule took which exchange, and what was refused', () => {
  const lines: string[] = [];
  const log: Log = (part, text, ...values) => void lines.push(format(`${part}: ${text}`, ...values));
  const wire = new Wire({ unmatched: 'refuse', log });
  wire.rules.stubResponse('https://shop.test/a', 200);
  wire.rules.mutate('https://shop.test/a', { response: { status: 201 } });
  wire.rules.expectOrder(['**/a', '**/b']);
  wire.send('GET https://shop.test/a');
  wire.send('GET https://shop.test/b');
  const here = String.raw`\S*told-where-asked\.test\.ts:\d+`;
  expect(lines).toEqual(
    [
      `^rules: stubResponse https://shop\\.test/a, written at ${here}$`,
      `^rules: mutate https://shop\\.test/a, written at ${here}$`,
      `^rules: expectOrder \\*\\*/a, \\*\\*/b, written at ${here}$`,
      `^rules: GET https://shop\\.test/a: mutation https://shop\\.test/a \\(${here}\\)$`,
      `^rules: GET https://shop\\.test/a: stub https://shop\\.test/a \\(${here}\\)$`,
      '^rules: GET https://shop\\.test/b: refused, no stub answers it$',
    ].map((line) => expect.stringMatching(line)),
  );
});

function withSend() {
  const wire = new Wire();
  return { rules: wire.rules, send: (line: string) => wire.send(line) };
}
