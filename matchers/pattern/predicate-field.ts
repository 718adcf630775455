import { types } from 'node:util';
import { TestError } from '../../src/errors.js';
import type { Request } from '../../src/journal/message.js';
import { invalidPattern } from '../values/invalid-pattern.js';
import { ask } from '../values/value.js';
import { describeUnread, type Field, isUnreadable } from './field.js';
import type { FieldVerdict } from './verdict.js';

/** A predicate read the body before it had come in full; it is to be asked again when it has. */
export class BodyAwaited extends TestError {
  constructor(request: Request) {
    super('WAYLAY_BODY_INCOMPLETE', `A predicate read the body of ${request}, which has not arrived in full.`);
  }
}

/**
 * A pattern that is a function of the whole request. Whether it needs the body shows when it is
 * asked: reading one that is not there yet is a request to wait for it ({@link BodyAwaited}).
 */
export function predicateField(predicate: unknown): Field {
  if (types.isAsyncFunction(predicate)) {
    const why = 'a predicate answers at once, and an async function never does';
    throw invalidPattern(
      predicate,
      why,
      '(request) => request.json().amount > 4000: it is asked when the body has come',
    );
  }
  const name = 'predicate';
  return {
    name,
    needsBody: false,
    plain: false,
    test: ({ request }) => {
      try {
        return answerOf(predicate, request);
      } catch (error) {
        if (error instanceof BodyAwaited || !isUnreadable(error)) throw error;
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
        if (!answerOf(predicate, request)) return failed('returned false', 1);
        return { ...verdict, actual: true, pass: true, distance: 0, differences: [] };
      } catch (error) {
        return failed(isUnreadable(error) ? `found ${describeUnread(request, error).text}` : `threw ${String(error)}`);
      }
    },
  };
}

/** The predicate's answer, unless it was of a part of the body: then neither its answer nor what it threw counts. */
function answerOf(predicate: unknown, request: Request): boolean {
  const { captured } = request;
  const before = captured.earlyReads;
  try {
    const answer = ask(predicate, request);
    if (captured.earlyReads === before) return answer;
  } catch (error) {
    if (captured.earlyReads === before) throw error;
  }
  throw new BodyAwaited(request);
}
