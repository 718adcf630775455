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

/** A body that wants to be in the page, and what it is where it gets less than it asks for. */
export interface BodyWish {
  /** Bytes that it asks for. */
  readonly size: number;
  take(limit: number): ViewBody;
}

// Others are not shown by every browser. As images, SVGs run no scripts and load nothing.
const IMAGES = /^image\/(?:png|jpeg|gif|webp|avif|bmp|svg\+xml|x-icon|vnd\.microsoft\.icon)$/;

/** A request's or response's body; undefined where it has none. */
export function bodyWish(stored: HarPostData | HarContent, size: number): BodyWish | undefined {
  const { text = '', comment } = stored;
  if (text === '' && size <= 0) return undefined;
  const mimeType = cutText(stored.mimeType, 200);
  const essence = essenceOf(mimeType);
  const body = { mimeType, size: Math.max(0, size), notes: comment === undefined ? [] : [cutText(comment, 2000)] };
  if (IMAGES.test(essence) && comment === undefined) return imageWish(body, essence, stored);
  if (stored.encoding === 'base64') {
    const decoded = comment === undefined ? decodedText(stored) : undefined;
    return decoded === undefined
      ? fixed({ ...body, notes: [...body.notes, 'Binary: not shown.'] })
      : textWish(body, decoded);
  }
  if ('params' in stored && stored.params.length > 0) return formWish(body, stored.params);
  return textWish(body, text);
}

/** Text in a charset of its own, which an archive keeps as bytes; undefined where it is none. */
function decodedText({ text = '', mimeType }: HarPostData | HarContent): string | undefined {
  if (!isTextual(mimeType)) return undefined;
  const decoded = decodeText(Buffer.from(text, 'base64'), mimeType);
  return /[^\P{Cc}\s]|\ufffd/u.test(decoded) ? undefined : decoded;
}

function imageWish(body: ViewBody, essence: string, { text = '', encoding }: HarPostData | HarContent): BodyWish {
  const data = encoding === 'base64' ? text : Buffer.from(text).toString('base64');
  const image = `data:${essence};base64,${data}`;
  return {
    size: image.length + (encoding === 'base64' ? 0 : Math.min(text.length * 2, MOST_OF_A_BODY)),
    take: (limit) => {
      if (image.length > Math.min(limit, MOST_OF_A_BODY))
        return { ...body, notes: ['Image: too large to be shown here.'] };
      if (encoding === 'base64') return { ...body, image };
      return { ...textWish(body, text).take(limit - image.length), image };
    },
  };
}

function formWish(body: ViewBody, params: readonly { name: string; value: string }[]): BodyWish {
  const form = params.map(({ name, value }): Field => [name, value]);
  const size = scriptBytes(form);
  return {
    size: Math.min(size, MOST_OF_A_BODY),
    take: (limit) => {
      if (size <= Math.min(limit, MOST_OF_A_BODY)) return { ...body, form };
      return textWish(body, form.map(([name, value]) => `${name}=${value}`).join('\n')).take(limit);
    },
  };
}

function textWish(body: ViewBody, text: string): BodyWish {
  const whole = text.length < MOST_OF_A_BODY ? scriptBytes(text) : Number.POSITIVE_INFINITY;
  const most = whole <= MOST_OF_A_BODY ? text : fitText(text, MOST_OF_A_BODY);
  const size = Math.min(whole, MOST_OF_A_BODY);
  return {
    size,
    take: (limit) => {
      const kept = size <= limit ? most : fitText(most, limit);
      if (kept.length === text.length) return { ...body, text };
      const note = `Cut here after ${kept.length.toLocaleString('en')} of ${text.length.toLocaleString('en')} characters.`;
      return { ...body, text: kept, notes: [...body.notes, note] };
    },
  };
}

function fixed(body: ViewBody): BodyWish {
  return { size: 0, take: () => body };
}
