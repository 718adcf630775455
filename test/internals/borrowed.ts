/** Things borrowed from others' insides, as docs/internals.md lists it: a canary says by name what is gone. */

/** Fails where what is borrowed is not as it was. */
export type Holds = (holds: boolean, what: string) => void;

/**
 * Names one row of docs/internals.md.
 * @param row its heading there
 * @param of whose it is, with the version
 * @example
 * const holds = borrowed('A session’s `state`');
 * holds(state?.streams instanceof Map, 'a session keeps its streams in `streams`');
 */
export function borrowed(row: string, of = `Node ${process.version}`): Holds {
  return (holds, what) => {
    if (!holds) throw new Error(`Not so any more in ${of}: ${what}. See docs/internals.md, "${row}".`);
  };
}

/** The value of the symbol of this description. */
export function bySymbol(object: object, description: string): unknown {
  const key = Object.getOwnPropertySymbols(object).find((symbol) => symbol.description === description);
  return key && (object as Record<symbol, unknown>)[key];
}
