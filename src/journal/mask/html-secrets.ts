/** Replaces secrets in HTML: in its scripts, and in the fields of its forms. Pure; takes a time that grows as the text does. */
import { MASKED } from './mask.js';

/** Shows the parts of a page. */
export interface HtmlSecrets {
  /** True if values of the field of a form are secret. */
  form(name: string): boolean;
  json(text: string): string;
  /** Code, and all else. */
  code(text: string): string;
}

const SCRIPT = /<script\b([^<>]*)>/gi;
const SCRIPT_END = /<\/script/gi;
const INPUT = /<input\b[^<>]*>/gi;
const TYPE = /\btype\s*=\s*["']?([^\s"'<>]+)/i;
const NAME = /\sname\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))/i;
const VALUE = /(\svalue\s*=\s*)(?:"[^"]*"|'[^']*'|[^\s"'<>]+)/i;

/** The page as it may be shown. */
export function htmlWithoutSecrets(html: string, secrets: HtmlSecrets): string {
  const parts: string[] = [];
  let kept = 0;
  SCRIPT.lastIndex = 0;
  for (let match = SCRIPT.exec(html); match !== null; match = SCRIPT.exec(html)) {
    const start = SCRIPT.lastIndex;
    SCRIPT_END.lastIndex = start;
    const end = SCRIPT_END.exec(html)?.index ?? html.length;
    const content = html.slice(start, end);
    const isJson = /json|importmap|speculationrules/i.test(TYPE.exec(match[1] ?? '')?.[1] ?? '');
    parts.push(markup(html.slice(kept, start), secrets), isJson ? secrets.json(content) : secrets.code(content));
    SCRIPT.lastIndex = kept = end;
  }
  return [...parts, markup(html.slice(kept), secrets)].join('');
}

function markup(html: string, secrets: HtmlSecrets): string {
  const inputs = html.replace(INPUT, (input) => {
    const [, ...named] = NAME.exec(input) ?? [];
    const name = named.find((one) => one !== undefined);
    return name !== undefined && secrets.form(name) ? input.replace(VALUE, `$1"${MASKED}"`) : input;
  });
  return secrets.code(inputs);
}
