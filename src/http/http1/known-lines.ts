import type { FieldList } from './field-list.js';
import type { FieldSection } from './field-section.js';
import { LF } from './octets.js';

/**
 * The lines of the section before, which are compared with the ones that are being read: most come again in their place, and
 * to compare a line takes a third of what it takes to read it.
 */
export class KnownLines {
  #section: FieldSection | undefined;
  /** The place of its next line. */
  #at = 0;
  /** The place of that line's name in its fields. */
  #field = 0;

  /** @param section none where nothing is known; only one whose lines are its fields will do */
  begin(section: FieldSection | undefined): void {
    this.#section = section?.isPlain === true ? section : undefined;
    this.#at = 0;
    this.#field = 0;
  }

  /** Adds the line's field where the line is known: where the next one begins, or 0. */
  read(bytes: Buffer, at: number, end: number, list: FieldList): number {
    const section = this.#section;
    if (section === undefined) return 0;
    const field = this.#field;
    if (field === section.fields.length) return 0;
    const known = section.bytes;
    let from = this.#at;
    let i = at;
    this.#field = field + 2;
    while (i < end) {
      const octet = known[from];
      if (octet !== bytes[i]) break;
      from += 1;
      i += 1;
      if (octet === LF) {
        this.#at = from;
        list.add(section.fields[field] as string, section.fields[field + 1] as string);
        list.emptyLine = true;
        list.continuable = true;
        return i;
      }
    }
    while (known[from] !== LF) from += 1;
    this.#at = from + 1;
    return 0;
  }
}
