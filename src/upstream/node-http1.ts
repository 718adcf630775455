import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { headerValue } from '../http/headers.js';
import { MAX_HEAD_SIZE } from '../http/limits.js';
import type { ResponseHead } from '../http/response-head.js';
import type { OutgoingRequest, Sending } from '../http/sending.js';
import type { ResponseSink } from '../http/sink.js';
import { resetAfterReading } from '../net/reset.js';
import { http1Fields } from './http1-head.js';
import { responseError } from './response-error.js';
import type { Transport } from './transport.js';

/**
 * One request on a connection of its own, over node:http: for what undici cannot carry, that is an
 * upgrade (RFC 9110, section 7.8), an expectation of 100 (section 10.1.1), and request trailers
 * (section 6.5). The connection ends with the exchange.
 */
export function sendOverNodeHttp(
  transport: Transport,
  authority: string,
  outgoing: OutgoingRequest,
  sink: ResponseSink,
): Sending {
  const { socket, raw } = transport;
  let response: IncomingMessage | undefined;
  let settled = false;

  const request = httpRequest({
    createConnection: () => socket,
    method: outgoing.method,
    path: outgoing.path,
    headers: framed(outgoing),
    setHost: false,
    maxHeaderSize: MAX_HEAD_SIZE,
  });
  const fail = (cause: Error): void => {
    if (settled) return;
    settled = true;
    sink.fail(responseError(authority, response !== undefined, transport.alert ?? cause));
  };

  request.on('error', fail);
  // A 100 comes here too.
  request.on('information', (information) => {
    sink.informational({
      status: information.statusCode,
      statusText: information.statusMessage,
      headers: information.rawHeaders,
    });
  });
  request.on('upgrade', (message: IncomingMessage, upgraded: Socket, firstBytes: Buffer) => {
    settled = true;
    sink.switchProtocols(head(message), upgraded, firstBytes);
  });
  request.on('response', (message) => {
    response = message;
    sink.head(head(message));
    message.on('data', (chunk: Buffer) => {
      if (!sink.data(chunk)) message.pause();
    });
    message.on('end', () => {
      if (settled || !message.complete) return;
      settled = true;
      sink.end(message.rawTrailers);
      socket.destroy();
    });
    message.on('error', fail);
    message.on('aborted', () => fail(new Error('the connection was closed')));
  });

  sendBody(request, outgoing);

  return {
    resume: () => void response?.resume(),
    abort: () => {
      settled = true;
      request.destroy();
      socket.destroy();
    },
    breakOff: (kind, done) => {
      const go = (): void => {
        if (kind === 'reset') {
          settled = true;
          resetAfterReading({ socket, raw }, done);
        } else {
          socket.end();
          done();
        }
      };
      if (request.writableFinished) go();
      else if (request.writableEnded) request.once('finish', go);
      else request.write(NOTHING, go);
    },
  };
}

const NOTHING = Buffer.alloc(0);

// node:http chunks the bodies of some methods only; without a length, others would have no end (RFC 9112, section 6.3).
function framed(outgoing: OutgoingRequest): string[] {
  const fields = [...http1Fields(outgoing)];
  const streams = outgoing.body !== null && !Buffer.isBuffer(outgoing.body);
  return streams && headerValue(fields, 'content-length') === undefined
    ? [...fields, 'Transfer-Encoding', 'chunked']
    : fields;
}

function sendBody(request: ReturnType<typeof httpRequest>, { body, trailers }: OutgoingRequest): void {
  if (body === null || Buffer.isBuffer(body)) {
    request.end(body ?? undefined);
    return;
  }
  // The head has to go out, with an expectation, before there is a body.
  request.flushHeaders();
  body.on('end', () => {
    const fields = trailers();
    const pairs: [string, string][] = [];
    for (let i = 0; i + 1 < fields.length; i += 2) pairs.push([fields[i] as string, fields[i + 1] as string]);
    if (pairs.length > 0) request.addTrailers(pairs);
  });
  body.on('error', () => request.destroy());
  body.pipe(request);
}

function head(message: IncomingMessage): ResponseHead {
  return { status: message.statusCode ?? 0, statusText: message.statusMessage ?? '', headers: message.rawHeaders };
}
