/** The number of a session's ids in a row that each have a slot of their own. */
const SLOTS = 256;

/** An id that no stream has. */
const FREE = -1;

/**
 * A table of an HTTP/2 session's streams by their ids, which only grow (RFC 9113, section 5.1.1).
 *
 * A Map would do, but V8 leaves in each former table of a Map the way to the next one: as soon as one of them is old, it
 * keeps all that follow until the next full collection, and every stream that was open when one took the other's place.
 * Here what is new takes the place of what is gone; the Map is for what finds its slot taken.
 */
export class StreamTable<Item extends object> extends Map<number, Item> {
  readonly #ids: number[] = new Array(SLOTS).fill(FREE);
  readonly #items: (Item | undefined)[] = new Array(SLOTS).fill(undefined);
  #inSlots = 0;

  override get size(): number {
    return this.#inSlots + super.size;
  }

  override get(id: number): Item | undefined {
    const slot = slotOf(id);
    return this.#ids[slot] === id ? this.#items[slot] : super.get(id);
  }

  override has(id: number): boolean {
    return this.get(id) !== undefined;
  }

  override set(id: number, item: Item): this {
    const slot = slotOf(id);
    if (this.#ids[slot] === id) {
      this.#items[slot] = item;
    } else if (this.#ids[slot] !== FREE || super.has(id)) {
      super.set(id, item);
    } else {
      this.#ids[slot] = id;
      this.#items[slot] = item;
      this.#inSlots += 1;
    }
    return this;
  }

  override delete(id: number): boolean {
    const slot = slotOf(id);
    if (this.#ids[slot] !== id) return super.delete(id);
    this.#ids[slot] = FREE;
    this.#items[slot] = undefined;
    this.#inSlots -= 1;
    return true;
  }

  override clear(): void {
    this.#ids.fill(FREE);
    this.#items.fill(undefined);
    this.#inSlots = 0;
    super.clear();
  }

  override forEach(visit: (item: Item, id: number, all: Map<number, Item>) => void, self?: unknown): void {
    for (const [id, item] of this.#inOrder()) visit.call(self, item, id, this);
  }

  override entries(): MapIterator<[number, Item]> {
    return this.#inOrder().entries();
  }

  override keys(): MapIterator<number> {
    return this.#inOrder().keys();
  }

  override values(): MapIterator<Item> {
    return this.#inOrder().values();
  }

  override [Symbol.iterator](): MapIterator<[number, Item]> {
    return this.entries();
  }

  /** All of them as they are now, by their ids, which is the order they came in. */
  #inOrder(): Map<number, Item> {
    const all = [...super.entries()];
    for (const [slot, item] of this.#items.entries()) {
      if (item !== undefined) all.push([this.#ids[slot] as number, item]);
    }
    return new Map(all.sort(([a], [b]) => a - b));
  }
}

// Clients have the odd ids, servers the even ones.
function slotOf(id: number): number {
  return (id >> 1) & (SLOTS - 1);
}
