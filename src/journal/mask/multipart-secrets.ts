/** Replaces secrets in multipart bodies: of forms, and in parts by their type. Pure; takes a time that grows as the text does. */
import { parameterOf } from '../../http/content-type.js';
import { MASKED } from './mask.js';

/** Shows the parts. */
export interface PartSecrets {
  /** True if values of the field of a form are secret. */
  form(name: string): boolean;
  text(text: string, contentType: string | undefined): string;
}

/** The body as it may be shown; what is no part, such as all of one without a boundary, as text of an unknown form. */
export function multipartWithoutSecrets(text: string, boundary: string | undefined, secrets: PartSecrets): string {
  if (!boundary) return secrets.text(text, undefined);
  const dashes = `--${boundary}`;
  const isLineStart = (at: number): boolean => at === 0 || text[at - 1] === '\n';
  const shown: string[] = [];
  let start = 0;
  for (let at = text.indexOf(dashes); at !== -1; at = text.indexOf(dashes, at + dashes.length)) {
    if (!isLineStart(at)) continue;
    shown.push(shownPart(text.slice(start, at), secrets));
    start = at;
  }
  return [...shown, shownPart(text.slice(start), secrets)].join('');
}

/** Shows a part, from its boundary up to the next one. */
function shownPart(part: string, secrets: PartSecrets): string {
  const blank = /\r?\n\r?\n/.exec(part);
  if (blank === null) return secrets.text(part, undefined);
  const contentStart = blank.index + blank[0].length;
  const head = part.slice(0, contentStart);
  const end = /\r?\n$/.exec(part.slice(Math.max(contentStart, part.length - 2)))?.[0] ?? '';
  const content = part.slice(contentStart, part.length - end.length);
  const lines = head.replace(/\r?\n[ \t]+/g, ' ');
  const field = (name: RegExp): string | undefined => name.exec(lines)?.[1]?.trim();
  const name = parameterOf(field(/^content-disposition:(.*)$/im), 'name');
  const shown =
    name !== undefined && secrets.form(name) ? MASKED : secrets.text(content, field(/^content-type:(.*)$/im));
  return `${head}${shown}${end}`;
}
