import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { askDirectly } from '../../net/direct.js';
import type { Clock } from '../../runtime/clock.js';

// Kept as long as in Chromium: a page's connections ask for the same few names.
const KEPT = 60_000;

/** Asks the system: all addresses of a name, in its order. */
export type Resolve = (host: string, options: { family: number; hints: number }) => Promise<LookupAddress[]>;

interface Answer {
  readonly addresses: Promise<LookupAddress[]>;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/**
 * Names as the system resolves them, its answers kept for a minute: being asked takes a twelfth of all that a new
 * connection takes, and where a DNS server has to answer, much of the time that it takes. What fails is asked again.
 */
export class Resolver {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #resolve: Resolve;
  readonly #answers = new Map<string, Answer>();

  constructor(clock: Pick<Clock, 'now'>, resolve: Resolve = bySystem) {
    this.#clock = clock;
    this.#resolve = resolve;
  }

  /** The lookup function for `net.connect`. */
  readonly lookup: LookupFunction = (host, { family, hints = 0, all }, callback) => {
    this.#addressesOf(host, { family: familyOf(family), hints }).then(
      (addresses) => {
        const [first] = addresses;
        if (all) callback(null, addresses);
        else callback(null, first?.address ?? '', first?.family);
      },
      (error) => callback(error, ''),
    );
  };

  /** Its addresses are of no use: they are asked for again. */
  forget(host: string): void {
    for (const key of this.#answers.keys()) if (key.startsWith(`${host} `)) this.#answers.delete(key);
  }

  #addressesOf(host: string, options: { family: number; hints: number }): Promise<LookupAddress[]> {
    const key = `${host} ${options.family} ${options.hints}`;
    const known = this.#answers.get(key);
    if (known !== undefined && this.#clock.now() < known.until) return known.addresses;
    const addresses = this.#resolve(host, options);
    this.#answers.set(key, { addresses, until: this.#clock.now() + KEPT });
    addresses.catch(() => this.#answers.delete(key));
    return addresses;
  }
}

function familyOf(family: number | string | undefined): number {
  return family === 'IPv4' ? 4 : family === 'IPv6' ? 6 : Number(family ?? 0);
}

function bySystem(host: string, options: { family: number; hints: number }): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    // A test that is running may answer for it: this is what asks on behalf of that.
    askDirectly(() =>
      lookup(host, { ...options, all: true }, (error, addresses) => {
        if (error === null) resolve(addresses);
        else reject(error);
      }),
    );
  });
}
