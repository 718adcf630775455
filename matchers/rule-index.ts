import { comparableUrl } from '../src/net/comparable-url.js';
import type { CompiledPattern } from './pattern/pattern.js';

/**
 * Keeps at hand which rules a URL does not rule out, so that a request is not held against every rule
 * that there is. It never says that one matches: the pattern decides that.
 */
export class RuleIndex<R extends { readonly pattern: Pick<CompiledPattern, 'urlEnd'> }> {
  #rules: readonly R[] = [];
  /** Rules by what is after the last slash of the URLs that some rule is for; undefined until it is asked for. */
  readonly #selections = new Map<string, readonly R[] | undefined>();
  /** Rules for all other URLs. */
  #others: readonly R[] = [];

  /**
   * The rules that can match, in the order in which they are.
   * @param rules what is registered; another array where that is something else, never the same one changed
   */
  select(rules: readonly R[], url: string): readonly R[] {
    if (rules.length === 0) return rules;
    // Only here and not where rules are registered, which may be many before the first request comes.
    if (rules !== this.#rules) this.#renew(rules);
    const compared = comparableUrl(url);
    const end = compared.slice(compared.lastIndexOf('/') + 1);
    const known = this.#selections.get(end);
    if (known !== undefined) return known;
    if (!this.#selections.has(end)) return this.#others;
    const selection = rules.filter(({ pattern: { urlEnd } }) => urlEnd === undefined || urlEnd === end);
    this.#selections.set(end, selection);
    return selection;
  }

  #renew(rules: readonly R[]): void {
    this.#rules = rules;
    this.#others = rules.filter(({ pattern: { urlEnd } }) => urlEnd === undefined);
    this.#selections.clear();
    for (const { pattern } of rules) if (pattern.urlEnd !== undefined) this.#selections.set(pattern.urlEnd, undefined);
  }
}
