/** The bodies that are there as a whole: `json`, `text`, `body`. */
import { bytesOf, jsonText, kindOf } from '../message/content.js';
import { formatValue, isPlainObject } from '../report/format.js';
import type { BodyForm } from './body-form.js';
import { EXAMPLE_REPLY } from './invalid-reply.js';

export const jsonBody: BodyForm = (value, refuse) => ({
  field: ['content-type', 'application/json'],
  bytes: Buffer.from(jsonText(value, (why, cause) => refuse(why, EXAMPLE_REPLY, cause))),
});

export const textBody: BodyForm = (value, refuse) => {
  if (typeof value !== 'string') throw refuse(`text is ${kindOf(value)} and no string`, `{ text: 'Hello' }`);
  return { field: ['content-type', 'text/plain; charset=utf-8'], bytes: Buffer.from(value) };
};

export const bytesBody: BodyForm = (value, refuse) => {
  const bytes = bytesOf(value);
  if (bytes !== undefined) return { bytes };
  const isJson = isPlainObject(value) || Array.isArray(value);
  const write = isJson ? `{ json: ${formatValue(value, 60)} }` : `{ body: Buffer.from('…') }`;
  throw refuse(`body is ${kindOf(value)}, and no string and no bytes`, write);
};
