/** The matchers behind the `expect` of each runner. */
import { expect as playwrightExpect } from '@playwright/test';
import { expect as jestExpect } from 'expect';
import { describe, expect, test, expect as vitestExpect } from 'vitest';
import { toHaveHeader } from '../../../matchers/expect/to-have-header.js';
import { toHaveJSON } from '../../../matchers/expect/to-have-json.js';
import { toHaveReceived } from '../../../matchers/expect/to-have-received.js';
import { toHaveStatus } from '../../../matchers/expect/to-have-status.js';
import { toMatchRequest } from '../../../matchers/expect/to-match-request.js';
import { exactly } from '../../../matchers/index.js';
import { TRAFFIC } from '../../../matchers/rule/traffic.js';
import { respond, Wire } from '../wire.js';

interface Said {
  not: Said;
  toHaveReceived(...args: unknown[]): Promise<void>;
  toHaveHeader(...args: unknown[]): void;
  toHaveJSON(...args: unknown[]): void;
  toHaveStatus(...args: unknown[]): void;
  toMatchRequest(...args: unknown[]): void;
}

type Say = ((received: unknown) => Said) & Pick<typeof vitestExpect, 'any' | 'objectContaining' | 'stringMatching'>;

const matchers = {
  toHaveReceived(this: { isNot?: boolean }, received: unknown, pattern: never, narrowing?: never) {
    return toHaveReceived(received, pattern, narrowing, { isNot: this.isNot });
  },
  toHaveHeader,
  toHaveJSON,
  toHaveStatus(this: { isNot?: boolean }, received: unknown, status: never) {
    return toHaveStatus(received, status, { isNot: this.isNot });
  },
  toMatchRequest,
};

vitestExpect.extend(matchers as never);
jestExpect.extend(matchers as never);
const vitest: Say = vitestExpect as never;
const runners: [string, Say][] = [
  ['Vitest', vitest],
  ['Jest', jestExpect as never],
  ['Playwright', playwrightExpect.extend(matchers as never) as never],
];

function traffic() {
  const wire = new Wire();
  const { exchange } = wire.send({
    method: 'POST',
    url: 'https://api.pay.test/v1/charges',
    headers: ['content-type', 'application/json'],
    body: { amount: 4200, tags: ['a'] },
  });
  const response = respond(exchange, 402, ['x-a', '1'], { error: 'declined' });
  return { wire, waylay: { [TRAFFIC]: wire.rules.traffic }, exchange, request: exchange.request, response };
}

describe.each(runners)('in %s', (_, say) => {
  test('a matcher passes, and .not fails, each with its message', async () => {
    const { waylay, exchange, request, response } = traffic();
    await say(waylay).toHaveReceived('POST https://api.pay.test/**', { json: { amount: say.any(Number) } });
    await say(waylay).not.toHaveReceived('https://tracker.test/**');
    say(request).toMatchRequest('POST **', { json: say.objectContaining({ tags: ['a'] }) });
    say(request).toHaveHeader('content-type', say.stringMatching(/json/));
    say(request).toHaveJSON(exactly({ amount: say.any(Number), tags: ['a'] }));
    say(request).not.toHaveJSON(exactly({ amount: 4200 }));
    say(response).toHaveStatus(402);
    say(exchange).toHaveStatus(/^4/);
    say(response).not.toHaveHeader('x-b');

    await expect(say(waylay).not.toHaveReceived('POST https://api.pay.test/**')).rejects.toThrow(
      /1 request matched POST https:\/\/api\.pay\.test\/\*\* so far; expected no request\./,
    );
    expect(() => say(request).not.toHaveHeader('content-type', /json/)).toThrow(
      /is what it was expected not to be\.\n\nExpected: not \/json\/\nReceived: 'application\/json'/,
    );
    expect(() => say(request).not.toHaveJSON({ amount: 4200 })).toThrow(/Expected: not \{ amount: 4200 \}/);
    expect(() => say(request).toHaveJSON(exactly({ amount: 4200 }))).toThrow(/json\.tags/);
    expect(() => say(request).not.toMatchRequest('POST **')).toThrow(/expected it not to/);
  });

  test('a response that has not come has no status, behind .not as little as before it', () => {
    const { wire } = traffic();
    const { exchange } = wire.send('GET https://shop.test/');
    expect(() => say(exchange).toHaveStatus(200)).toThrow(/\(no response\)/);
    expect(() => say(exchange).not.toHaveStatus(500)).toThrow(/\(no response\)/);
    expect(() => say(exchange.response).not.toHaveStatus(500)).toThrow(/\(no response\)/);
    expect(() => say(exchange.response).not.toHaveHeader('a')).toThrow(/await exchange\.finished\(\) first/);
  });

  test('an exchange is two messages', () => {
    const { exchange } = traffic();
    expect(() => say(exchange).toHaveHeader('a')).toThrow(
      /not the exchange of POST .*\. Write expect\(exchange\.request\)\.toHaveHeader\(…\) or expect\(exchange\.response\)/,
    );
  });
});

test('Vitest has nothing to make a second diff of', async () => {
  const { waylay, request, response } = traffic();
  for (const fail of [
    () => vitest(request).toHaveHeader('content-type', 'text/plain'),
    () => vitest(response).toHaveJSON({ error: 'none' }),
    () => vitest(response).toHaveStatus(200),
    () => vitest(request).toMatchRequest('PUT **'),
    () => vitest(waylay).not.toHaveReceived('POST **'),
  ]) {
    const error = await Promise.resolve()
      .then(fail)
      .catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ actual: undefined, expected: undefined });
  }
});

describe('a message is shown as its test says', () => {
  const sent = { headers: ['authorization', 'Bearer open', 'x-session', 'secret'] };

  test('by the mask', () => {
    const wire = new Wire({ mask: ['x-session'] });
    const { exchange } = wire.send(sent);
    expect(toHaveHeader(exchange.request, 'x-session', 'guess').message()).not.toMatch(/secret|guess/);
    expect(toHaveHeader(exchange.request, 'authorization', 'other').message()).toContain('Bearer open');
    const response = respond(exchange, 200, ['x-session', 'secret']);
    wire.journal.notify(exchange, 'response');
    expect(toHaveHeader(response, 'x-session', 'guess').message()).not.toMatch(/secret|guess/);
    // The mark is not to be seen.
    expect(Object.getOwnPropertySymbols({ ...exchange.request })).toEqual([]);
  });

  test('by the base URL', () => {
    const { exchange } = new Wire({ baseURL: 'https://shop.test/' }).send('GET https://shop.test/cart');
    expect(toMatchRequest(exchange.request, '/cart').pass).toBe(true);
    expect(toMatchRequest(exchange, '/other').pass).toBe(false);
  });

  test('and carries no mark by default', () => {
    expect(TRAFFIC in new Wire().send(sent).exchange.request).toBe(false);
  });
});
