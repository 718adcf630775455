/** Replaces members of JSON that cannot be parsed: it broke off, or stands among other text. Pure; takes a time that grows as the text does. */

const COLON = /\s*:\s*/y;
const WORD = /[-+\w.]+/y;

/**
 * Members are told by their names alone. A value that has not ended goes to the end of its line, where it is a string, else
 * to the end of the text.
 */
export function withoutMembers(text: string, isSecret: (name: string) => boolean, instead: string): string {
  let shown = '';
  let kept = 0;
  for (let at = text.indexOf('"'); at !== -1; ) {
    const end = stringEnd(text, at);
    const value = after(COLON, text, end);
    let next = end;
    if (value !== undefined && isSecret(nameOf(text.slice(at, end)))) {
      const valueEnd = endOfValue(text, value);
      if (valueEnd !== undefined) {
        shown += `${text.slice(kept, value)}"${instead}"`;
        kept = next = valueEnd;
      }
    }
    at = text.indexOf('"', next);
  }
  return kept === 0 ? text : shown + text.slice(kept);
}

/** Where a match that begins there ends. */
function after(expression: RegExp, text: string, at: number): number | undefined {
  expression.lastIndex = at;
  return expression.test(text) ? expression.lastIndex : undefined;
}

/** Where the string that begins there ends; it has no line feed (RFC 8259, section 7). */
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

function endOfBrackets(text: string, start: number): number {
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
