/**
 * The text with its control and format characters written as escapes, line feeds aside: what a peer sent
 * must neither steer a terminal nor hide in a message.
 */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/gu, asEscape);
}

function asEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
