/** The bodies that are there as a whole: `json`, `text`, `body`. */
import { encodeText } from '../../src/http/charset.js';
import { charsetLabel } from '../../src/http/content-type.js';
import { headerValue } from '../../src/http/headers.js';
import { bytesOf, kindOf } from '../message/content.js';
import { writeJson } from '../message/written-body.js';
import { isPlainObject } from '../values/format.js';
import { formatWritten } from '../values/written.js';
import type { BodyForm } from './body-form.js';
import { EXAMPLE_REPLY } from './invalid-reply.js';

export const jsonBody: BodyForm = (value, refuse, headers) => {
  const type = headerValue(headers, 'content-type');
  const { bytes } = writeJson(value, type, (why, cause) => refuse(why, EXAMPLE_REPLY, cause));
  return { field: ['content-type', 'application/json'], bytes };
};

export const textBody: BodyForm = (value, refuse, headers) => {
  if (typeof value !== 'string') throw refuse(`text is ${kindOf(value)} and no string`, `{ text: 'Hello' }`);
  const type = headerValue(headers, 'content-type');
  const { bytes, contentType } = encodeText(value, type);
  const charset = charsetLabel(type);
  if (contentType !== undefined && charset !== undefined) {
    const why = `text has a character that the charset ${charset} of its content-type does not have`;
    throw refuse(why, `{ headers: { 'content-type': ${formatWritten(contentType)} }, text: … }`);
  }
  return { field: ['content-type', 'text/plain; charset=utf-8'], bytes };
};

export const bytesBody: BodyForm = (value, refuse) => {
  const bytes = bytesOf(value);
  if (bytes !== undefined) return { bytes };
  const isJson = isPlainObject(value) || Array.isArray(value);
  const write = isJson ? `{ json: ${formatWritten(value, 60)} }` : `{ body: Buffer.from('…') }`;
  throw refuse(`body is ${kindOf(value)}, and no string and no bytes`, write);
};
