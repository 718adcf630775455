/** The answers of a stub: the forms they can be written in, made ready. */
import { isPlainObject } from '../values/format.js';
import { fetchResponseReply, isFetchResponse } from './fetch-response.js';
import { EXAMPLE_REPLY, invalidReply } from './invalid-reply.js';
import { isPassthrough } from './passthrough.js';
import { type ReadyReply, sameForAll } from './ready-reply.js';
import { readReplyObject } from './reply-object.js';
import type { ReplyFunction } from './written-reply.js';

/**
 * Checks a reply and makes it ready, one for each answer; the last one repeats.
 * @throws {TestError} `WAYLAY_INVALID_REPLY` with the offending value and how to write it
 */
export function readyReplies(reply: unknown): readonly ReadyReply[] {
  if (!Array.isArray(reply)) return [ready(reply)];
  if (reply.length === 0)
    throw invalidReply(reply, 'a list of replies needs at least one', '[503, { json: { ok: true } }]');
  return reply.map(ready);
}

function ready(reply: unknown): ReadyReply {
  return typeof reply === 'function' ? ofFunction(reply as ReplyFunction) : readyReply(reply, true);
}

function ofFunction(reply: ReplyFunction): ReadyReply {
  return {
    needsBody: true,
    outcome: async (asked) => readyReply(await reply(asked.exchange.request), false).outcome(asked),
  };
}

/**
 * Makes one answer ready.
 *
 * @param again it is as the test wrote it and may be asked for more than once; else a function returned it
 * @throws {TestError} `WAYLAY_INVALID_REPLY`
 */
function readyReply(reply: unknown, again: boolean): ReadyReply {
  if (typeof reply === 'number') return readReplyObject({ status: reply }, again);
  if (typeof reply === 'string') return readReplyObject({ text: reply }, again);
  if (isFetchResponse(reply)) return fetchResponseReply(reply, again);
  if (isPassthrough(reply)) return sameForAll({ action: 'pass' });
  if (isPlainObject(reply)) return readReplyObject(reply, again);
  if (Array.isArray(reply)) {
    const why = 'a list stands for itself, neither in another list nor as what a function returns';
    throw invalidReply(reply, why, '[503, { json: { ok: true } }]');
  }
  if (reply instanceof Promise) throw invalidReply(reply, 'a promise is not awaited here', '() => promise');
  throw invalidReply(
    reply,
    'a reply is a status, a text, an object, a Response or a function that returns one of these',
    EXAMPLE_REPLY,
  );
}
