import type { WaylayError } from '../errors.js';
import { headerValue } from '../http/headers.js';
import type { ResponseHead } from '../http/response-head.js';
import type { Exchange } from '../journal/exchange.js';
import { agreedCompression } from '../websocket/inflate.js';
import type { Sender } from '../websocket/message.js';
import { MessageReader } from '../websocket/message-reader.js';
import type { ExchangeContext } from './context.js';

/** Sees what passes by on a WebSocket. */
export interface WebSocketObserver {
  client(chunk: Buffer): void;
  server(chunk: Buffer): void;
  end(): WebSocketEnd;
}

/** The state of both sides of a WebSocket when it ended. */
export interface WebSocketEnd {
  /** The sides that were inside a message. */
  readonly cut: readonly Sender[];
  /** The sides that had sent a close. */
  readonly closed: readonly Sender[];
}

/**
 * Records the messages of a WebSocket whose handshake this response ends. What is no WebSocket's frame ends the
 * recording of what its sender sends, and nothing else.
 */
export function observeWebSocket(context: ExchangeContext, exchange: Exchange, head: ResponseHead): WebSocketObserver {
  const { journal, clock, options, log } = context;
  const extensions = headerValue(head.headers, 'sec-websocket-extensions');
  const failed = (error: WaylayError): void => {
    exchange.messagesError ??= error;
    log('http', '%s: %s', exchange, error.message);
  };
  const readerOf = (sender: Sender): MessageReader =>
    new MessageReader({
      sender,
      compression: agreedCompression(extensions, sender),
      limit: options.captureLimit,
      now: () => clock.now(),
      message: (message) => journal.addMessage(exchange, message),
      failed,
    });
  const client = readerOf('client');
  const server = readerOf('server');
  return {
    client: (chunk) => client.push(chunk),
    server: (chunk) => server.push(chunk),
    end() {
      const readers = { client, server };
      return {
        cut: SENDERS.filter((sender) => readers[sender].end()),
        closed: SENDERS.filter((sender) => readers[sender].closed),
      };
    },
  };
}

const SENDERS = ['client', 'server'] as const satisfies Sender[];
