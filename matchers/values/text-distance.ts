/** Enough to tell a typing error from another value, and bounds the work on long texts. */
const LONGEST = 64;

/** The distance of two texts, from 0 (equal) to 1 (nothing in common): edit distance by length, long texts cut. */
export function textDistance(a: string, b: string): number {
  if (a === b) return 0;
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const restA = a.slice(start, Math.min(a.length - end, start + LONGEST));
  const restB = b.slice(start, Math.min(b.length - end, start + LONGEST));
  const same = Math.min(start + end, LONGEST);
  return Math.max(edits(restA, restB), 1) / (Math.max(restA.length, restB.length, 1) + same);
}

// Levenshtein's distance, one row at a time.
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The candidate within a typing error of the word, or else one that is a part of it or has it as a part. */
export function nearestWord(word: string, candidates: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let least = 0.6;
  for (const candidate of candidates) {
    const distance = textDistance(wanted, candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best ?? candidates.find((candidate) => isPartOf(wanted, candidate.toLowerCase()));
}

function isPartOf(a: string, b: string): boolean {
  return Math.min(a.length, b.length) >= 4 && (a.includes(b) || b.includes(a));
}
