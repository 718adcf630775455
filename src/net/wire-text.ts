/**
 * The heads of messages are read byte by byte, and some clients put UTF-8 there: the text that these bytes are. What is
 * none stays as it is. Pure.
 */
export function wireText(text: string): string {
  if (!/[\u0080-\u00ff]/.test(text) || /[\u0100-\uffff]/.test(text)) return text;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'latin1'));
  } catch {
    return text;
  }
}
