import { ClientError, WaylayError } from '../errors.js';
import { errorAnswer } from '../exchange/error-answer.js';
import { type Destination, defaultPort, formatAuthority, parseAuthority } from '../net/authority.js';
import type { ProxyContext } from './context.js';
import { dialFirst } from './dial-first.js';
import type { Layer } from './layer.js';
import { asTheSystemSays } from './redirected.js';

/**
 * Takes a CONNECT off a connection (RFC 9110, section 9.3.6). The upstream is dialled before the answer: see {@link dialFirst}.
 *
 * @param firstBytes what followed the request in the same packet
 */
export async function connect(context: ProxyContext, layer: Layer, target: string, firstBytes: Buffer): Promise<void> {
  const { socket } = layer;
  const authority = parseAuthority(target, defaultPort('https'));
  if (authority === undefined) {
    const error = new ClientError('WAYLAY_CLIENT_PROTOCOL', `CONNECT takes host:port, not '${target}'.`);
    socket.end(refusal(400, 'Bad Request', error));
    return;
  }
  // No data is read before the answer, and what came early stays in its place.
  if (firstBytes.length > 0) socket.unshift(firstBytes);
  const destination: Destination = { ...authority, source: 'connect' };
  const reached = await dialFirst(context, layer, destination);
  if (reached === undefined) return;
  if (reached instanceof WaylayError) {
    const { fail } = context.clientAt(layer.client.port) ?? {};
    if (fail === undefined) socket.end(refusal(502, 'Bad Gateway', reached));
    else fail(asTheSystemSays(reached));
    return;
  }
  context.log('http', 'CONNECT %s', formatAuthority(authority));
  socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
  context.enter({ ...layer, destination, link: reached });
}

function refusal(status: number, statusText: string, error: WaylayError): string {
  const { headers, body } = errorAnswer(error, 'respond') ?? { headers: [], body: '' };
  let head = `HTTP/1.1 ${status} ${statusText}\r\nConnection: close\r\n`;
  for (let i = 0; i + 1 < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return `${head}\r\n${body}`;
}
