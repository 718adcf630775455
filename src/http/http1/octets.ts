/** Octets that HTTP/1 gives a meaning (RFC 9112, section 2.2; RFC 5234, appendix B.1). */

export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;

/** The value of each hexadecimal digit; 16 for what is none. */
export const HEX_VALUES = new Uint8Array(256).fill(16);
for (let value = 0; value < 16; value += 1) {
  const digit = value.toString(16);
  HEX_VALUES[digit.charCodeAt(0)] = value;
  HEX_VALUES[digit.toUpperCase().charCodeAt(0)] = value;
}
