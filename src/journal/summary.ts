/** Prints exchanges as a table for logs and failure attachments. Pure. */
import { isBackground } from './background.js';
import type { Exchange } from './exchange.js';
import type { ExchangeRule } from './intervention.js';

const URL_LENGTH = 100;
const HOSTS_NAMED = 3;

interface Context {
  /** The time when the first exchange began. */
  readonly first: number;
  /** The numbers that rules have below the table. */
  readonly rules: ReadonlyMap<ExchangeRule, number>;
}

interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly value: (exchange: Exchange, context: Context) => string;
}

const columns: readonly Column[] = [
  { title: 'id', align: 'right', value: ({ id }) => String(id) },
  { title: 'at', align: 'right', value: ({ timing }, { first }) => `+${milliseconds(timing.start - first)}` },
  { title: 'method', align: 'left', value: ({ request }) => request.method },
  { title: 'status', align: 'left', value: status },
  { title: 'source', align: 'left', value: source },
  { title: 'protocol', align: 'left', value: protocol },
  { title: 'size', align: 'right', value: ({ response }) => (response ? bytes(response.captured.size) : '-') },
  { title: 'duration', align: 'right', value: duration },
  { title: 'url', align: 'left', value: ({ request }) => cut(request.secrets.url(request.url), URL_LENGTH) },
];

/**
 * One line for each exchange, in aligned columns: id, start after the first one's, method, status
 * (and the failure's code), source with the numbers of the rules that took part, protocol, size of the response's
 * body as sent, duration, URL, cut in the middle where it is long; then a line of totals, and one for each of the
 * rules. What a browser asked for by itself, and no rule and no expectation is about, is one line. Never throws.
 *
 * @example
 * console.log(summarize(waylay.exchanges));
 * // id     at  method  status  source     protocol  size  duration  url
 * //  1  +0 ms  GET     200     stub [1]   HTTP/2    12 B      8 ms  https://shop.test/
 * // … and 2 requests of the browser itself, to content-autofill.googleapis.com
 * // 3 exchanges in 8 ms, 12 B of bodies: 1 stub, 2 upstream
 * // [1] stub https://shop.test/, written at shop.spec.ts:7
 */
export function summarize(exchanges: readonly Exchange[]): string {
  if (exchanges.length === 0) return 'No exchanges.';
  const background: Exchange[] = [];
  const shown: Exchange[] = [];
  for (const exchange of exchanges) (isBackground(exchange) ? background : shown).push(exchange);
  const rules = numbered(shown);
  const rows = table(shown, { first: exchanges[0]?.timing.start ?? 0, rules });
  return [...rows, ...folded(background), totals(exchanges), ...footnotes(rules)].join('\n');
}

function table(exchanges: readonly Exchange[], context: Context): string[] {
  const rows = exchanges.map((exchange) => columns.map(({ value }) => printable(value(exchange, context))));
  if (rows.length === 0) return [];
  const titles = columns.map(({ title }) => title);
  const widths = titles.map((title, at) =>
    rows.reduce((width, row) => Math.max(width, row[at]?.length ?? 0), title.length),
  );
  return [titles, ...rows].map((row) => line(row, widths));
}

/** The rules that took part, in order of their first exchange, with numbers from 1. */
function numbered(exchanges: readonly Exchange[]): ReadonlyMap<ExchangeRule, number> {
  const numbers = new Map<ExchangeRule, number>();
  for (const { rules } of exchanges) {
    for (const rule of rules) if (!numbers.has(rule)) numbers.set(rule, numbers.size + 1);
  }
  return numbers;
}

function footnotes(rules: ReadonlyMap<ExchangeRule, number>): string[] {
  return [...rules].map(([{ kind, pattern, place }, number]) => {
    const written = place === undefined ? '' : `, written at ${place}`;
    return printable(`[${number}] ${kind} ${pattern}${written}`);
  });
}

function folded(background: readonly Exchange[]): string[] {
  if (background.length === 0) return [];
  const hosts = [...new Set(background.map(({ request }) => hostOf(request.url)))];
  const more = hosts.length > HOSTS_NAMED ? ` and ${hosts.length - HOSTS_NAMED} more hosts` : '';
  const number = background.length === 1 ? '1 request' : `${background.length} requests`;
  return [printable(`… and ${number} of the browser itself, to ${hosts.slice(0, HOSTS_NAMED).join(', ')}${more}`)];
}

function hostOf(url: string): string {
  return /^[a-z]+:\/\/([^/?#]*)/i.exec(url)?.[1] ?? url;
}

function source({ source, mutated, rules }: Exchange, { rules: numbers }: Context): string {
  const marks = rules.map((rule) => `[${numbers.get(rule)}]`);
  return [mutated ? `${source}, mutated` : source, ...marks].join(' ');
}

function line(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, at) => {
    const width = widths[at] ?? 0;
    return columns[at]?.align === 'right' ? cell.padStart(width) : cell.padEnd(width);
  });
  return cells.join('  ').trimEnd();
}

function status({ response, error, source, ended }: Exchange): string {
  const parts: string[] = [];
  if (response !== undefined) parts.push(String(response.status));
  if (error !== undefined) parts.push(error.code);
  if (!ended) parts.push('pending');
  else if (parts.length === 0) parts.push(source === 'tunnel' ? '-' : 'no response');
  return parts.join(' ');
}

function protocol({ source, websocket, request }: Exchange): string {
  if (source === 'tunnel') return 'tunnel';
  const http = `HTTP/${request.httpVersion === '2.0' ? '2' : request.httpVersion}`;
  return websocket ? `${http} websocket` : http;
}

function duration({ timing }: Exchange): string {
  return timing.end === undefined ? '-' : milliseconds(timing.end - timing.start);
}

function totals(exchanges: readonly Exchange[]): string {
  const sources = new Map<string, number>();
  let size = 0;
  const first = exchanges[0]?.timing.start ?? 0;
  let last = first;
  let pending = 0;
  let mutated = 0;
  let errors = 0;
  for (const exchange of exchanges) {
    const { source, response, timing } = exchange;
    sources.set(source, (sources.get(source) ?? 0) + 1);
    size += response?.captured.size ?? 0;
    last = Math.max(last, timing.start, timing.end ?? timing.start);
    if (timing.end === undefined) pending += 1;
    if (exchange.mutated) mutated += 1;
    if (exchange.error !== undefined) errors += 1;
  }
  const counts = [...sources].map(([source, count]) => `${count} ${source}`);
  for (const [count, what] of [
    [mutated, 'mutated'],
    [errors, 'with an error'],
    [pending, 'pending'],
  ] as const) {
    if (count > 0) counts.push(`${count} ${what}`);
  }
  const number = exchanges.length === 1 ? '1 exchange' : `${exchanges.length} exchanges`;
  return `${number} in ${milliseconds(last - first)}, ${bytes(size)} of bodies: ${counts.join(', ')}`;
}

function milliseconds(value: number): string {
  return `${Math.round(value)} ms`;
}

/** Decimal units: 1 kB is 1,000 bytes. */
function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  const [divisor, unit] = count < 999_950 ? [1e3, 'kB'] : count < 999_950_000 ? [1e6, 'MB'] : [1e9, 'GB'];
  return `${(count / divisor).toFixed(1)} ${unit}`;
}

/** Both ends tell most: the host, and the file with its query. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const head = Math.ceil((length - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (length - 1 - head))}`;
}

// A peer's text must not break the lines or steer a terminal.
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
}
