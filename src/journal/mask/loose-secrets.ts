/**
 * Replaces secrets in text that has no form of its own: `access_token=…`, `"password": "…"`, and users in URLs. What is said
 * in prose (`the password: …`) is none. Pure; takes a time that grows as the text does.
 */
import { endOfBrackets } from './broken-json.js';
import { MASKED } from './mask.js';

/** Tells which names are secret, by how they stand in the text. */
export interface LooseNames {
  query(name: string): boolean;
  form(name: string): boolean;
  /** Judges a member of JSON, at any place. */
  json(name: string): boolean;
  /** True if the user before the host of a URL is secret. */
  readonly user: boolean;
}

/** Encoded characters, as in URLs and in strings of JSON and JavaScript, are no letters of the name behind them. */
const NAMES = /(?:%(?:25)*|\\x|\\u00)[\da-f]{2}|[a-z_$][\w$-]*/gi;
const QUOTE = '["\'`]|&quot;|&#34;';
/** The text from the end of a name up to its value, whose quotes may be escaped. */
const ASSIGNMENT = new RegExp(
  `(\\\\*(?:${QUOTE}|\\])?)(\\s*)(:|=|(?:%(?:25)*|\\\\x|\\\\u00)3D)(\\s*)(?:(\\\\*)(${QUOTE}))?`,
  'iy',
);
const UNQUOTED = /[^\s&"'`<>\\;]+/y;
const ENCODED = /(?:(?!%(?:25)*(?:26|23|3B))[^\s&"'`<>\\;])+/iy;
const WORD = /[-+\w.]+/y;
/** Text that no code looks like. */
const PLAIN = /^[\w.~%+/!*$@-]+=*$/;
const USERS = /(:\/\/)[^\s/?#&"'<>\\]*@/g;

/** @param code the text has code in it, which is to stay as it is */
export function withoutLooseSecrets(text: string, names: LooseNames, code = false): string {
  const open = names.user && text.includes('://') ? text.replace(USERS, `$1${MASKED}@`) : text;
  if (!/[:=]|3D/i.test(open)) return open;
  let shown = '';
  let kept = 0;
  NAMES.lastIndex = 0;
  for (let match = NAMES.exec(open); match !== null; match = NAMES.exec(open)) {
    const end = NAMES.lastIndex;
    const value = secretAfter(open, match[0], match.index, names, code);
    if (value === undefined) continue;
    shown += open.slice(kept, value.start) + value.instead;
    kept = value.end;
    NAMES.lastIndex = Math.max(value.end, end);
  }
  return kept === 0 ? open : shown + open.slice(kept);
}

interface Found {
  readonly start: number;
  readonly end: number;
  readonly instead: string;
}

/** The value of the name, where it is a secret. */
function secretAfter(text: string, name: string, at: number, names: LooseNames, code: boolean): Found | undefined {
  ASSIGNMENT.lastIndex = at + name.length;
  const [all, closing = '', before = '', sign, behind = '', backslashes = '', quote] = ASSIGNMENT.exec(text) ?? [];
  if (all === undefined) return undefined;
  const start = at + name.length + all.length;
  const isQuoted = closing !== '' && !closing.endsWith(']');
  if (sign === ':') {
    if (!names.json(name)) return undefined;
    if (quote !== undefined) return { start, end: quotedEnd(text, start, backslashes.length, quote), instead: MASKED };
    return isQuoted ? memberValue(text, start, closing, code) : undefined;
  }
  if (isQuoted || !(names.form(name) || (names.query(name) && isOfUrl(text, at)))) return undefined;
  if (quote !== undefined) {
    return { start, end: quotedEnd(text, start, backslashes.length, quote), instead: MASKED };
  }
  if (before !== '' || behind !== '') return undefined;
  const value = matched(sign === '=' ? UNQUOTED : ENCODED, text, start);
  if (value === '' || value.startsWith('=') || (code && !PLAIN.test(value))) return undefined;
  return { start, end: start + value.length, instead: MASKED };
}

/** True if the name follows `?`, `&`, `#` or `;`, which may be percent-encoded, be it more than once. */
function isOfUrl(text: string, at: number): boolean {
  return /(?:[?&#;]|(?:%(?:25){0,4}|\\x|\\u00)(?:3F|26|23|3B))$/i.test(text.slice(Math.max(at - 11, 0), at));
}

/** A number, a word, an object or a list under a name in quotes. */
function memberValue(text: string, start: number, closing: string, code: boolean): Found | undefined {
  const first = text[start];
  const instead = closing + MASKED + closing;
  if (closing === '"' && (first === '{' || first === '[')) return { start, end: endOfBrackets(text, start), instead };
  const word = matched(WORD, text, start);
  if (code ? !/^[-+\d]/.test(word) : word === '' || word === 'null') return undefined;
  return { start, end: start + word.length, instead };
}

function matched(expression: RegExp, text: string, at: number): string {
  expression.lastIndex = at;
  return expression.exec(text)?.[0] ?? '';
}

/**
 * The end of a quoted value, before its quote or at the end of the line.
 * @param escapes how many backslashes are before the quote that begins it: 0, 1, 3, 7 …
 */
function quotedEnd(text: string, start: number, escapes: number, quote: string): number {
  let backslashes = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') {
      backslashes++;
      continue;
    }
    if (character === '\n') return at;
    if (text.startsWith(quote, at) && backslashes % (2 * (escapes + 1)) === escapes) return at - escapes;
    backslashes = 0;
  }
  return text.length;
}
