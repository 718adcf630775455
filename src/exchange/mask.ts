/** Header fields that are masked where no others are asked for. */
export const DEFAULT_MASK: readonly string[] = [
  'authorization',
  'cookie',
  'set-cookie',
  'proxy-authorization',
  'x-api-key',
];
