/** The failure messages as files, to be read aloud: would you know what to do? */
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { respond, type Sent, Wire } from '../wire.js';

const charges = 'https://api.pay.test/v1/charges';
const post = `POST ${charges}`;
const graph = 'https://api.shop.test/graphql';
const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, ...Array.from({ length: 12_337 }, () => 0)]);
const json = ['Content-Type', 'application/json'];

/** Tells a test something before it fails. */
type Telling = (wire: Wire) => Promise<unknown> | unknown;

/** The failure of an awaited expectation, when its time is up. */
async function awaited(wire: Wire, promise: PromiseLike<unknown>): Promise<Error> {
  const settled = Promise.resolve(promise).then(
    () => new Error('no failure'),
    (error: Error) => error,
  );
  await new Promise<void>((resolve) => setImmediate(resolve));
  wire.timer.fire();
  return settled;
}

async function sendAll(wire: Wire, ...requests: readonly (Sent | string)[]): Promise<void> {
  for (const request of requests) await wire.send(request).end();
}

const graphql = (operationName: string, variables: object): Sent => ({
  method: 'POST',
  url: graph,
  headers: json,
  body: { operationName, query: `mutation ${operationName} { done }`, variables },
});

const multipart: Sent = {
  method: 'POST',
  url: 'https://shop.test/upload',
  headers: ['Content-Type', 'multipart/form-data; boundary=b'],
  body: [
    '--b',
    'Content-Disposition: form-data; name="title"',
    '',
    'A cup',
    '--b',
    'Content-Disposition: form-data; name="photo"; filename="cup.png"',
    'Content-Type: image/png',
    '',
    'bytes',
    '--b--',
    '',
  ].join('\r\n'),
};

const messages: Record<string, Telling> = {
  'nothing-came': (wire) => awaited(wire, wire.rules.expectRequest(post)),
  'only-its-preflight': async (wire) => {
    const headers = ['Origin', 'https://shop.test', 'Access-Control-Request-Method', 'POST'];
    await wire.send({ method: 'OPTIONS', url: 'https://api.pay.test/v1/charges', headers }).end();
    return awaited(wire, wire.rules.expectRequest(post, { json: { amount: 4200 } }));
  },
  'other-method': async (wire) => {
    await sendAll(wire, `OPTIONS ${charges}`);
    return awaited(wire, wire.rules.expectRequest(post));
  },
  'other-url': async (wire) => {
    await sendAll(
      wire,
      'GET https://shop.test/',
      `POST ${charges.replace('v1', 'v2')}`,
      'GET https://shop.test/app.js',
    );
    return awaited(wire, wire.rules.expectRequest(post));
  },
  'other-query': async (wire) => {
    await sendAll(wire, 'GET https://shop.test/search?q=cup&page=1', 'GET https://shop.test/search?q=cup');
    return awaited(
      wire,
      wire.rules.expectRequest('GET https://shop.test/search?**', { query: { q: 'cup', page: '2' } }),
    );
  },
  'masked-header': async (wire) => {
    const headers = ['Authorization', 'Bearer s3cr3t', 'Cookie', 'session=s3cr3t', 'X-Trace', '1'];
    await sendAll(wire, { url: charges, headers });
    const expected = { headers: { authorization: 'Bearer h1dd3n', 'x-trace': '2' }, cookies: { session: 'h1dd3n' } };
    return awaited(wire, wire.rules.expectRequest(charges, expected));
  },
  'nested-json': async (wire) => {
    const items = [{ sku: 'pot' }, { sku: 'cap', count: 2 }];
    await sendAll(wire, { method: 'POST', url: charges, headers: json, body: { amount: 4200, cart: { items } } });
    const wanted = [{ sku: 'pot' }, { sku: 'cup', count: 2 }];
    return awaited(wire, wire.rules.expectRequest(post, { json: { cart: { items: wanted, coupon: /^[A-Z]+$/ } } }));
  },
  'long-text': async (wire) => {
    const lines = Array.from({ length: 40 }, (_, at) => `line ${at + 1} of the letter`);
    const letter = (subject: string) => [...lines.slice(0, 20), subject, ...lines.slice(20)].join('\n');
    await sendAll(wire, { method: 'POST', url: charges, captureLimit: 100_000, body: letter('Dear Grace,') });
    return awaited(wire, wire.rules.expectRequest(post, { text: letter('Dear Ada,') }));
  },
  'graphql-operation': async (wire) => {
    await sendAll(wire, graphql('AddItem', { sku: 'cup', count: 1 }), graphql('Pay', {}));
    const operation = { operationName: 'AddItem', variables: { count: 2 } };
    return awaited(wire, wire.rules.expectRequest({ url: graph, graphql: operation }));
  },
  'multipart-form': async (wire) => {
    await sendAll(wire, multipart);
    const form = { title: 'A pot', photo: { filename: 'pot.png' } };
    return awaited(wire, wire.rules.expectRequest('POST https://shop.test/upload', { multipart: form }));
  },
  'binary-for-json': async (wire) => {
    const headers = ['Content-Type', 'image/png'];
    await sendAll(wire, { method: 'POST', url: charges, headers, captureLimit: 100_000, body: png });
    return awaited(wire, wire.rules.expectRequest(post, { json: { amount: 4200 } }));
  },
  'other-bytes': async (wire) => {
    const headers = ['Content-Type', 'image/png'];
    await sendAll(wire, { method: 'POST', url: charges, headers, captureLimit: 100_000, body: png });
    const body = Buffer.from(png);
    body[100] = 1;
    return awaited(wire, wire.rules.expectRequest(post, { body }));
  },
  'too-many-alike': async (wire) => {
    await sendAll(wire, ...[1, 2, 3].map(() => ({ method: 'POST', url: charges, body: { amount: 4200 } })));
    return awaited(wire, wire.rules.expectRequest(post, { times: 1 }));
  },
  'too-many': async (wire) => {
    await sendAll(wire, ...[4200, 100].map((amount) => ({ method: 'POST', url: charges, body: { amount } })));
    return awaited(wire, wire.rules.expectRequest(post, { times: 1 }));
  },
  'too-few': async (wire) => {
    await sendAll(wire, ...[4200, 100].map((amount) => ({ method: 'POST', url: charges, body: { amount } })));
    return awaited(wire, wire.rules.expectRequest(post, { json: { amount: 4200 }, times: 2 }));
  },
  'before-it-should': async (wire) => {
    await sendAll(wire, post, 'POST https://shop.test/login');
    const login = wire.rules.expectRequest('POST https://shop.test/login');
    return awaited(wire, wire.rules.expectRequest(post).after(login));
  },
  'came-and-should-not': async (wire) => {
    wire.rules.expectRequest('https://tracker.test/**', { times: 0 });
    await sendAll(wire, 'POST https://tracker.test/collect');
    return wire.rules.verify();
  },
  'refused-request': async (wire) => {
    wire.rules.stubResponse(`GET ${charges}/*`, 200);
    await sendAll(wire, 'PUT https://api.pay.test/v1/charges/17', { url: `${charges}/17` });
    return wire.rules.verify();
  },
  'refused-for-its-body': async (wire) => {
    wire.rules.stubResponse({ method: 'POST', url: charges, json: { amount: 4200 } }, 201);
    await sendAll(wire, ...[4200, 100].map((amount) => ({ method: 'POST', url: charges, body: { amount } })));
    return wire.rules.verify();
  },
  'refused-graphql': async (wire) => {
    wire.rules.stubResponse({ url: graph, graphql: 'Pay' }, 200);
    await sendAll(wire, graphql('Pay', {}), graphql('AddItem', { sku: 'cup' }));
    return wire.rules.verify();
  },
  'unused-stub': async (wire) => {
    wire.rules.stubResponse(`GET ${charges}`, 200);
    wire.rules.mutate('https://images.test/**', { response: { status: 404 } });
    await sendAll(wire, post);
    return wire.rules.verify();
  },
  'unused-stub-behind-another': async (wire) => {
    wire.rules.stubResponse('https://api.pay.test/**', 200);
    wire.rules.stubResponse('https://api.pay.test/**', 503);
    await sendAll(wire, post);
    return wire.rules.verify();
  },
  'unused-stub-may-be-why': async (wire) => {
    wire.rules.stubResponse(`POST ${charges}s`, 402);
    wire.rules.expectRequest('GET https://shop.test/declined');
    await sendAll(wire, post);
    return wire.rules.verify();
  },
  'handler-threw': async (wire) => {
    wire.rules.stubResponse(post, () => {
      throw new RangeError('no such card');
    });
    await sendAll(wire, post);
    return wire.rules.verify();
  },
  'several-problems': async (wire) => {
    wire.rules.expectRequest(post, { json: { amount: 4200 } });
    wire.rules.stubResponse('https://api.pay.test/fail', () => {
      throw new RangeError('no such card');
    });
    wire.rules.stubResponse('GET https://shop.test/card', 200);
    await sendAll(wire, 'GET https://api.pay.test/fail', 'GET https://ads.test/pixel.gif?visitor=1');
    return wire.rules.verify();
  },
};

const settings: Record<string, ConstructorParameters<typeof Wire>[0]> = {
  'refused-request': { unmatched: 'refuse' },
  'refused-for-its-body': { unmatched: 'refuse' },
  'refused-graphql': { unmatched: 'refuse' },
  'several-problems': { unmatched: 'refuse' },
  'unused-stub': { unusedStubs: 'fail' },
  'unused-stub-behind-another': { unusedStubs: 'fail' },
};

/** Without the library's own colours; what else steers a terminal stays. */
function stripColours(message = ''): string {
  return ['32', '31', '39'].reduce((text, code) => text.replaceAll(`\x1b[${code}m`, ''), message);
}

/** The message with the place of this file as it would be in a test of a user. */
function told(error: unknown): string {
  expect(error).toBeInstanceOf(Error);
  return `${(error as Error).message.replace(/[\w/.-]+\.test\.ts:\d+/g, 'checkout.spec.ts:12')}\n`;
}

describe('the message', () => {
  test.each(Object.entries(messages))('is as golden/%s.txt has it', async (name, tell) => {
    const message = told(await tell(new Wire(settings[name])));
    expect(message).not.toMatch(/s3cr3t|h1dd3n|\p{Cc}\[/u);
    await expect(message).toMatchFileSnapshot(join('golden', `${name}.txt`));
  });

  test('is in colours where they are wanted', async () => {
    const wire = new Wire({ colors: true });
    const message = told(await messages['nested-json']?.(wire));
    // Written so that the file can be read.
    await expect(message.replaceAll('\x1b', '\\e')).toMatchFileSnapshot(join('golden', 'in-colours.txt'));
    expect(stripVTControlCharacters(message)).toBe(told(await messages['nested-json']?.(new Wire())));
  });

  test('shows nothing that steers a terminal', async () => {
    const wire = new Wire({ unmatched: 'refuse', colors: true });
    wire.rules.stubResponse(`${post}/1`, 200);
    const evil = '\x1b]0;owned\x07\x9b31m\u202e';
    await sendAll(wire, {
      method: 'POST',
      url: `${charges}/${evil}`,
      headers: [`x-${evil}`, evil],
      body: `a${evil}\nb${evil}`,
    });
    const expectation = wire.rules.expectRequest(`${post}/2`, { text: 'a\nb', headers: (all) => all.a === 'b' });
    for (const error of [await awaited(wire, expectation), wire.rules.verify(), wire.journal.exchanges[0]?.error]) {
      expect(stripColours(error?.message)).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
    }
  });
});

test('the place of the first problem is where runners show the code', async () => {
  const wire = new Wire({ unusedStubs: 'fail' });
  wire.rules.stubResponse(post, 200);
  respond(wire.send('GET https://shop.test/').exchange, 200);
  const error = wire.rules.verify();
  expect(error?.code).toBe('WAYLAY_UNUSED');
  const [frame] = error?.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? [];
  expect(frame).toContain('golden.test.ts');
  // No line of the message itself may be taken for a frame: a place with line and column at its end.
  expect(error?.message).not.toMatch(/:\d+:\d+\)?$/m);
});
