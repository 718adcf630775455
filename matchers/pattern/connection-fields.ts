/** The keys of a pattern that say how the request travels. */
import type { Request } from '../../src/exchange/message.js';
import { type Field, field, type Subject, valueMatcher } from './field.js';
import { invalidPattern } from './invalid-pattern.js';

/** Whether the request opens a WebSocket. */
export function websocketField(value: unknown): Field {
  if (typeof value !== 'boolean') {
    throw invalidPattern({ websocket: value }, 'websocket is true or false', '{ websocket: true }');
  }
  const read = (_: Request, { websocket = false }: Subject) => websocket;
  return field({ name: 'websocket', matcher: valueMatcher(value), read, preflight: 'as-is' });
}
