/** Limits that both sides share. */

/** The most bytes of a head (start line and fields) that are read, of either side; what browsers take (Chromium: 256 KiB). */
export const MAX_HEAD_SIZE = 256 * 1024;
