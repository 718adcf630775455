/** Text and JSON as bytes that their recipient reads as what was written. */
import { type Charset, encodeText } from '../../src/http/charset.js';
import { joinJsonTexts, jsonSeries } from '../../src/http/json-body.js';
import { formatWritten } from '../values/written.js';
import { jsonText } from './content.js';

/** Makes the error for what cannot be. */
export type Refuse = (why: string, cause?: unknown) => Error;

/** Bytes, and the content type that they need where it is another than before. */
export interface Written {
  readonly bytes: Buffer;
  readonly contentType?: string;
}

/** @param before how the text was read that this one takes the place of */
export function writeText(value: unknown, contentType: string | undefined, refuse: Refuse, before?: Charset): Written {
  if (typeof value !== 'string') throw refuse(`text is ${formatWritten(value)}, and no string`);
  return encodeText(value, contentType, before);
}

/** JSON in a body of this type: NDJSON and the like have a list as their lines, and anything else as one. */
export function writeJson(value: unknown, contentType: string | undefined, refuse: Refuse): Written {
  const series = jsonSeries(contentType);
  const text =
    series === undefined
      ? jsonText(value, refuse)
      : joinJsonTexts(
          (Array.isArray(value) ? value : [value]).map((item) => jsonText(item, refuse)),
          series,
        );
  return encodeText(text, contentType, undefined, true);
}
