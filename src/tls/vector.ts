/**
 * A cursor over the vectors of a TLS message (RFC 8446, section 3.4), without copies. What does
 * not fit marks the whole message as broken and reads as empty: the reader looks at `broken` once,
 * at its end, and cannot leave the bounds before.
 */
export class Vector {
  readonly #bytes: Buffer;
  readonly #message: { broken: boolean };
  #position: number;
  #end: number;

  private constructor(bytes: Buffer, position: number, end: number, message: { broken: boolean }) {
    this.#bytes = bytes;
    this.#position = position;
    this.#end = end;
    this.#message = message;
  }

  /** The whole of a message. */
  static over(bytes: Buffer): Vector {
    return new Vector(bytes, 0, bytes.length, { broken: false });
  }

  /** Something in the message did not fit, here or in any vector of the same message. */
  get broken(): boolean {
    return this.#message.broken;
  }

  /** Bytes left. */
  get length(): number {
    return this.#end - this.#position;
  }

  fail(): void {
    this.#message.broken = true;
    this.#position = this.#end;
  }

  /** Nothing may be left. */
  expectEnd(): void {
    if (this.length > 0) this.fail();
  }

  uint8(): number {
    const at = this.#take(1);
    return at === undefined ? 0 : this.#bytes.readUInt8(at);
  }

  uint16(): number {
    const at = this.#take(2);
    return at === undefined ? 0 : this.#bytes.readUInt16BE(at);
  }

  skip(length: number): void {
    this.#take(length);
  }

  /** The vector that follows, its length in one byte. */
  vector8(): Vector {
    return this.#vector(this.uint8());
  }

  /** The vector that follows, its length in two bytes. */
  vector16(): Vector {
    return this.#vector(this.uint16());
  }

  /** All that is left, as numbers of two bytes; an empty or odd rest does not fit. */
  uint16s(): number[] {
    const numbers: number[] = [];
    if (this.length === 0) this.fail();
    while (this.length > 0) numbers.push(this.uint16());
    return numbers;
  }

  /** All that is left, as text; an empty rest does not fit. */
  text(encoding: 'latin1' | 'utf8'): string {
    const start = this.#position;
    if (this.length === 0) this.fail();
    this.#position = this.#end;
    return this.#bytes.toString(encoding, start, this.#end);
  }

  #vector(length: number): Vector {
    const start = this.#take(length) ?? this.#end;
    return new Vector(this.#bytes, start, this.#position, this.#message);
  }

  #take(length: number): number | undefined {
    if (length > this.length) {
      this.fail();
      return undefined;
    }
    const start = this.#position;
    this.#position += length;
    return start;
  }
}
