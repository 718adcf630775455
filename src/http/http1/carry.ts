const FIRST_SIZE = 1024;

/** Bytes that came in pieces, put together: it grows by doubling, so that each byte is copied a bounded number of times. */
export class Carry {
  #bytes: Buffer = NOTHING;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The bytes, without a copy: valid until the next call. What follows `length` in it means nothing. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  append(from: Buffer, start: number, end: number): void {
    const length = this.#length + end - start;
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(FIRST_SIZE, length, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    from.copy(this.#bytes, this.#length, start, end);
    this.#length = length;
  }

  /** Leaves out the first bytes. */
  drop(count: number): void {
    if (count === this.#length) this.clear();
    else {
      this.#bytes.copyWithin(0, count, this.#length);
      this.#length -= count;
    }
  }

  clear(): void {
    this.#bytes = NOTHING;
    this.#length = 0;
  }
}

const NOTHING = Buffer.alloc(0);
