import { formatFields, headerValue, type RawHeaders } from '../http/headers.js';
import { requestFieldsForHttp1 } from '../http/http2/fields.js';
import type { OutgoingRequest } from '../http/sending.js';

/**
 * The request's head with its fields as the client ordered and spelt them (RFC 9112, section 3),
 * framed as the head that undici was about to write.
 *
 * @param framed undici's own head. It ends with `transfer-encoding: chunked` and no empty line where
 * it is going to send chunks, since each chunk it writes begins with the line break before it.
 */
export function requestHead(request: OutgoingRequest, framed: string): string {
  const fields = http1Fields(request);
  const head = `${request.method} ${request.path} HTTP/1.1\r\n${formatFields(fields)}`;
  if (framed.endsWith('transfer-encoding: chunked\r\n')) return `${head}Transfer-Encoding: chunked\r\n`;
  // A chunked body that had arrived in full before it was forwarded is sent by its length.
  const isLengthMissing = request.body !== null && headerValue(fields, 'content-length') === undefined;
  const length = isLengthMissing ? /content-length: (\d+)\r\n\r\n$/.exec(framed)?.[1] : undefined;
  return length === undefined || length === '0' ? `${head}\r\n` : `${head}Content-Length: ${length}\r\n\r\n`;
}

/** The fields as they are, or made from those of an HTTP/2 request, which has no `Host`. */
export function http1Fields({ headers, authority }: OutgoingRequest): RawHeaders {
  return headerValue(headers, 'host') === undefined ? requestFieldsForHttp1(headers, authority) : headers;
}
