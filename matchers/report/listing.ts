/** Exchanges as lines of a message. */

import type { Exchange } from '../../src/journal/exchange.js';
import type { ExchangeRule } from '../../src/journal/intervention.js';
import { textWithoutSecrets } from '../../src/journal/mask/body-secrets.js';
import type { Request } from '../../src/journal/message.js';
import { printable } from '../../src/runtime/printable.js';
import { formatValue } from '../values/format.js';
import { binaryBody } from './body.js';

const MOST_LISTED = 10;
const BODY_LENGTH = 120;

/** The outcome of an exchange, in a few words: `402, stub`. */
export function outcome({ response, error, source, ended }: Exchange): string {
  if (error !== undefined) return `${source}: ${error.code}`;
  if (source === 'tunnel') return 'tunnel';
  if (response !== undefined) return `${response.status}, ${source}`;
  return ended ? 'no response' : 'no response yet';
}

/** The same, with where the rules were written that took part: `402, stub at pay.spec.ts:12`. */
function outcomeByRules(exchange: Exchange): string {
  const went = outcome(exchange);
  const told = exchange.rules.map((rule) => `${rule.kind} at ${placeOf(rule)}`);
  // The stub is named already where it answered.
  const answered = exchange.rules[0]?.kind === 'stub' && went.endsWith(', stub');
  return [answered ? went.slice(0, -', stub'.length) : went, ...told].join(', ');
}

/** The place where a rule was written. */
export function placeOf({ place }: ExchangeRule): string {
  return place === undefined ? 'an unknown place' : printable(place);
}

/** `#3 GET https://shop.test/ (200, stub at shop.spec.ts:7, and 2 more alike)` */
export function titleOf(exchange: Exchange, alike = 1): string {
  const again = alike > 1 ? `, and ${alike - 1} more alike` : '';
  return `#${exchange.id} ${exchange} (${outcomeByRules(exchange)}${again})`;
}

/** `#3 GET https://shop.test/ (200, stub)` */
export function shortTitleOf(exchange: Exchange): string {
  return `#${exchange.id} ${exchange} (${outcome(exchange)})`;
}

/**
 * One line each; where only their bodies tell them apart, with these, and where nothing does, with that said.
 * @param tooMany some may have been sent once too often
 */
export function list(exchanges: readonly Exchange[], tooMany = false): string[] {
  const same = exchanges.length > 1 && new Set(exchanges.map(String)).size === 1;
  if (!same) return cutList(exchanges.map((exchange) => titleOf(exchange)));
  const bodies = exchanges.map(({ request }) => showBody(request));
  if (new Set(bodies).size > 1) {
    return cutList(exchanges.map((exchange, at) => `${titleOf(exchange)}  ${bodies[at]}`));
  }
  if (!tooMany) return cutList(exchanges.map((exchange) => titleOf(exchange)));
  const parts = exchanges.some(({ request }) => request.captured.size > 0) ? 'method, URL and body' : 'method and URL';
  return [
    ...cutList(exchanges.map((exchange) => titleOf(exchange))),
    `They are the same in ${parts}: was it sent ${exchanges.length === 2 ? 'twice' : `${exchanges.length} times`}?`,
  ];
}

/** The same again and again is one line. */
export function listKinds(exchanges: readonly Exchange[]): string[] {
  const kinds = new Map<string, Exchange[]>();
  for (const exchange of exchanges) {
    const kind = `${exchange} (${outcomeByRules(exchange)}`;
    const alike = kinds.get(kind);
    if (alike === undefined) kinds.set(kind, [exchange]);
    else alike.push(exchange);
  }
  return cutList([...kinds.values()].flatMap(([first, ...more]) => (first ? [titleOf(first, 1 + more.length)] : [])));
}

/** The lines, cut to a number that can be read. */
export function cutList(lines: readonly string[]): string[] {
  const more = lines.length - MOST_LISTED;
  return more > 0 ? [...lines.slice(0, MOST_LISTED), `and ${more} more`] : [...lines];
}

/** The lines under what they belong to. */
export function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? '' : `  ${line}`));
}

function showBody(request: Request): string {
  const binary = binaryBody(request);
  if (binary !== undefined) return binary.text;
  try {
    const text = request.text();
    if (text === '') return '(no body)';
    const shown = textWithoutSecrets(request.secrets, text, request.header('content-type'));
    return formatValue(json(shown) ?? shown, BODY_LENGTH);
  } catch {
    return '(a body that cannot be read)';
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
