/** Refuses, where it is written, what WebSockets do not have. */
import { rowOf } from '../../src/faults.js';
import { BODY_KEYS, type MessageChange } from './change.js';
import { invalidChange } from './check-change.js';

/**
 * Checks a change for a pattern that only WebSockets match: an accepted one has no body, only messages (RFC 6455, section
 * 5). One that is refused by another status has an ordinary response.
 * @throws {TestError} `WAYLAY_INVALID_CHANGE`
 */
export function checkWebSocketChange({ request = {}, response = {} }: MessageChange): void {
  const given = (side: object, keys: readonly string[]) => keys.find((key) => Object.hasOwn(side, key));
  const sent = given(request, BODY_KEYS);
  if (sent !== undefined) {
    const why = `the request that opens a WebSocket has no body (RFC 6455, section 4.1) that request.${sent} could change`;
    throw invalidChange({ request }, why, `{ request: { headers: { 'sec-websocket-protocol': null } } }`);
  }
  if (response.status !== undefined) return;
  const received = given(response, [...BODY_KEYS, 'trailers']);
  if (received !== undefined) {
    const why = `an accepted WebSocket has messages (RFC 6455, section 5), and nothing that response.${received} could change`;
    throw invalidChange(
      { response },
      why,
      `{ response: { status: 401, json: { error: 'login' } } } to refuse it instead`,
    );
  }
  if (rowOf(response.fault)?.ofChunks) {
    const why = 'what comes on a WebSocket is not in chunks';
    throw invalidChange({ response }, why, `{ response: { fault: 'truncate', after: 1000 } }`);
  }
}
