/** A token, as methods and the names of fields are (RFC 9110, section 5.6.2). */
export const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;

/** Is it a token? */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}
