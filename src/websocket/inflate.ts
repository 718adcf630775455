import { constants, inflateRawSync } from 'node:zlib';
import type { Sender } from './message.js';

/** The mode that says if a message of a sender may refer to earlier ones (RFC 7692, section 7.1.1). */
export type Compression = 'context takeover' | 'no context takeover';

/** The compression that the response to the handshake has agreed on for one sender; undefined where nothing is compressed. */
export function agreedCompression(extensions: string | undefined, sender: Sender): Compression | undefined {
  const agreed = (extensions ?? '')
    .toLowerCase()
    .split(',')
    .map((extension) => extension.split(';').map((part) => part.trim()))
    .find(([name]) => name === 'permessage-deflate');
  if (agreed === undefined) return undefined;
  return agreed.includes(`${sender}_no_context_takeover`) ? 'no context takeover' : 'context takeover';
}

/** A message with its compression undone, or why that is impossible. */
export type Inflated =
  | { readonly bytes: Buffer }
  | { readonly problem: 'invalid' | 'too large'; readonly cause: unknown };

/** Bytes that a message may unfold to: a few kilobytes can unfold to gigabytes. */
export const INFLATED_LIMIT = 64 * 1024 * 1024;

/** RFC 7692, section 7.2.2: what every sender leaves out at the end of a message. */
export const DEFLATE_TAIL = Buffer.from([0, 0, 0xff, 0xff]);

// RFC 1951, section 2: references reach back so far, and with a smaller window less far.
const WINDOW_SIZE = 32 * 1024;

/**
 * Undoes the compression of a sender's messages, one after the other. At once and not on another thread: a message is in
 * the journal before its receiver can act upon it.
 */
export class Inflater {
  readonly #compression: Compression;
  #window: Buffer | undefined;

  constructor(compression: Compression) {
    this.#compression = compression;
  }

  /** The message is whole, with {@link DEFLATE_TAIL} at its end. After a failure no other can be undone. */
  inflate(message: Buffer): Inflated {
    try {
      const bytes = inflateRawSync(message, {
        // The last block is none that ends a stream.
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: INFLATED_LIMIT,
        // The default of 16 KiB, for every small message, is most of what it costs.
        chunkSize: Math.min(Math.max(1024, 4 * message.length), 256 * 1024),
        ...(this.#window !== undefined && { dictionary: this.#window }),
      });
      if (this.#compression === 'context takeover') this.#remember(bytes);
      return { bytes };
    } catch (cause) {
      const large = (cause as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
      return { problem: large ? 'too large' : 'invalid', cause };
    }
  }

  #remember(bytes: Buffer): void {
    if (bytes.length === 0) return;
    const before = this.#window ?? Buffer.alloc(0);
    this.#window = Buffer.concat([before, bytes.subarray(-WINDOW_SIZE)]).subarray(-WINDOW_SIZE);
  }
}
