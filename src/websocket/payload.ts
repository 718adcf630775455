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

  /** What is kept: a view, until the next {@link clear}. */
  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#kept);
  }

  /** Adds a part of a frame's payload, which begins `offset` bytes into it. The part itself is not changed. */
  append(part: Buffer, mask: Buffer | undefined, offset: number): void {
    this.size += part.length;
    const length = Math.min(part.length, this.#limit - this.#kept);
    if (length === 0) return;
    this.#grow(this.#kept + length);
    part.copy(this.#memory, this.#kept, 0, length);
    if (mask !== undefined) unmask(this.#memory.subarray(this.#kept, this.#kept + length), mask, offset);
    this.#kept += length;
  }

  clear(): void {
    this.size = 0;
    this.#kept = 0;
    if (this.#memory.length > REUSED) this.#memory = NOTHING;
  }

  // By doubling, and not to the length that a frame claims to have: a few bytes may claim anything.
  #grow(length: number): void {
    if (length <= this.#memory.length) return;
    const memory = Buffer.allocUnsafeSlow(Math.min(Math.max(length, 2 * this.#memory.length, 1024), this.#limit));
    this.bytes.copy(memory);
    this.#memory = memory;
  }
}

/** RFC 6455, section 5.3. */
function unmask(bytes: Buffer, mask: Buffer, offset: number): void {
  const key = [0, 1, 2, 3].map((at) => mask[(at + offset) & 3] ?? 0);
  for (let at = 0; at < bytes.length; at++) bytes[at] = (bytes[at] as number) ^ (key[at & 3] as number);
}
