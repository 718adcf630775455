/** Bytes that wait to be read, in the order in which they came. */
export class Unread {
  #waiting: Buffer[] = [];
  #next = 0;

  get isEmpty(): boolean {
    return this.#next === this.#waiting.length;
  }

  add(bytes: Buffer): void {
    if (bytes.length > 0) this.#waiting.push(bytes);
  }

  /** The first of them; there has to be one. */
  next(): Buffer {
    const bytes = this.#waiting[this.#next] as Buffer;
    this.#next += 1;
    if (this.isEmpty) {
      this.#waiting = [];
      this.#next = 0;
    }
    return bytes;
  }

  /** All of them, behind some others. */
  takeAll(...first: Buffer[]): Buffer {
    const all = [...first, ...this.#waiting.slice(this.#next)].filter(({ length }) => length > 0);
    this.#waiting = [];
    this.#next = 0;
    return all.length === 1 ? (all[0] as Buffer) : Buffer.concat(all);
  }
}
