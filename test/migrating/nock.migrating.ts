import { afterEach, describe, expect, test } from 'vitest';
import { useWaylay } from '../../fixtures/vitest.js';
import { sections } from './sections.js';

// Not among the types of this project: it is installed beside these tests only.
const { default: nock } = await import('nock' as string);

describe.each(sections('nock'))('$title', ({ before, after }) => {
  describe('before', () => {
    afterEach(() => {
      nock.cleanAll();
      nock.restore();
    });

    test('with nock', async () => {
      nock.activate();
      await before({ nock });
    });
  });

  describe('after', () => {
    const waylay = useWaylay();

    test('with Waylay', async () => {
      expect(nock.isActive()).toBe(false);
      await after({ waylay });
    });
  });
});

nock.restore();
