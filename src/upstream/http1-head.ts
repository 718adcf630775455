import { requestFieldsForHttp1 } from '../http2/fields.js';
import type { OutgoingRequest } from './connection.js';

/**
 * The request's head with its fields as the client ordered and spelt them (RFC 9112, section 3),
 * framed as the head that undici was about to write.
 *
 * @param framed undici's own head. It ends with `transfer-encoding: chunked` and no empty line where
 * it is going to send chunks, since each chunk it writes begins with the line break before it.
 */
export function requestHead(request: OutgoingRequest, framed: string): string {
  const fields = http1Fields(request);
  let head = `${request.method} ${request.path} HTTP/1.1\r\n`;
  let hasLength = false;
  for (let i = 0; i + 1 < fields.length; i += 2) {
    head += `${fields[i]}: ${fields[i + 1]}\r\n`;
    hasLength ||= (fields[i] as string).toLowerCase() === 'content-length';
  }
  if (framed.endsWith('transfer-encoding: chunked\r\n')) return `${head}Transfer-Encoding: chunked\r\n`;
  // A chunked body that had arrived in full before it was forwarded is sent by its length.
  const length = hasLength ? undefined : /content-length: (\d+)\r\n\r\n$/.exec(framed)?.[1];
  if (length !== undefined && length !== '0') head += `Content-Length: ${length}\r\n`;
  return `${head}\r\n`;
}

/** The fields as they are, or made from those of an HTTP/2 request, which has no `Host`. */
export function http1Fields({ headers, authority }: OutgoingRequest): readonly string[] {
  for (let i = 0; i < headers.length; i += 2) {
    if ((headers[i] as string).length === 4 && (headers[i] as string).toLowerCase() === 'host') return headers;
  }
  return requestFieldsForHttp1(headers, authority);
}
