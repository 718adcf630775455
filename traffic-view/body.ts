/** Bodies as they are shown. */
import { decodeText } from '../src/http/charset.js';
import { essenceOf } from '../src/http/content-type.js';
import { isTextual } from '../src/journal/har/har-body.js';
import type { HarContent, HarPostData } from '../src/journal/har/har-format.js';
import { cutText, fitText } from './cut.js';
import { scriptBytes } from './escape.js';
import type { Field, ViewBody } from './view.js';

/** No body takes more of the page: browsers are slow to lay out long texts. */
const MOST_OF_A_BODY = 512 * 1024;

/** A body that can be cut to fit into the page. */
export interface FittableBody {
  /** Bytes that it takes whole. */
  readonly size: number;
  fit(limit: number): ViewBody;
}

// Others are not shown by every browser. As images, SVGs run no scripts and load nothing.
const IMAGES = /^image\/(?:png|jpeg|gif|webp|avif|bmp|svg\+xml|x-icon|vnd\.microsoft\.icon)$/;

/** A request's or response's body; undefined where it has none. */
export function fittableBody(stored: HarPostData | HarContent, size: number): FittableBody | undefined {
  const { text = '', comment } = stored;
  if (text === '' && size <= 0) return undefined;
  const mimeType = cutText(stored.mimeType, 200);
  const essence = essenceOf(mimeType);
  const body = { mimeType, size: Math.max(0, size), notes: comment === undefined ? [] : [cutText(comment, 2000)] };
  if (IMAGES.test(essence) && comment === undefined) return fittableImage(body, essence, stored);
  if (stored.encoding === 'base64') {
    const decoded = comment === undefined ? decodedText(stored) : undefined;
    return decoded === undefined
      ? fixed({ ...body, notes: [...body.notes, 'Binary: not shown.'] })
      : fittableText(body, decoded);
  }
  if ('params' in stored && stored.params.length > 0) return fittableForm(body, stored.params);
  return fittableText(body, text);
}

/** Text in a charset of its own, which an archive keeps as bytes; undefined where it is none. */
function decodedText({ text = '', mimeType }: HarPostData | HarContent): string | undefined {
  if (!isTextual(mimeType)) return undefined;
  const decoded = decodeText(Buffer.from(text, 'base64'), mimeType);
  return /[^\P{Cc}\s]|\ufffd/u.test(decoded) ? undefined : decoded;
}

function fittableImage(
  body: ViewBody,
  essence: string,
  { text = '', encoding }: HarPostData | HarContent,
): FittableBody {
  const data = encoding === 'base64' ? text : Buffer.from(text).toString('base64');
  const image = `data:${essence};base64,${data}`;
  return {
    size: image.length + (encoding === 'base64' ? 0 : Math.min(text.length * 2, MOST_OF_A_BODY)),
    fit: (limit) => {
      if (image.length > Math.min(limit, MOST_OF_A_BODY))
        return { ...body, notes: ['Image: too large to be shown here.'] };
      if (encoding === 'base64') return { ...body, image };
      return { ...fittableText(body, text).fit(limit - image.length), image };
    },
  };
}

function fittableForm(body: ViewBody, params: readonly { name: string; value: string }[]): FittableBody {
  const form = params.map(({ name, value }): Field => [name, value]);
  const size = scriptBytes(form);
  return {
    size: Math.min(size, MOST_OF_A_BODY),
    fit: (limit) => {
      if (size <= Math.min(limit, MOST_OF_A_BODY)) return { ...body, form };
      return fittableText(body, form.map(([name, value]) => `${name}=${value}`).join('\n')).fit(limit);
    },
  };
}

function fittableText(body: ViewBody, text: string): FittableBody {
  const whole = text.length < MOST_OF_A_BODY ? scriptBytes(text) : Number.POSITIVE_INFINITY;
  const most = whole <= MOST_OF_A_BODY ? text : fitText(text, MOST_OF_A_BODY);
  const size = Math.min(whole, MOST_OF_A_BODY);
  return {
    size,
    fit: (limit) => {
      const kept = size <= limit ? most : fitText(most, limit);
      if (kept.length === text.length) return { ...body, text };
      const note = `Cut here after ${kept.length.toLocaleString('en')} of ${text.length.toLocaleString('en')} characters.`;
      return { ...body, text: kept, notes: [...body.notes, note] };
    },
  };
}

function fixed(body: ViewBody): FittableBody {
  return { size: 0, fit: () => body };
}
