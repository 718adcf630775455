/** Tests that run at once, each with a journal of its own. */
import http from 'node:http';
import { describe, test as plain } from 'vitest';
import { expect, test, useWaylay } from '../../../fixtures/vitest.js';

const agent = new http.Agent({ keepAlive: true });
const names = ['a', 'b', 'c', 'd', 'e'];

// Each waits until all have sent their first request: they do run at once.
function meeting(count: number): () => Promise<void> {
  let open = () => {};
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  return () => {
    count -= 1;
    if (count === 0) open();
    return all;
  };
}

function viaAgent(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    http
      .get(url, { agent }, async (response) => {
        let text = '';
        for await (const chunk of response) text += chunk;
        resolve(text);
      })
      .on('error', reject);
  });
}

async function talk(
  waylay: { stubResponse(pattern: string, reply: string): unknown; exchanges: readonly object[] },
  name: string,
  meet: () => Promise<void>,
): Promise<void> {
  waylay.stubResponse('http://nowhere.test/**', name);
  const one = await (await fetch(`http://nowhere.test/${name}`)).text();
  await viaAgent(`http://nowhere.test/${name}/agent`);
  await meet();
  const other = await (await fetch(`http://nowhere.test/${name}`)).text();
  const third = await viaAgent(`http://nowhere.test/${name}/agent`);
  expect([one, other, third]).toEqual([name, name, name]);
  expect(waylay.exchanges).toHaveLength(4);
}

describe.concurrent('useWaylay', () => {
  const waylay = useWaylay();
  const meet = meeting(names.length);
  plain.each(names)('%s', (name) => talk(waylay, name, meet));
});

describe.concurrent('the fixture', () => {
  const meet = meeting(names.length);
  for (const name of names) test(`with ${name}`, ({ waylay }) => talk(waylay, name, meet));
});
