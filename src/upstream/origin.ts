/** The origin of the other end for undici; its requests are known by it. No host has this name (RFC 2606, section 2). */
export const ORIGIN = 'http://upstream.invalid';
