/** Memory up to this is used again for the next message. */
const REUSED = 64 * 1024;

const NOTHING = Buffer.alloc(0);

/** Gathers the bytes of one message after another, of each no more than the limit. */
export class Payload {
  readonly #limit: number;
  #memory = NOTHING;
  #kept = 0;
  /** Bytes that came, kept or not. */
  size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get truncated(): boolean {
    return this.size > this.#kept;
  }

  /** The bytes that are kept: a view, until the next {@link clear}. */
  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#kept);
  }

  /**
   * Adds a part of a frame's payload, which begins `offset` bytes into it; `following` bytes of the frame come after it.
   * The part itself is not changed.
   */
  append(part: Buffer, mask?: Buffer, offset = 0, following = 0): void {
    this.size += part.length;
    const length = Math.min(part.length, this.#limit - this.#kept);
    if (length === 0) return;
    this.#grow(this.#kept + length, following);
    part.copy(this.#memory, this.#kept, 0, length);
    if (mask !== undefined) unmask(this.#memory.subarray(this.#kept, this.#kept + length), mask, offset);
    this.#kept += length;
  }

  /** The bytes that are kept, to be kept on: a copy, unless the memory is not used again and fits. */
  take(): Buffer {
    const { bytes } = this;
    if (this.#kept <= REUSED || this.#memory.length > 1.25 * this.#kept) return Buffer.from(bytes);
    this.#memory = NOTHING;
    this.#kept = 0;
    return bytes;
  }

  clear(): void {
    this.size = 0;
    this.#kept = 0;
    if (this.#memory.length > REUSED) this.#memory = NOTHING;
  }

  // Grows to the length that a frame claims to have only when a good part of it has come: a few bytes may claim anything.
  #grow(length: number, following: number): void {
    if (length <= this.#memory.length) return;
    const size = following <= 16 * length ? length + following : 2 * length;
    const memory = Buffer.allocUnsafeSlow(Math.min(Math.max(size, 1024), this.#limit));
    this.bytes.copy(memory);
    this.#memory = memory;
  }
}

/** RFC 6455, section 5.3. */
function unmask(bytes: Buffer, mask: Buffer, offset: number): void {
  const key = [0, 1, 2, 3].map((at) => mask[(at + offset) & 3] ?? 0);
  for (let at = 0; at < bytes.length; at++) bytes[at] = (bytes[at] as number) ^ (key[at & 3] as number);
}
