import type { Field } from './field.js';
import { describeUnread, isUnreadable } from './field.js';
import { ask } from './value.js';
import type { FieldVerdict } from './verdict.js';

/** A predicate read the body before it had come in full; it is to be asked again when it has. */
export class BodyAwaited extends Error {}

/**
 * A pattern that is a function of the whole request. Whether it needs the body shows when it is
 * asked: reading one that is not there yet is a request to wait for it ({@link BodyAwaited}).
 */
export function predicateField(predicate: unknown): Field {
  const name = 'predicate';
  return {
    name,
    needsBody: false,
    test: ({ request }) => {
      try {
        return ask(predicate, request);
      } catch (error) {
        if (!isUnreadable(error)) throw error;
        if (!request.captured.complete) throw new BodyAwaited();
        return false;
      }
    },
    explain: ({ request }): FieldVerdict => {
      const verdict = { field: name, expected: predicate, actual: false, weight: 3 };
      // A plain "no" tells nothing of how near it was.
      const failed = (reason: string, distance = 0.4) => ({
        ...verdict,
        pass: false,
        distance,
        differences: [{ path: [], expected: predicate, actual: false, reason }],
      });
      try {
        if (!ask(predicate, request)) return failed('returned false', 1);
        return { ...verdict, actual: true, pass: true, distance: 0, differences: [] };
      } catch (error) {
        return failed(isUnreadable(error) ? `found ${describeUnread(request, error).text}` : `threw ${String(error)}`);
      }
    },
  };
}
