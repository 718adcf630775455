/** Places in JSON, by keys from the outside inwards: `'**.password'`, `'user.tokens.*'`. */

/** The rest of some paths that have been gone along; `secret` where one of them ends here. */
export interface JsonPlace {
  readonly secret: boolean;
  readonly inside: JsonPaths;
}

/** Names are compared without regard to case, `-` and `_`. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '');
}

/** A set of paths, and where they lead from one place. */
export class JsonPaths {
  readonly #paths: readonly (readonly string[])[];
  /** The names of the paths `**.name`, which are most: they hold everywhere. */
  readonly #anywhere: ReadonlySet<string>;

  private constructor(paths: readonly (readonly string[])[], anywhere: ReadonlySet<string>) {
    this.#paths = paths;
    this.#anywhere = anywhere;
  }

  /** Reads paths as they are written. */
  static of(written: readonly string[]): JsonPaths {
    const anywhere = new Set<string>();
    const paths: string[][] = [];
    for (const text of written) {
      const keys = text
        .replace(/\[(\d+|\*)\]/g, '.$1')
        .split('.')
        .filter((key) => key !== '')
        .map((key) => (/^\*+$/.test(key) ? key : plainName(key)))
        .filter((key, at, all) => key !== '**' || all[at - 1] !== '**');
      const [first, second] = keys;
      if (keys.length === 2 && first === '**' && second !== undefined && second !== '*') anywhere.add(second);
      else if (keys.length > 0) paths.push(keys);
    }
    return new JsonPaths(paths, anywhere);
  }

  /** True if the name is secret wherever it stands. */
  has(name: string): boolean {
    return this.#anywhere.has(plainName(name));
  }

  get empty(): boolean {
    return this.#paths.length === 0 && this.#anywhere.size === 0;
  }

  /** Goes on by one key, or by an index. */
  at(key: string | number): JsonPlace {
    const name = typeof key === 'number' ? String(key) : plainName(key);
    let secret = this.#anywhere.has(name);
    if (this.#paths.length === 0) return { secret, inside: this };
    const inside: (readonly string[])[] = [];
    const seen = new Set<string>();
    // One place may be come to again and again where `**` stands in the midst of a path.
    const goOn = (path: readonly string[]): void => {
      const written = path.join('.');
      if (!seen.has(written)) inside.push(path);
      seen.add(written);
    };
    const step = (path: readonly string[]): void => {
      const [first, ...rest] = path;
      if (first === '**') {
        goOn(path);
        if (rest.length === 0) secret = true;
        else step(rest);
      } else if (first === '*' || first === name) {
        if (rest.length === 0) secret = true;
        else goOn(rest);
      }
    };
    for (const path of this.#paths) step(path);
    return { secret, inside: new JsonPaths(inside, this.#anywhere) };
  }
}
