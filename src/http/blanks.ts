/**
 * The text without the spaces and tabs at its ends (RFC 9110, section 5.6.3): no other character is a blank in HTTP. An
 * expression would look at a run of blanks within it once for each of them.
 */
export function withoutBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}
