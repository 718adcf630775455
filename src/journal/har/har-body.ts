import { isUtf8 } from 'node:buffer';
import { WaylayError } from '../../errors.js';
import { contentCoding } from '../../http/aws-chunked.js';
import { decodeContent } from '../../http/content-coding.js';
import { essenceOf } from '../../http/content-type.js';
import { readForm } from '../../http/form.js';
import { bodyWithoutSecrets } from '../mask/body-secrets.js';
import type { Secrets } from '../mask/secrets.js';
import type { Request, Response } from '../message.js';
import type { HarContent, HarPostData } from './har-format.js';

// The type of Chrome DevTools and Playwright where there is no content type.
const UNKNOWN = 'x-unknown';

/** A response's body as `content`: never fails, but says in `comment` what is missing. */
export function harContent(response: Response, secrets: Secrets): HarContent {
  const mimeType = response.header('content-type') ?? UNKNOWN;
  const { bytes, size, coded, notes } = readable(response);
  return {
    size,
    compression: coded === 'undone' ? size - response.captured.size : undefined,
    mimeType,
    ...(bytes.length > 0 ? encoded(shown(bytes, mimeType, coded, secrets), mimeType, coded, notes) : {}),
    comment: comment(notes),
  };
}

/** A request's body as `postData`; undefined where it has none. */
export function harPostData(request: Request, secrets: Secrets): HarPostData | undefined {
  if (request.captured.size === 0) return undefined;
  const mimeType = request.header('content-type') ?? UNKNOWN;
  const { bytes, coded, notes } = readable(request);
  const stored = encoded(shown(bytes, mimeType, coded, secrets), mimeType, coded, notes);
  const form = essenceOf(mimeType) === 'application/x-www-form-urlencoded' && stored.encoding === undefined;
  return {
    mimeType,
    params: form ? [...readForm(Buffer.from(stored.text), mimeType)].map(([name, value]) => ({ name, value })) : [],
    ...stored,
    comment: comment(notes),
  };
}

interface ReadableBody {
  readonly bytes: Buffer;
  /** Bytes of the whole body: decoded where its codings were undone, else as sent. */
  readonly size: number;
  readonly coded: 'no' | 'undone' | 'still';
  readonly notes: string[];
}

function readable(message: Request | Response): ReadableBody {
  const { captured } = message;
  const { bytes, size } = captured;
  const notes: string[] = [];
  if (!captured.complete) notes.push(`The body did not arrive in full: ${size} bytes came.`);
  if (captured.truncated) {
    notes.push(`Of ${size} bytes ${captured.kept} were kept; captureLimit or journalLimit was reached.`);
  }
  const coding = contentCoding(message.rawHeaders)?.trim() ?? '';
  if (coding === '' || /^identity$/i.test(coding) || bytes.length === 0) return { bytes, size, coded: 'no', notes };
  if (notes.length > 0) {
    notes.push(`Content coding '${coding}' not undone.`);
    return { bytes, size, coded: 'still', notes };
  }
  try {
    const decoded = decodeContent(bytes, coding, message.toString());
    return { bytes: decoded, size: decoded.length, coded: 'undone', notes };
  } catch (error) {
    notes.push(error instanceof WaylayError ? error.message : String(error), 'Its bytes are here as sent.');
    return { bytes, size, coded: 'still', notes };
  }
}

/** The bytes without secrets, where they can be read. */
function shown(bytes: Buffer, mimeType: string, coded: ReadableBody['coded'], secrets: Secrets): Buffer {
  return coded === 'still' ? bytes : bodyWithoutSecrets(secrets, bytes, mimeType);
}

/** Writes text only where it gives the same bytes back, so that a replay is exact; Playwright's rule. */
function encoded(
  bytes: Buffer,
  mimeType: string,
  coded: ReadableBody['coded'],
  notes: readonly string[],
): { text: string; encoding?: 'base64' } {
  if (coded !== 'still' && isTextual(mimeType)) {
    const whole = notes.length > 0 ? withoutPartialCharacter(bytes) : bytes;
    if (isUtf8(whole)) return { text: whole.toString() };
  }
  return { text: bytes.toString('base64'), encoding: 'base64' };
}

// A body that was cut may end inside a character, of which UTF-8 has at most three bytes then.
function withoutPartialCharacter(bytes: Buffer): Buffer {
  for (let cut = 0; cut <= 3 && cut < bytes.length; cut++) {
    const candidate = bytes.subarray(0, bytes.length - cut);
    if (isUtf8(candidate)) return candidate;
  }
  return bytes;
}

const TEXTUAL = new Set([
  'application/json',
  'application/javascript',
  'application/x-javascript',
  'application/ecmascript',
  'application/graphql',
  'application/x-ndjson',
  'application/x-www-form-urlencoded',
  'application/xml',
  'application/jsonl',
  'application/json-seq',
  'multipart/form-data',
  UNKNOWN,
]);

/** True if a body of this type is text, as far as its type says. */
export function isTextual(mimeType: string): boolean {
  const essence = essenceOf(mimeType);
  return essence.startsWith('text/') || /\+(?:json|xml)$/.test(essence) || TEXTUAL.has(essence);
}

function comment(notes: readonly string[]): string | undefined {
  return notes.length === 0 ? undefined : notes.join(' ');
}
