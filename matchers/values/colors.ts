/** Marks what was expected and what was received. */
export interface Colors {
  expected(text: string): string;
  received(text: string): string;
}

/** Text as it is: for files, and for terminals that want no colours. */
export const NO_COLORS: Colors = { expected: (text) => text, received: (text) => text };

/** Colours as in the messages of Playwright, Jest and Vitest: expected green, received red (ECMA-48, SGR). */
export const ANSI_COLORS: Colors = {
  expected: (text) => `\x1b[32m${text}\x1b[39m`,
  received: (text) => `\x1b[31m${text}\x1b[39m`,
};

/**
 * True if messages of this process are to have colours: `NO_COLOR` forbids them, `FORCE_COLOR` asks for them, else a
 * terminal has them. Playwright sets `FORCE_COLOR` for its workers and removes colours where its reporters cannot show
 * them.
 */
export function wantsColors(
  env: Readonly<Record<string, string | undefined>>,
  output: { readonly isTTY?: boolean | undefined },
): boolean {
  const { NO_COLOR = '', FORCE_COLOR, TERM } = env;
  if (NO_COLOR !== '' || FORCE_COLOR === '0' || FORCE_COLOR === 'false') return false;
  return FORCE_COLOR !== undefined || (output.isTTY === true && TERM !== 'dumb');
}
