/** Prints exchanges as a table for logs and failure attachments. Pure. */
import type { Exchange } from './exchange.js';

const URL_LENGTH = 100;

interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly value: (exchange: Exchange, first: number) => string;
}

const columns: readonly Column[] = [
  { title: 'id', align: 'right', value: ({ id }) => String(id) },
  { title: 'at', align: 'right', value: ({ timing }, first) => `+${milliseconds(timing.start - first)}` },
  { title: 'method', align: 'left', value: ({ request }) => request.method },
  { title: 'status', align: 'left', value: status },
  { title: 'source', align: 'left', value: ({ source, mutated }) => (mutated ? `${source}, mutated` : source) },
  { title: 'protocol', align: 'left', value: protocol },
  { title: 'size', align: 'right', value: ({ response }) => (response ? bytes(response.captured.size) : '-') },
  { title: 'duration', align: 'right', value: duration },
  { title: 'url', align: 'left', value: ({ request }) => cut(request.secrets.url(request.url), URL_LENGTH) },
];

/**
 * One line for each exchange, in aligned columns: id, start after the first one's, method, status
 * (and the failure's code), source, protocol, size of the response's body as sent, duration, URL,
 * cut in the middle where it is long; then a line of totals. Never throws.
 *
 * @example
 * console.log(summarize(waylay.exchanges));
 * // id     at  method  status  source    protocol  size  duration  url
 * //  1  +0 ms  GET     200     upstream  HTTP/2    12 B      8 ms  https://shop.test/
 * // 1 exchange in 8 ms, 12 B of bodies: 1 upstream
 */
export function summarize(exchanges: readonly Exchange[]): string {
  const first = exchanges[0]?.timing.start;
  if (first === undefined) return 'No exchanges.';
  const rows = exchanges.map((exchange) => columns.map(({ value }) => printable(value(exchange, first))));
  const titles = columns.map(({ title }) => title);
  const widths = titles.map((title, at) =>
    rows.reduce((width, row) => Math.max(width, row[at]?.length ?? 0), title.length),
  );
  const lines = [titles, ...rows].map((row) => line(row, widths));
  return [...lines, totals(exchanges, first)].join('\n');
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

function totals(exchanges: readonly Exchange[], first: number): string {
  const sources = new Map<string, number>();
  let size = 0;
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

// What a peer sent must not break the lines or steer a terminal.
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
}
