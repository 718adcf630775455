/** Bytes as Node's own server and client read them, over a pair of streams in this process. */
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';

/** A message that Node has read in full. */
export interface NodeMessage {
  /** The start line's parts, and the fields, as a list. */
  readonly head: string;
  readonly body: string;
  readonly trailers: string;
}

/** Node's result: the messages that are complete, and the code of what it refused after them. */
export interface NodeReading {
  readonly messages: readonly NodeMessage[];
  readonly code: string | undefined;
}

class Wire extends Duplex {
  override _read(): void {}

  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done();
  }
}

function collect(message: IncomingMessage, head: string, done: (message: NodeMessage) => void): void {
  const body: Buffer[] = [];
  message.on('data', (chunk: Buffer) => body.push(chunk));
  message.on('error', () => {});
  message.on('end', () => {
    if (!message.complete) return;
    done({ head, body: Buffer.concat(body).toString('latin1'), trailers: JSON.stringify(message.rawTrailers) });
  });
}

/** Reads requests, by a server that answers each as soon as it is there. */
export function nodeReadsRequests(bytes: Buffer, lenient: boolean): Promise<NodeReading> {
  return new Promise((resolve) => {
    // In the order of their heads; undefined until they are complete.
    const messages: (NodeMessage | undefined)[] = [];
    let code: string | undefined;
    const wire = new Wire();
    const server = createServer({
      insecureHTTPParser: lenient,
      requireHostHeader: false,
      maxHeaderSize: 256 * 1024,
    } as object);
    server.maxHeadersCount = 0;
    const head = ({ method, url, httpVersion, rawHeaders }: IncomingMessage) =>
      `${httpVersion} ${method} ${JSON.stringify(url)} ${JSON.stringify(rawHeaders)}`;
    const serve = (request: IncomingMessage, response: { end(): void }): void => {
      const place = messages.push(undefined) - 1;
      collect(request, head(request), (message) => {
        messages[place] = message;
      });
      response.end();
    };
    for (const event of ['request', 'checkContinue', 'checkExpectation']) server.on(event, serve);
    for (const event of ['connect', 'upgrade']) {
      server.on(event, (request: IncomingMessage) => {
        messages.push({ head: head(request), body: '', trailers: '[]' });
        wire.destroy();
      });
    }
    server.on('clientError', (error: NodeJS.ErrnoException) => {
      code ??= error.code;
      wire.destroy();
    });
    wire.on('close', () => {
      const complete = [...messages, undefined].indexOf(undefined);
      resolve({ messages: messages.slice(0, complete) as NodeMessage[], code });
    });
    server.emit('connection', wire);
    wire.push(bytes);
    wire.push(null);
  });
}

/** Reads the response to one request. */
export function nodeReadsResponse(bytes: Buffer, method: string, lenient: boolean): Promise<NodeReading> {
  return new Promise((resolve) => {
    const messages: NodeMessage[] = [];
    let code: string | undefined;
    const wire = new Wire();
    const request = httpRequest({
      method,
      insecureHTTPParser: lenient,
      maxHeaderSize: 256 * 1024,
      createConnection: () => wire as never,
    });
    request.maxHeadersCount = 0;
    const serve = (response: IncomingMessage): void => {
      const { statusCode, statusMessage, httpVersion, rawHeaders } = response;
      const head = `${httpVersion} ${statusCode} ${JSON.stringify(statusMessage)} ${JSON.stringify(rawHeaders)}`;
      if (statusCode === 101 || method === 'CONNECT') {
        messages.push({ head, body: '', trailers: '[]' });
        wire.destroy();
      } else collect(response, head, (message) => messages.push(message));
    };
    for (const event of ['response', 'connect', 'upgrade']) request.on(event, serve);
    request.on('error', (error: NodeJS.ErrnoException) => {
      code ??= error.code;
    });
    wire.on('close', () => resolve({ messages, code }));
    request.end();
    wire.push(bytes);
    wire.push(null);
  });
}
