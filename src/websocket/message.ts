/** The sender of a message. */
export type Sender = 'client' | 'server';

interface MessageBase {
  /** The sender. */
  readonly from: Sender;
  /** Bytes of the message with its compression undone, whether kept or not. */
  readonly size: number;
  /** `data` is only the message's beginning: it is longer than `captureLimit`. */
  readonly truncated: boolean;
  /** The time when its last byte came: milliseconds since the Unix epoch, with fractions. */
  readonly time: number;
  /** The code of a close (RFC 6455, section 7.4); undefined where it has none. */
  readonly code?: number | undefined;
  /** The reason of a close, empty where it has none. */
  readonly reason?: string;
}

/** Text. Bytes that are not UTF-8 are U+FFFD. */
export interface TextMessage extends MessageBase {
  /** Text (RFC 6455, section 5.6). */
  readonly type: 'text';
  /** The text, or its beginning: see `truncated`. */
  readonly data: string;
}

/** Bytes: a message, or what a ping, a pong or a close carries. */
export interface BinaryMessage extends MessageBase {
  /** Binary (RFC 6455, section 5.6), or a control frame (section 5.5). */
  readonly type: 'binary' | 'ping' | 'pong' | 'close';
  /** The bytes, or their beginning: see `truncated`. */
  readonly data: Buffer;
}

/**
 * A message as it passed through a WebSocket, in one piece however it was fragmented (RFC 6455, section 5.4), with
 * its compression undone (RFC 7692).
 *
 * @example
 * exchange.messages.filter(({ from, type }) => from === 'client' && type === 'text').map(({ data }) => data);
 */
export type WebSocketMessage = TextMessage | BinaryMessage;

/** The type of a message. */
export type MessageType = WebSocketMessage['type'];
