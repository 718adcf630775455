/** Bodies read and written as text and JSON, in the charset that they are in. */
import { charsetOf, encodeText } from '../../src/http/charset.js';
import { decode } from '../../src/http/encodings.js';
import { type JsonSeries, joinJsonTexts, jsonSeries, jsonTexts } from '../../src/http/json-body.js';
import { jsonText, kindOf } from '../message/content.js';
import { type Refuse, type Written, writeJson, writeText } from '../message/written-body.js';
import { formatWritten } from '../values/written.js';
import { AmbiguousNumberError, JsonSource } from './json-source.js';

/** A body as a function is to see it, and how what it returns is written. */
export interface ReadBody {
  readonly value: unknown;
  /** @param contentType of what is written, which may be another than of what was read */
  write(value: unknown, contentType: string | undefined): Written;
}

/** The body as text. */
export function readText(bytes: Buffer, contentType: string | undefined, refuse: Refuse): ReadBody {
  const charset = charsetOf(bytes, contentType);
  return {
    value: decode(bytes, charset.name),
    write: (value, type) => writeText(value, type, refuse, charset),
  };
}

/** The body as JSON; what a change leaves stays as it was written. */
export function readJson(bytes: Buffer, contentType: string | undefined, refuse: Refuse): ReadBody {
  const charset = charsetOf(bytes, contentType);
  const text = decode(bytes, charset.name);
  const series = jsonSeries(contentType);
  const source = sourceOf(text, series, contentType, refuse);
  return {
    value: source.value,
    write: (value, type) => {
      // A value that has no JSON text is told as everywhere.
      jsonText(value, refuse);
      const after = jsonSeries(type);
      if (after !== series) return writeJson(value, type, refuse);
      if (series !== undefined && !Array.isArray(value)) {
        throw refuse(`json is the list of what its ${contentType} holds, and its function returned ${kindOf(value)}`);
      }
      try {
        return encodeText(source.write(value), type, charset, true);
      } catch (cause) {
        throw cause instanceof AmbiguousNumberError ? refuse(cause.message, cause) : cause;
      }
    },
  };
}

interface Source {
  readonly value: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: lists where there are several, which is checked
  write(value: any): string;
}

function sourceOf(text: string, series: JsonSeries | undefined, type: string | undefined, refuse: Refuse): Source {
  try {
    return series === undefined ? new JsonSource(text) : new SeriesSource(text, series);
  } catch (cause) {
    const hint =
      series === undefined && isLines(text)
        ? `, but lines of it, which its content type (${type ?? 'none'}) does not say; change its text`
        : '';
    throw refuse(`its body is not JSON${hint}: ${formatWritten(text, 80)}`, cause);
  }
}

function isLines(text: string): boolean {
  try {
    return jsonTexts(text, 'lines').map((one) => JSON.parse(one)).length > 1;
  } catch {
    return false;
  }
}

/** Several JSON texts: each item of the list is written by the one that it was. */
class SeriesSource implements Source {
  readonly #series: JsonSeries;
  readonly #sources: readonly JsonSource[];
  readonly #byItem = new Map<unknown, JsonSource>();
  readonly value: unknown[];

  constructor(text: string, series: JsonSeries) {
    this.#series = series;
    this.#sources = jsonTexts(text, series).map((one) => new JsonSource(one.trim()));
    this.value = this.#sources.map(({ value }) => value);
    // A value that is no object is known by its place alone.
    for (const source of this.#sources) {
      if (typeof source.value === 'object' && source.value !== null) this.#byItem.set(source.value, source);
    }
  }

  write(value: readonly unknown[]): string {
    const placed = new Set<unknown>(value.filter((item) => this.#byItem.has(item)));
    const texts = value.map((item, index) => {
      const here = this.#sources[index];
      const source = this.#byItem.get(item) ?? (placed.has(here?.value) ? undefined : here);
      return source?.write(item) ?? JSON.stringify(item);
    });
    return joinJsonTexts(texts, this.#series);
  }
}
