/** JSON, and the types whose bodies are several texts of it: lines (NDJSON, JSON Lines), or a sequence (RFC 7464). */
import { essenceOf } from './content-type.js';

// Spring's older name is `application/stream+json`, Elasticsearch's `application/vnd.elasticsearch+x-ndjson`.
const LINES =
  /^(?:application|text)\/(?:(?:[^/]+\+)?(?:x-)?(?:ndjson|jsonl|jsonlines|json-lines|ldjson)|stream\+json|x-json-stream)$/;
const SEQUENCE = /^application\/(?:json-seq|[^/]+\+json-seq)$/;

/** The form in which a body holds several JSON texts; undefined where it is one. */
export type JsonSeries = 'lines' | 'sequence';

/** Judges by the content type alone: a line of NDJSON is JSON as well. */
export function jsonSeries(contentType: string | undefined): JsonSeries | undefined {
  const essence = essenceOf(contentType);
  if (LINES.test(essence)) return 'lines';
  return SEQUENCE.test(essence) ? 'sequence' : undefined;
}

/** The JSON texts of such a body, in order; blank lines are none. */
export function jsonTexts(text: string, series: JsonSeries): string[] {
  return text.split(series === 'lines' ? /\r?\n/ : '\x1e').filter((one) => one.trim() !== '');
}

/** JSON texts as such a body. */
export function joinJsonTexts(texts: readonly string[], series: JsonSeries): string {
  return texts.map((text) => (series === 'lines' ? `${text}\n` : `\x1e${text}\n`)).join('');
}

/**
 * A body's JSON: of lines and sequences the list of what they hold.
 * @throws {SyntaxError} where it is none
 */
export function parseJson(text: string, contentType: string | undefined): unknown {
  const series = jsonSeries(contentType);
  return series === undefined ? JSON.parse(text) : jsonTexts(text, series).map((one) => JSON.parse(one));
}
