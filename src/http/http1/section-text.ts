/**
 * The text of a section of fields without the lines of some fields; all others stay as they came. A line that goes on with
 * the field before it stays or goes with it; one that is no field stays.
 *
 * @param isDropped asked with the place of the field in the list of fields that was read from the text
 */
export function withoutFields(text: string, isDropped: (index: number) => boolean): string {
  let kept = '';
  let field = -1;
  let dropping = false;
  let start = 0;
  while (start < text.length) {
    const end = lineEnd(text, start);
    const first = text[start];
    const isEmpty = first === '\r' || first === '\n';
    // One that begins with a blank goes on with the field before it, also behind a CR by itself.
    if (!isEmpty && first !== ' ' && first !== '\t') {
      const startsField = isField(text, start, end);
      if (startsField) field += 1;
      dropping = startsField && isDropped(field);
    }
    if (isEmpty || !dropping) kept += text.slice(start, end);
    start = end;
  }
  return kept;
}

/** Behind the CRLF, LF, or CR by itself, see lenient-fields.ts. */
function lineEnd(text: string, start: number): number {
  let i = start;
  while (i < text.length && text[i] !== '\r' && text[i] !== '\n') i += 1;
  return text[i] === '\r' && text[i + 1] === '\n' ? i + 2 : i + 1;
}

/** Has it a colon, and something other than blanks before it? The line begins with no blank. */
function isField(text: string, start: number, end: number): boolean {
  let i = start;
  while (i < end && text[i] !== ':') i += 1;
  return i > start && i < end;
}
