/** Replaces members of JSON that cannot be parsed: it broke off, or stands among other text. Pure; takes a time that grows as the text does. */
import type { JsonPaths } from './json-paths.js';

const COLON = /\s*:\s*/y;
const WORD = /[-+\w.]+/y;

/** The depth to which the path of a place is known; deeper members are told by their names alone. */
const DEEPEST = 10_000;

/** An object or a list that is open. */
interface Open {
  readonly paths: JsonPaths;
  /** The place in a list. */
  index: number | undefined;
}

/**
 * Masks the members that the paths call secret, as far as the way to them is in the text. A value that has not ended goes
 * to the end of its line, where it is a string, else to the end of the text.
 */
export function withoutMembers(text: string, paths: JsonPaths, instead: string): string {
  const open: Open[] = [];
  let deeper = 0;
  // The paths of the value that begins here, where it is one of a list or of a name.
  let inside: JsonPaths | undefined;
  let isItem = false;
  let shown = '';
  let kept = 0;
  /** The index at which the text goes on behind a secret value. */
  const hide = (start: number): number => {
    const end = endOfValue(text, start);
    if (end === undefined) return start;
    shown += `${text.slice(kept, start)}"${instead}"`;
    kept = end;
    return end;
  };

  for (let at = 0; at < text.length; ) {
    const character = text[at] as string;
    const top = open.at(-1);
    if (isItem && top?.index !== undefined && !/[\s\]]/.test(character)) {
      isItem = false;
      const place = top.paths.at(top.index);
      const end = place.secret ? hide(at) : at;
      if (end > at) {
        at = end;
        continue;
      }
      inside = place.inside;
    }
    switch (character) {
      case '"': {
        const end = stringEnd(text, at);
        const value = after(COLON, text, end);
        if (value !== undefined) {
          const place = (top?.paths ?? paths).at(nameOf(text.slice(at, end)));
          inside = place.inside;
          at = place.secret ? hide(value) : value;
        } else at = end;
        continue;
      }
      case '{':
      case '[':
        if (open.length < DEEPEST) {
          isItem = character === '[';
          open.push({ paths: inside ?? top?.paths ?? paths, index: isItem ? 0 : undefined });
        } else deeper++;
        inside = undefined;
        break;
      case '}':
      case ']':
        if (deeper > 0) deeper--;
        else open.pop();
        isItem = false;
        inside = undefined;
        break;
      case ',':
        inside = undefined;
        if (top?.index !== undefined && deeper === 0) {
          top.index++;
          isItem = true;
        }
        break;
    }
    at++;
  }
  return kept === 0 ? text : shown + text.slice(kept);
}

/** The end of a match that begins there. */
function after(expression: RegExp, text: string, at: number): number | undefined {
  expression.lastIndex = at;
  return expression.test(text) ? expression.lastIndex : undefined;
}

/** The end of the string that begins there; it has no line feed (RFC 8259, section 7). */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at];
    if (character === '"') return at + 1;
    if (character === '\n') return at;
    if (character === '\\') at++;
  }
  return text.length;
}

/** Undefined where nothing is that would be secret. */
function endOfValue(text: string, start: number): number | undefined {
  const first = text[start];
  if (first === '"') return stringEnd(text, start);
  if (first === '{' || first === '[') return endOfBrackets(text, start);
  const end = after(WORD, text, start);
  return end !== undefined && text.slice(start, end) !== 'null' ? end : undefined;
}

/** The end of the object or list that begins there: behind its last bracket, or at the end of the text. */
export function endOfBrackets(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = stringEnd(text, at) - 1;
    else if (character === '{' || character === '[') depth++;
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1;
  }
  return text.length;
}

function nameOf(written: string): string {
  try {
    return JSON.parse(written) as string;
  } catch {
    return written.replaceAll('"', '');
  }
}
