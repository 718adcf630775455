/**
 * A first-in, first-out queue that moves nothing that stays: an array of 10,000 takes a twentieth of a stub's answer for
 * that. A Map would do, but V8 keeps its former tables, with all that was in them, until a full collection.
 */
export class Queue<Item extends object> {
  /** The items; those before `#first` are gone. */
  readonly #items: (Item | undefined)[] = [];
  #first = 0;

  get length(): number {
    return this.#items.length - this.#first;
  }

  /** The item that would go out next. */
  get first(): Item | undefined {
    return this.#items[this.#first];
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  /** Takes out the first item that may go; those before it stay first. */
  take(mayGo: (item: Item) => boolean = () => true): Item | undefined {
    const items = this.#items;
    let at = this.#first;
    let item = items[at];
    while (item !== undefined && !mayGo(item)) item = items[++at];
    if (item === undefined) return undefined;
    for (; at > this.#first; at -= 1) items[at] = items[at - 1];
    items[at] = undefined;
    this.#first += 1;
    if (this.#first > this.length) {
      items.splice(0, this.#first);
      this.#first = 0;
    }
    return item;
  }

  /** The items, in order of arrival. */
  toArray(): Item[] {
    return this.#items.slice(this.#first) as Item[];
  }
}
