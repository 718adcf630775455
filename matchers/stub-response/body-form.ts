import type { RawHeaders } from '../../src/http/headers.js';
import type { Answer } from '../../src/interceptor.js';
import type { Refuse } from './invalid-reply.js';
import type { StubbedRequest } from './ready-reply.js';

/** A reply's body, checked. */
export type ReplyBody = {
  /** The field that goes with it, unless the reply's headers have one of that name. */
  readonly field?: readonly [name: string, value: string];
  /** The statuses that it can go with, the default first; absent where every one is right, and 200 the default. */
  readonly statuses?: readonly number[];
} & (
  | { readonly bytes: Buffer }
  | {
      /** Makes the answer of the head as it was written; it depends on what is asked for. */
      answer(head: Omit<Answer, 'body'>, asked: StubbedRequest): Promise<Answer>;
    }
  | {
      /** It is opened when the request's body has come. */
      readonly needsBody?: boolean;
      /** Opens it for one answer. */
      open(asked: StubbedRequest): AsyncIterable<Buffer> | Promise<AsyncIterable<Buffer>>;
    }
);

/** Reads one of the keys that say what the body is. */
export type BodyForm = (value: unknown, refuse: Refuse, headers: RawHeaders) => ReplyBody;
