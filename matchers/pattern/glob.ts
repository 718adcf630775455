/**
 * URL globs with Playwright's own rules (1.65), so that a pattern means the same here and in `page.route`:
 *
 *     *        any characters but `/`
 *     **       any characters; `**` + `/` also none at all after a slash
 *     {a,b}    one of these; not nested
 *     \x       the character x
 *
 * Everything else is literal, `?` and `[` included. The whole URL must match.
 */

const REGEXP_SPECIAL = new Set('$^+.*()|\\?{}[]');

/** One step of a glob: an escaped character, a run of two or more stars, one star, or any other character. */
const TOKEN = /\\([\s\S])|(\*{2,})(\/?)|\*|[\s\S]/g;

/**
 * The glob as a regular expression over the whole URL.
 * @throws {SyntaxError} braces that are nested or have no partner
 */
export function globToRegExp(glob: string): RegExp {
  let inGroup = false;
  const source = glob.replace(TOKEN, (token, escaped?: string, stars?: string, slash?: string, at?: number) => {
    if (escaped !== undefined) return literal(escaped);
    if (stars !== undefined) {
      if (slash === '') return '(.*)';
      return glob[(at ?? 0) - 1] === '/' ? '((.+/)|)' : '(.*/)';
    }
    switch (token) {
      case '*':
        return '([^/]*)';
      case '{':
        if (inGroup) throw new SyntaxError("a '{' inside braces is not supported");
        inGroup = true;
        return '(';
      case '}':
        if (!inGroup) throw new SyntaxError("a '}' has no '{' before it");
        inGroup = false;
        return ')';
      case ',':
        return inGroup ? '|' : '\\,';
      default:
        return literal(token);
    }
  });
  if (inGroup) throw new SyntaxError("a '{' has no '}' after it");
  return new RegExp(`^${source}$`);
}

function literal(char: string): string {
  return REGEXP_SPECIAL.has(char) ? `\\${char}` : char;
}

/** All that a text with braces stands for; undefined where that is too much to write out. */
export function expandBraces(text: string): string[] | undefined {
  const [, before = '', inside, after = ''] = /^((?:\\.|[^\\{])*)\{([^{}]*)\}(.*)$/s.exec(text) ?? [];
  if (inside === undefined) return [text];
  const ends = expandBraces(after);
  const all = inside.split(/(?<!\\),/).flatMap((one) => ends?.map((end) => before + one + end) ?? []);
  return ends === undefined || all.length > 256 ? undefined : all;
}

/** The text as a glob that matches nothing else. */
export function escapeGlob(text: string): string {
  return text.replace(/[*{}\\]/g, '\\$&');
}

const NEVER_RESOLVED = /^(?:about|data|chrome|edge|file):/;

/**
 * The glob as an absolute one, normalised as a URL is: host in lower case, no default port, `/` for
 * an empty path, `.` and `..` resolved against `baseURL`. A glob that starts with `*` stays as it is.
 */
export function resolveGlob(glob: string, baseURL?: string): string {
  if (glob.startsWith('*')) return glob;
  const text = glob.replaceAll('\\\\?', '?');
  if (NEVER_RESOLVED.test(text)) return text;
  // Parts that the URL parser would reject or encode travel through it as placeholders.
  const placeholders = new Map<string, string>();
  const placehold = (original: string, placeholder: string) => {
    if (original === '') return '';
    placeholders.set(placeholder, original);
    return placeholder;
  };
  const parts = text.split('/').map((part, index) => {
    if (part === '' || part === '.' || part === '..') return part;
    if (index === 0 && part.endsWith(':')) return /[*{]/.test(part) ? placehold(part, 'http:') : part;
    if (!/[*?{}\\]/.test(part)) return part;
    const query = part.indexOf('?');
    if (query === -1) return placehold(part, `$_${index}_$`);
    return placehold(part.slice(0, query), `$_${index}_$`) + placehold(part.slice(query), `?$_${index}_$`);
  });
  const url = parseUrl(parts.join('/'), baseURL);
  let resolved = url === undefined ? parts.join('/') : url.toString();
  for (const [placeholder, original] of placeholders) {
    const inOrigin = url?.origin.includes(placeholder) ?? false;
    resolved = resolved.replace(placeholder, () => (inOrigin ? original.toLowerCase() : original));
  }
  return resolved;
}

function parseUrl(text: string, base: string | undefined): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

/**
 * The text that every URL that a resolved glob matches has after its last slash, be that in its path or its query.
 * Undefined where the glob leaves it open.
 */
export function globUrlEnd(resolved: string): string | undefined {
  return /\/([^/*{}\\]*)$/.exec(resolved)?.[1];
}

/** True if a piece of a glob can be judged alone: it cannot reach over the slash that ends it. */
export function isClosed(piece: string): boolean {
  const plain = piece.replace(/\\[\s\S]/g, '');
  return !plain.includes('**') && !plain.replace(/\{[^{}]*\}/g, '').match(/[{}]/);
}
