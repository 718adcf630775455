// @ts-check
/** Statistics of a few measurements of the same thing. */

/**
 * The value below which that share of the values lies, between two of them where it falls there.
 *
 * @param {readonly number[]} values at least one
 * @param {number} share 0 to 1
 */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}

/** @param {readonly number[]} values */
export function median(values) {
  return quantile(values, 0.5);
}

/**
 * Compares what two had in turns, round by round: what changed on the machine from one round to the next hit both. Where one
 * missed a round, the medians of all are compared.
 *
 * @param {readonly number[]} own
 * @param {readonly number[]} other
 * @param {(own: number, other: number) => number} compare
 */
export function compared(own, other, compare) {
  if (own.length !== other.length) return compare(median(own), median(other));
  return median(own.map((value, round) => compare(value, other[round] ?? Number.NaN)));
}

/**
 * The distance of the lowest and the highest, as a share of the median.
 *
 * @param {readonly number[]} values
 */
export function spread(values) {
  return (Math.max(...values) - Math.min(...values)) / median(values);
}

/**
 * Growth of a cost with work: the exponent of the curve `a × work ^ n` that lies best over the points, by least
 * squares of the logarithms. 1 is linear, 0 does not grow, 2 is quadratic.
 *
 * @param {readonly (readonly [work: number, cost: number])[]} points all positive
 */
export function exponent(points) {
  const logs = points.map(([work, cost]) => /** @type {const} */ ([Math.log(work), Math.log(cost)]));
  const [meanX, meanY] = [0, 1].map((at) => logs.reduce((sum, log) => sum + (log[at] ?? 0), 0) / logs.length);
  let [above, below] = [0, 0];
  for (const [x, y] of logs) {
    above += (x - (meanX ?? 0)) * (y - (meanY ?? 0));
    below += (x - (meanX ?? 0)) ** 2;
  }
  return above / below;
}
