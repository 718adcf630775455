import type { WebSocketMessage } from '../../websocket/message.js';
import type { Exchange } from '../exchange.js';
import { bodyWithoutSecrets } from '../mask/body-secrets.js';
import { DEFAULT_SECRETS, type Secrets } from '../mask/secrets.js';
import type { HarWebSocketMessage } from './har-format.js';

const OPCODES: Record<WebSocketMessage['type'], number> = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

/** The messages of a WebSocket; undefined where the exchange is none. */
export function harMessages(
  { websocket, messages }: Exchange,
  secrets: Secrets = DEFAULT_SECRETS,
): HarWebSocketMessage[] | undefined {
  if (!websocket) return undefined;
  return messages.map(({ from, type, time, data, size, truncated }) => ({
    type: from === 'client' ? 'send' : 'receive',
    time: time / 1000,
    opcode: OPCODES[type],
    data:
      typeof data === 'string' ? secrets.text(data) : bodyWithoutSecrets(secrets, data, undefined).toString('base64'),
    _size: truncated ? size : undefined,
  }));
}

/** Says so where not all messages are there. */
export function messagesComment({ forgottenMessages, messagesError }: Exchange): string | undefined {
  const oldest =
    forgottenMessages === 0 ? [] : [`Of its WebSocket messages the oldest were not kept: ${forgottenMessages}.`];
  const lines = messagesError === undefined ? oldest : [...oldest, messagesError.message];
  return lines.length === 0 ? undefined : lines.join(' ');
}
