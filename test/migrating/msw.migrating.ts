import { afterAll, beforeAll, describe, test } from 'vitest';
import { useWaylay } from '../../fixtures/vitest.js';
import { sections } from './sections.js';

// Not among the types of this project: it is installed beside these tests only.
const { http, HttpResponse } = await import('msw' as string);
const { setupServer } = await import('msw/node' as string);

describe.each(sections('msw'))('$title', ({ before, after }) => {
  describe('before', () => {
    const server = setupServer();
    beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
    afterAll(() => server.close());

    test('with MSW', () => before({ server, http, HttpResponse }));
  });

  describe('after', () => {
    const waylay = useWaylay();

    test('with Waylay', () => after({ waylay }));
  });
});
