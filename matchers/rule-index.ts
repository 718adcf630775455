import type { CompiledPattern } from './pattern/pattern.js';

/**
 * Keeps at hand which rules a URL does not rule out, so that a request is not held against every rule
 * that there is. It never says that one matches: the pattern decides that.
 */
export class RuleIndex<R extends { readonly pattern: Pick<CompiledPattern, 'urlEnd'> }> {
  #rules: readonly R[] = [];
  /** What is after the last slash of the URLs that some rule is for. */
  #ends: ReadonlySet<string | undefined> = new Set();
  /** By these, as they were asked for; undefined stands for all others. */
  readonly #selections = new Map<string | undefined, readonly R[]>();

  /**
   * Those of the rules that can match, in the order in which they are.
   * @param rules what is registered; another array where that is something else, never the same one changed
   */
  select(rules: readonly R[], url: string): readonly R[] {
    if (rules.length === 0) return rules;
    // Only here and not where rules are registered, which may be many before the first request comes.
    if (rules !== this.#rules) this.#renew(rules);
    const end = url.slice(url.lastIndexOf('/') + 1);
    const key = this.#ends.has(end) ? end : undefined;
    let selection = this.#selections.get(key);
    if (selection === undefined) {
      selection = rules.filter(({ pattern: { urlEnd } }) => urlEnd === undefined || urlEnd === key);
      this.#selections.set(key, selection);
    }
    return selection;
  }

  #renew(rules: readonly R[]): void {
    this.#rules = rules;
    this.#ends = new Set(rules.map(({ pattern }) => pattern.urlEnd));
    this.#selections.clear();
  }
}
