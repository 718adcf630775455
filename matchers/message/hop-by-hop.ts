/** Header fields of one connection, which no message carries on (RFC 9110, section 7.6.1). */

const OF_A_CONNECTION = new Set(['keep-alive', 'proxy-connection', 'te', 'transfer-encoding']);
const OF_A_RESPONSE = new Set([...OF_A_CONNECTION, 'connection', 'upgrade']);

/** The problem of a field, and what to write in its place. */
export interface HopByHopProblem {
  readonly why: string;
  readonly write: string;
}

/**
 * The reason why such a field of a changed message would not be sent; undefined where it would be. A handshake has
 * `connection` and `upgrade`.
 */
export function hopByHopProblem(name: string, value: unknown): HopByHopProblem | undefined {
  return problemOf(OF_A_CONNECTION, name, value);
}

/** The same for a response of the test's own, whose `connection: close` ends the connection. */
export function hopByHopProblemOfResponse(name: string, value: unknown): HopByHopProblem | undefined {
  return problemOf(OF_A_RESPONSE, name, value);
}

function problemOf(names: ReadonlySet<string>, name: string, value: unknown): HopByHopProblem | undefined {
  const lower = name.toLowerCase();
  if (!names.has(lower)) return undefined;
  const only: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (typeof only === 'string' && only.toLowerCase() === MEANT[lower]) return undefined;
  return {
    why: `'${name}' is a field of one connection and not of the message, and would not be sent (RFC 9110, section 7.6.1)`,
    write: lower === 'transfer-encoding' ? `{ stream: ['a', 'b'] } for a body in chunks` : (INSTEAD[lower] ?? NOTHING),
  };
}

/** The one value that is of use. */
const MEANT: Readonly<Record<string, string>> = { te: 'trailers', connection: 'close' };

const NOTHING = 'nothing in its place';
const INSTEAD: Readonly<Record<string, string>> = {
  connection: `{ connection: 'close' } to end the connection, or nothing in its place`,
  te: `{ te: 'trailers' }, or nothing in its place`,
};
