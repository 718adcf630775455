/**
 * The function, with its results kept for the arguments that come again and again. It has to be pure, and when it
 * has been asked for so many that they cannot be those, it forgets them all.
 *
 * @param keyOf what arguments with the same result have in common; default: they are the same
 */
export function memoize<Argument, Result extends object | string | null>(
  make: (argument: Argument) => Result,
  most = 1000,
  keyOf: (argument: Argument) => unknown = itself,
): (argument: Argument) => Result {
  const results = new Map<unknown, Result>();
  return (argument) => {
    const key = keyOf(argument);
    const known = results.get(key);
    if (known !== undefined) return known;
    const result = make(argument);
    if (results.size === most) results.clear();
    results.set(key, result);
    return result;
  };
}

function itself<T>(argument: T): T {
  return argument;
}
