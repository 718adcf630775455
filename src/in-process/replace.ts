/**
 * Replaces a property, and gives back what undoes that exactly: the descriptor is the same afterwards. Where somebody
 * else has replaced the property since, theirs stays.
 */
export function replace<T extends object, K extends keyof T>(
  object: T,
  key: K,
  make: (original: T[K]) => T[K],
): () => void {
  const before = Object.getOwnPropertyDescriptor(object, key);
  const value = make(object[key]);
  Object.defineProperty(object, key, {
    writable: before?.writable ?? true,
    enumerable: before?.enumerable ?? true,
    configurable: before?.configurable ?? true,
    value,
  });
  return () => {
    if (object[key] !== value) return;
    if (before === undefined) delete object[key];
    else Object.defineProperty(object, key, before);
  };
}
