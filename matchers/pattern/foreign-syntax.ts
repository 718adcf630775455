/** Ways of other tools to write what varies in a URL, which a glob takes for what they are: how a glob says the same. */
import { quote } from '../values/format.js';

/** A text that is written as for another tool. */
export interface ForeignGlob {
  /** The part that gives it away. */
  readonly found: string;
  /** No URL has it; else it may be meant as it is. */
  readonly certain: boolean;
  /** The glob that is meant; undefined where only a RegExp says it. */
  readonly glob: string | undefined;
}

const NAME = String.raw`[a-z_]\w*`;
/** `\d+`, `[0-9]+`, `[^/]+`, `\w{2,3}`. */
const CLASS = String.raw`(?:\\[dws](?:[+*]|\{\d*,?\d*\})?|\[\^?(?:[a-z0-9]-[a-z0-9]|\\?[/_.-]|\\[dws])+\](?:[+*]|\{\d*,?\d*\}))`;
const ANYTHING = String.raw`\.(?:[*+]\??|\{\d*,?\d*\})`;
/** Up to the next piece of a path. */
const END = String.raw`(?=[/#]|\\?\?|$)`;
const START = '(?<=^|/)';

/** Syntax of other tools, in the order in which it is looked for; any other character is itself. */
const TOKEN = new RegExp(
  [
    String.raw`(?<escaped>\\[^dws])`,
    String.raw`(?<around>\(\?<?[=!])`,
    String.raw`(?<prefix>:${NAME}|[@+!?]|(?<!\*)\*(?!\*))?\((?<kind>\?:|\?P?<${NAME}>)?(?<inside>(?:\\.|\[(?:\\.|[^\]\\])*\]|[^()\\[])*)\)(?<times>[*+]|\?(?!${NAME}\[?\]?=))?`,
    `(?<class>${CLASS})`,
    String.raw`\{(?<below>/[^{},]*)\}\??`,
    String.raw`(?<name>(?<=[/.~,-]|^):${NAME}|\$?\{[a-z_][\w-]*(?::[^{}]*)?\}|(?:<|%3C)(?:\w+:)?${NAME}(?:>|%3E)|${START}\[[!^]?[a-z_][\w-]*\]${END})(?<repeat>[*+]|\?(?!${NAME}\[?\]?=))?`,
    String.raw`(?<rest>${START}(?:\*(?:splat|path|rest|wildcard|catchall|all|any)|\[{1,2}\.{3}[\w-]+\]{1,2})${END})`,
    `(?<anything>${START}${ANYTHING}${END})`,
    String.raw`(?<caret>(?<=/)\^)`,
    String.raw`(?<either>[\w~%.-]+(?:\|[\w~%.-]+)+)`,
    String.raw`(?<slash>/\?$)|(?<optional>(?<=[^/])\?$)`,
    String.raw`(?<query>\?)`,
    String.raw`[\s\S]`,
  ].join('|'),
  'gi',
);

/** Syntax that stands for something else in a RegExp as well. */
const REGEXP_TOKEN = new RegExp(`(?<wild>${ANYTHING})|(?<maybe>[\\w/-])\\?|${TOKEN.source}`, 'gi');

/** A part of a glob, or the alternatives of one that may be left out. */
type Piece = string | { readonly optional: readonly string[] };

const IN_GROUP = new RegExp(`${CLASS}|${ANYTHING}`, 'i');

type Groups = Readonly<Record<string, string | undefined>>;

/** Reads a glob as another tool would; undefined where nothing in it is another tool's. */
export function readForeign(text: string): ForeignGlob | undefined {
  const bare = withoutDelimiters(text);
  const { body, isRegExp, before, after } = bare;
  const translator = new GlobTranslator(isRegExp ? text : undefined, isRegExp);
  const slashed = body.replace(/\\[\s\S]/g, (escaped) => (escaped === '\\/' ? '/' : escaped));
  if (slashed !== body) translator.find('\\/', true);
  const glob = before + translator.translate(withoutScheme(slashed, translator)) + after;
  if (!isRegExp && bare.dollar) translator.find('$', false);
  return translator.found === undefined
    ? undefined
    : {
        found: translator.found,
        certain: translator.certain,
        glob: translator.only ? undefined : glob.replace(/\*{3,}/g, '**'),
      };
}

/** Removes what a RegExp has around its source, and tells what it leaves open at its ends. */
function withoutDelimiters(text: string) {
  const source = /^\/(\^.*|.*(?<!\\)\\\/.*)\/[dgimsuvy]*$/s.exec(text)?.[1];
  const isRegExp = source !== undefined || text.startsWith('^');
  const whole = source ?? text;
  const isAnchored = whole.startsWith('^');
  const dollar = /(?<!\\)[\w/)\]}+*?]\$$/.test(whole);
  return {
    isRegExp,
    dollar,
    body: whole.slice(isAnchored ? 1 : 0, dollar ? -1 : undefined),
    before: isRegExp && !isAnchored ? '**' : '',
    after: isRegExp && !dollar ? '**' : '',
  };
}

/** `https?://`, which is one of two schemes. */
function withoutScheme(text: string, translator: GlobTranslator): string {
  const [all, scheme = ''] = /^(https\?|wss\?|\(https?\|https?\)|\(https\?\)):\/\//.exec(text) ?? [];
  if (all === undefined) return text;
  translator.find(all, true);
  return `${scheme.startsWith('ws') ? 'ws' : 'http'}{s,}://${text.slice(all.length)}`;
}

/** One reading of a text, and what gave it away so far. */
class GlobTranslator {
  found: string | undefined;
  certain: boolean;
  /** True if it has that in it which no glob says. */
  only = false;
  readonly #isRegExp: boolean;

  constructor(found: string | undefined, certain: boolean) {
    this.found = found;
    this.certain = certain;
    this.#isRegExp = certain;
  }

  find(found: string, certain: boolean): void {
    if (this.found === undefined || (certain && !this.certain)) this.found = found;
    this.certain ||= certain;
  }

  translate(text: string): string {
    let glob = '';
    const [origin = ''] = /^(?:[^/]*:)?\/\/[^/]*/.exec(text) ?? [];
    const [scheme = ''] = /^(?:[^/]*:)?\/\//.exec(origin) ?? [];
    glob += scheme;
    if (scheme !== '') glob += this.#host(origin.slice(scheme.length));
    const rest = text.slice(origin.length);
    let taken = 0;
    for (const match of rest.matchAll(this.#isRegExp ? REGEXP_TOKEN : TOKEN)) {
      if (match.index < taken) continue;
      const [token] = match;
      const groups = match.groups ?? {};
      const after = rest.slice(match.index + token.length);
      if (groups.query !== undefined || token === '\\?') return glob + this.#query(rest.slice(match.index), token);
      const isLast = /^(?:$|[?#])/.test(after);
      const piece = this.#piece(token, groups, isLast || glob === '');
      if (typeof piece === 'string') glob += piece;
      else if (glob.endsWith('/') && after.startsWith('/')) {
        // A piece of the path that may be left out takes a slash along.
        glob += `{${piece.optional.map((one) => `${one}/`).join(',')},}`;
        taken = match.index + token.length + 1;
      } else glob += isLast && piece.optional.includes('*') ? '*' : `{${piece.optional.join(',')},}`;
    }
    return glob;
  }

  #host(host: string): string {
    if (/^:[a-z_]\w*$/i.test(host)) return this.#replaceBy(host, true, '*');
    const named = host
      .replace(/:[a-z_]\w*$/i, (port) => this.#replaceBy(port, true, ':*'))
      .replace(/^\.[*+](?:\\\.)?/, (any) => this.#replaceBy(any, true, any.endsWith('\\.') ? '*.' : '*'));
    if (/^\[[\da-f:.]*\]/i.test(named)) return named;
    let glob = '';
    for (const match of named.matchAll(this.#isRegExp ? REGEXP_TOKEN : TOKEN)) {
      const piece = this.#piece(match[0], match.groups ?? {}, true);
      glob += typeof piece !== 'string' || piece === '**' ? '*' : piece;
    }
    return glob;
  }

  #query(query: string, mark: string): string {
    const values = query
      .slice(mark.length)
      .replace(
        new RegExp(
          String.raw`(?<==)(?::${NAME}|\$?\{${NAME}\}|<${NAME}>|\(?(?:${CLASS}|${ANYTHING}|\[\^&\][*+])\)?)(?=&|$)`,
          'gi',
        ),
        (value) => {
          return this.#replaceBy(value, /^[\\[(]/.test(value), '*');
        },
      );
    return `?${values}`;
  }

  #piece(token: string, groups: Groups, isLast: boolean): Piece {
    const { escaped, around, inside, below, name, either, maybe } = groups;
    // A glob need not escape these.
    if (escaped !== undefined) return /^\\[\w.~:@!$&'()+,;=-]$/.test(escaped) ? escaped.slice(1) : escaped;
    if (around !== undefined) {
      this.only = true;
      this.find(around, true);
      return token;
    }
    if (inside !== undefined) return this.#group(token, inside, groups);
    if (groups.class !== undefined) return this.#replaceBy(token, true, '*');
    if (below !== undefined) return this.#replaceBy(token, false, `{${this.translate(below)},}`);
    if (name !== undefined) {
      if (groups.repeat === '?') return this.#replaceBy(name, false, { optional: ['*'] });
      return this.#replaceBy(token, false, groups.repeat === undefined ? '*' : '**');
    }
    if (groups.rest !== undefined) return this.#replaceBy(token, false, '**');
    if (groups.anything !== undefined) return this.#replaceBy(token, false, isLast ? '**' : '*');
    if (groups.wild !== undefined) return '**';
    if (maybe !== undefined) return `{${maybe},}`;
    if (either !== undefined) return this.#replaceBy(token, false, `{${either.split('|').join(',')}}`);
    if (groups.slash !== undefined) return this.#replaceBy('?', false, '{/,}');
    if (groups.caret !== undefined) return this.#replaceBy(token, false, '');
    return groups.optional === undefined ? token : this.#replaceBy('?', false, '');
  }

  #group(token: string, inside: string, { prefix = '', kind, times }: Groups): Piece {
    const options = inside.split('|');
    const isRegExp = IN_GROUP.test(inside);
    const isPlain = !isRegExp && options.every((one) => /^(?:\\[./-]|[\w/~%.-])*$/.test(one));
    const isNamed = prefix.startsWith(':') || prefix === '!';
    // `Foo_(bar)` is a name.
    const varies = isNamed || kind !== undefined || isRegExp;
    if (!varies && (!isPlain || (options.length === 1 && (prefix !== '' || times === undefined)))) return token;
    const certain = kind !== undefined || isRegExp;
    const mayLack = times === '?' || times === '*' || prefix === '?' || prefix === '*';
    if (!isPlain || prefix === '!') {
      const reaches = new RegExp(`${ANYTHING}|/`).test(inside.replace(/\[[^\]]*\]/g, ''));
      const any = reaches ? '**' : '*';
      return this.#replaceBy(token, certain, times === '?' && !reaches ? { optional: [any] } : any);
    }
    const all = options.map((one) => one.replaceAll('\\', ''));
    if (mayLack) return this.#replaceBy(token, certain, { optional: all });
    return this.#replaceBy(token, certain, all.length === 1 ? (all[0] ?? '') : `{${all.join(',')}}`);
  }

  #replaceBy<Said extends Piece>(found: string, certain: boolean, glob: Said): Said {
    this.find(found, certain);
    return glob;
  }
}

/** The hint for a glob that matches nothing, where it looks as if it were written for another tool. */
export function foreignHint(glob: string): string | undefined {
  const foreign = readForeign(glob);
  if (foreign?.glob === undefined) return undefined;
  return `${quote(foreign.found)} stands for itself in a glob; for what varies write ${quote(withoutValues(foreign.glob))}`;
}

/** Without the query, which may have secrets: any takes its place. */
function withoutValues(glob: string): string {
  const [, path = glob, query] = /^((?:\\.|[^?\\])*)\?(.*)$/s.exec(glob) ?? [];
  if (query === undefined) return glob;
  return path.endsWith('*') ? path : `${path}?**`;
}
