/** A token, as methods and the names of fields are (RFC 9110, section 5.6.2). */
export const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;

/** 1 for each octet of a token. */
export const TOKEN_OCTETS = new Uint8Array(256);
for (let octet = 0; octet < TOKEN_OCTETS.length; octet += 1) {
  if (TOKEN.test(String.fromCharCode(octet))) TOKEN_OCTETS[octet] = 1;
}

/** Is it a token? */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}
