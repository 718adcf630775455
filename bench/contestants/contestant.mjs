// @ts-check
/**
 * Contestants are a process each, told by its first argument what to do; it says in a line of JSON
 * where it listens, and ends when its input ends.
 */

/**
 * @typedef {object} Config
 * @property {Job} job
 * @property {{ https: number, http: number, ca: string }} upstream ports on localhost, and the authority in PEM
 * @property {string} folder of its own, for what it has to write
 * @property {string} project the folder of the Waylay that is measured
 */

/**
 * - `forward`: everything goes through as it is; with `anyHost`, names end on `.bench.test`, which no DNS has
 * - `stub`: `GET /stub` is answered, by the last looked at of so many rules
 * - `mutate`: JSON that comes back gets a member more
 *
 * @typedef {{ kind: 'forward', anyHost?: boolean } | { kind: 'stub', rules: number } | { kind: 'mutate' }} Job
 */

/** @type {Config} */
export const config = JSON.parse(process.argv[2] ?? '{}');

/** A stub's answer: as long as what is forwarded elsewhere. */
export const STUB_BODY = JSON.stringify({ answer: 'x'.repeat(1011) });

/** The member that `mutate` sets, to that value. */
export const MEMBER = { currency: 'EUR' };

/**
 * @param {number} port on 127.0.0.1
 * @param {() => unknown} [stop]
 */
export function ready(port, stop) {
  console.log(JSON.stringify({ port }));
  process.stdin.resume();
  process.stdin.on('end', async () => {
    await stop?.();
    process.exit(0);
  });
}
