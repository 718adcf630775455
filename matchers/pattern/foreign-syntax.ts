/** Ways of other tools to write what varies in a URL, which a glob takes for what they are. */
import { quote } from '../report/format.js';

/** A glob's origin: what it has before its path. */
const ORIGIN = /^(?:[^/]*:)?\/\/[^/]*/;

/** No URL has these, but for `\` nor has a glob: `(.*)`, `[0-9]+`, `[^/]+`, `\d`. */
const REGEXP = new RegExp(
  [
    // A name before the group is another tool's, which may have a RegExp in it.
    String.raw`(?::[a-z_]\w*)?\(?(?:(?<!\\)\\[dws](?:[+*]|\{\d*,?\d*\})?|\[\^?(?:[a-z0-9]-[a-z0-9]|\\?[/_.-]|\\[dws])+\](?:[+*]|\{\d*,?\d*\}))\)?\??`,
    String.raw`\(\.[+*]\??\)`,
  ].join('|'),
  'gi',
);

/** What is written for one segment: `:id`, `:id(\\d+)?`, `{id}`, `[id]`. */
const PLACEHOLDER = /^(?::[a-z_]\w*(?:\([^()]*\))?[?*+]?|\{[a-z_][\w-]*\}|\[[a-z_][\w-]*\])$/i;

/** The glob that is meant where it has a RegExp's syntax that no URL can have; undefined where it has none. */
export function withoutRegExp(glob: string): string | undefined {
  const [origin = ''] = ORIGIN.exec(glob) ?? [];
  const rest = glob.slice(origin.length);
  const meant = rest.replace(REGEXP, (_, at: number, whole: string) => (whole.slice(at).startsWith('(.') ? '**' : '*'));
  return meant === rest ? undefined : origin + meant;
}

/** What to say of a glob that matches nothing, where it looks as if it were written for another tool. */
export function foreignHint(glob: string): string | undefined {
  const [origin = ''] = ORIGIN.exec(glob) ?? [];
  const optional = /^[^?]+\?$/.test(glob);
  // Without a query, which may have secrets.
  const [path = ''] = glob.slice(origin.length).split('?');
  const segments = path.split('/');
  const found =
    segments.find((segment) => PLACEHOLDER.test(segment) || ANY.has(segment)) ?? (optional ? '?' : undefined);
  if (found === undefined) return undefined;
  const meant = segments.map((segment, index) => {
    if (PLACEHOLDER.test(segment)) return '*';
    return ANY.has(segment) ? (index === segments.length - 1 ? '**' : '*') : segment;
  });
  return `${quote(found)} stands for itself in a glob; for what varies write ${quote(origin + meant.join('/'))}`;
}

const ANY = new Set(['.*', '.+', '.*?', '.+?']);
