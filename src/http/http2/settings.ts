/**
 * Bytes a peer may send before it has to wait for us, for a stream and for the connection (RFC 9113,
 * section 6.9). The protocol's default of 64 KiB makes every larger body wait for round trips.
 */
export const WINDOW_SIZE = 1024 * 1024;
