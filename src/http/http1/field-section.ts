import { withoutBlanks } from '../blanks.js';
import { endToEnd, isNamed, NO_FIELDS, type RawHeaders } from '../headers.js';
import { type FieldList, HAS_CODING, HAS_CONNECTION, HAS_LENGTH, HAS_UPGRADE } from './field-list.js';
import { hashOf } from './known-text.js';
import { withoutFields } from './section-text.js';

/**
 * A section of fields as it came, to the byte: what it says, and how it leaves. A section that comes again is the same object,
 * so what is worked out for it once need not be again.
 */
export class FieldSection {
  /** In order, in the case that was sent, without the blanks around values; a character a byte (Latin-1). */
  readonly fields: RawHeaders;
  /** The bytes, with the empty line that ends them. */
  readonly bytes: Buffer;
  /** Each line is a field, and each field a line that ends by LF. */
  readonly isPlain: boolean;
  readonly #noticed: number;
  #text: string | undefined;
  #endToEnd: string | undefined;
  #endToEndCoded: string | undefined;
  #options: readonly string[] | undefined;

  constructor(list: FieldList, bytes: Buffer) {
    this.fields = list.fields.length === 0 ? NO_FIELDS : list.fields;
    this.bytes = bytes;
    this.isPlain = list.isPlain;
    this.#noticed = list.noticed;
  }

  /** {@link bytes}, a character each. */
  get text(): string {
    return (this.#text ??= this.bytes.toString('latin1'));
  }

  /** {@link text} without the lines of the fields that concern one connection only (RFC 9110, section 7.6.1). */
  get endToEnd(): string {
    return (this.#endToEnd ??= this.#without(false));
  }

  /** {@link endToEnd} with `Transfer-Encoding`: for a body that is passed on in the coding in which it came. */
  get endToEndCoded(): string {
    return this.hasCoding ? (this.#endToEndCoded ??= this.#without(true)) : this.endToEnd;
  }

  #without(keepCoding: boolean): string {
    const kept = endToEnd(this.fields);
    if (kept === this.fields) return this.text;
    // A field's fate depends on its name and value alone, so the kept ones are found by going through both lists.
    const dropped: boolean[] = [];
    let at = 0;
    for (let i = 0; i < this.fields.length; i += 2) {
      const isKept = kept[at] === this.fields[i] && kept[at + 1] === this.fields[i + 1];
      if (isKept) at += 2;
      dropped.push(!isKept && !(keepCoding && isNamed(this.fields[i] as string, 'transfer-encoding')));
    }
    return withoutFields(this.text, (index) => dropped[index] === true);
  }

  get hasLength(): boolean {
    return (this.#noticed & HAS_LENGTH) !== 0;
  }

  get hasCoding(): boolean {
    return (this.#noticed & HAS_CODING) !== 0;
  }

  get hasUpgrade(): boolean {
    return (this.#noticed & HAS_UPGRADE) !== 0;
  }

  /** Is it one of the options of `Connection`, which is given in lower case (RFC 9110, section 7.6.1)? */
  hasOption(option: string): boolean {
    if ((this.#noticed & HAS_CONNECTION) === 0) return false;
    this.#options ??= elements(this.fields, 'connection').map((element) => element.toLowerCase());
    return this.#options.includes(option);
  }
}

/** The elements of a field whose value is a list (RFC 9110, section 5.6.1), without the blanks around them; empty ones too. */
export function elements(fields: RawHeaders, name: string): string[] {
  const result: string[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    if (!isNamed(fields[i] as string, name)) continue;
    for (const element of (fields[i + 1] as string).split(',')) result.push(withoutBlanks(element));
  }
  return result;
}

/** The sections that came last, of all connections. A new one takes the place of one before it, so this never grows. */
const SLOTS = 256;
const MAX_KEPT = 2048;
const sections: (FieldSection | undefined)[] = new Array(SLOTS).fill(undefined);

/** The section of these bytes, which the list was read from: the same object as before, where they have come before. */
export function sectionOf(list: FieldList, bytes: Buffer, start: number, end: number): FieldSection {
  const length = end - start;
  if (length > MAX_KEPT) return new FieldSection(list, copyOf(bytes, start, end));
  const slot = sample(bytes, start, end) & (SLOTS - 1);
  const before = sections[slot];
  if (before !== undefined && before.bytes.length === length && isAt(before.bytes, bytes, start, end)) {
    return before;
  }
  return (sections[slot] = new FieldSection(list, copyOf(bytes, start, end)));
}

const SAMPLES = 16;

/** A number by which sections that differ mostly differ: in their length, or at some places. */
function sample(bytes: Buffer, start: number, end: number): number {
  const stride = Math.max(1, Math.floor((end - start) / SAMPLES));
  let hash = end - start;
  for (let i = end - 1; i >= start; i -= stride) hash = hashOf(hash, bytes[i] as number);
  return hash ^ (hash >>> 9);
}

/** Do the bytes begin with those of the section, whole? Then they need not be read. */
export function isAt(section: Buffer, bytes: Buffer, start: number, end: number): boolean {
  const length = section.length;
  return start + length <= end && bytes.compare(section, 0, length, start, start + length) === 0;
}

function copyOf(bytes: Buffer, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafe(end - start);
  bytes.copy(copy, 0, start, end);
  return copy;
}
