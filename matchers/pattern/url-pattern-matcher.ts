import { comparableUrl } from '../../src/net/comparable-url.js';
import { Described, quote } from '../values/format.js';
import { invalidPattern } from '../values/invalid-pattern.js';
import { textDistance } from '../values/text-distance.js';
import {
  COMPONENTS,
  comparablePattern,
  componentsOf,
  failingComponents,
  isOpenBelowAuthority,
  type UrlPatternLike,
  urlPatternAuthority,
  writeUrlPattern,
} from '../values/url-pattern.js';
import { type Comparison, differs, SAME } from '../values/value.js';
import type { FieldInit, ValueMatcher } from './field.js';

const SCHEMES = ['http', 'https', 'ws', 'wss'];

/** Judges URLs by a `URLPattern`, and tells which component of it failed. */
export function urlPatternMatcher(
  pattern: UrlPatternLike,
): { readonly matcher: ValueMatcher } & Pick<FieldInit, 'mayMatch' | 'onHandshake'> {
  const { hash } = pattern as { hash?: unknown };
  if (typeof hash === 'string' && hash !== '' && hash !== '*') {
    const write = `new URLPattern({ pathname: ${quote(pattern.pathname)} })`;
    throw invalidPattern(pattern, 'what follows # is never sent over the wire', write);
  }
  const expected = new Described(writeUrlPattern(pattern));
  const comparable = comparablePattern(pattern);
  const matches = (url: unknown) => {
    const compared = comparableUrl(url as string);
    return pattern.test(url as string) || ((compared !== url || comparable !== pattern) && comparable.test(compared));
  };
  const matcher = {
    expected,
    matches,
    compare: (url: unknown) => (matches(url) ? SAME : compareComponents(pattern, expected, url as string)),
  };
  const init = { matcher, mayMatch: urlPatternAuthority(pattern, SCHEMES) };
  if (!isOpenBelowAuthority(pattern) || !isSecure(pattern)) return init;
  return { ...init, onHandshake: urlPatternAuthority(pattern, ['https']) };
}

function isSecure(pattern: UrlPatternLike): boolean {
  return !failingComponents(pattern, new URL('https://waylay.test/')).includes('protocol');
}

function compareComponents(pattern: UrlPatternLike, expected: Described, href: string): Comparison {
  const url = new URL(href);
  const failing = failingComponents(pattern, url);
  if (failing.length === 0) return differs(expected, href, [], 0.5);
  const actual = componentsOf(url);
  let sum = 0;
  for (const name of failing) sum += textDistance(pattern[name].replaceAll('*', ''), actual[name]);
  return {
    distance: Math.max(sum / COMPONENTS.length, 0.05),
    differences: failing.map((name) => ({ path: [name], expected: pattern[name], actual: actual[name] })),
  };
}
