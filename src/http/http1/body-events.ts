import type { RawHeaders } from '../headers.js';
import type { ReadFailure } from './failure.js';

/** Takes what follows the head of a message. What a reader calls must not throw. */
export interface BodyEvents {
  /** Bytes of the body: a part of what was pushed, not a copy. */
  data(bytes: Buffer): void;
  /**
   * The bytes of a chunked body as they came, after the `data` in them: sizes, extensions, line ends and trailers included.
   * Passed on, they are read by the receiver as they would have been read from the sender.
   */
  coded?(bytes: Buffer): void;
  /** The message is complete. */
  end(trailers: RawHeaders): void;
  /** The message cannot be read; nothing comes any more. Its bytes are there by `takeUnread`. */
  fail(failure: ReadFailure): void;
}
