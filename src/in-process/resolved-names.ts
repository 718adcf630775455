import { nameOfSynthetic } from '../net/synthetic-addresses.js';

/**
 * The addresses that one test's names really have, for clients that connect to these: the rules for the name hold for
 * them, too.
 */
export class ResolvedNames {
  /** Undefined: of several names. */
  readonly #byAddress = new Map<string, string | undefined>();

  add(name: string, addresses: readonly string[]): void {
    for (const address of addresses) {
      // Skips the addresses that whatever runs on this machine has.
      if (/^(?:127\.|0\.0\.0\.0$|::1?$|::ffff:127\.)/i.test(address)) continue;
      const other = this.#byAddress.has(address) && this.#byAddress.get(address) !== name;
      this.#byAddress.set(address, other ? undefined : name);
    }
  }

  /** The name that is meant by an address; the address where none is known, or several are. */
  nameOf(host: string): string {
    return nameOfSynthetic(host) ?? this.#byAddress.get(host) ?? host;
  }
}
