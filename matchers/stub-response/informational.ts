import { STATUS_CODES } from 'node:http';
import type { ResponseHead } from '../../src/http/response-head.js';
import { type HeaderList, rawHeaderList } from '../message/header-list.js';
import { isPlainObject } from '../values/format.js';
import { formatWritten } from '../values/written.js';
import type { Refuse } from './invalid-reply.js';

/** A response before the response (RFC 9110, section 15.2), such as 103 Early Hints. */
export interface InformationalReply {
  /** The status, from 100 to 199, but 101. */
  status: number;
  /** Fields; names in any case. */
  headers?: HeaderList | undefined;
}

const EXAMPLE = `{ informational: [{ status: 103, headers: { link: '</app.css>; rel=preload' } }], text: 'Hello' }`;

/** `informational`: what is sent before the head, in order. */
export function readInformational(value: unknown, refuse: Refuse): ResponseHead[] {
  const wrong = (why: string) => refuse(why, EXAMPLE);
  if (!Array.isArray(value)) throw wrong('informational is a list of heads');
  return value.map((item: unknown) => {
    if (!isPlainObject(item)) throw wrong(`${formatWritten(item)} is no head of an informational response`);
    const { status, headers = {}, ...others } = item;
    const [unknown] = Object.keys(others);
    if (unknown !== undefined) throw wrong(`an informational response has no '${unknown}', only status and headers`);
    if (typeof status !== 'number' || !Number.isInteger(status) || status < 100 || status > 199) {
      throw wrong(`the status ${formatWritten(status)} is no whole number from 100 to 199`);
    }
    if (status === 101) throw wrong('a 101 ends HTTP on its connection (RFC 9110, section 15.2.2)');
    return { status, statusText: STATUS_CODES[status] ?? '', headers: rawHeaderList(headers, 'headers', wrong) };
  });
}
