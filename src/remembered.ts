/**
 * The function, with its results kept for the arguments that come again and again. It has to be pure, and when it
 * has been asked for so many that they cannot be those, it forgets them all.
 */
export function remembered<Argument, Result extends object | string | null>(
  make: (argument: Argument) => Result,
  most = 1000,
): (argument: Argument) => Result {
  const results = new Map<Argument, Result>();
  return (argument) => {
    const known = results.get(argument);
    if (known !== undefined) return known;
    const result = make(argument);
    if (results.size === most) results.clear();
    results.set(argument, result);
    return result;
  };
}
