/**
 * The state of an HTTP/1 connection (RFC 9112, section 9), the same for both of its ends: what each party may send next, and
 * whether the connection can carry another message. After h11.
 *
 * What a party sends leads it from one state to another; anything else is an error of its:
 *
 * | client         | request     | data   | end                      | fin     |
 * |----------------|-------------|--------|--------------------------|---------|
 * | `idle`         | `body`      |        |                          | `closed` |
 * | `body`         |             | `body` | `done`, `might-switch`   | `error` |
 * | `done`         |             |        |                          | `closed` |
 * | `might-switch` |             |        |                          | `closed` |
 * | `must-close`   |             |        |                          | `closed` |
 *
 * | server         | interim     | response | data   | end    | switch     | fin        |
 * |----------------|-------------|----------|--------|--------|------------|------------|
 * | `idle`         |             | `body` (*) |      |        |            | `closed`   |
 * | `responding`   | `responding` | `body`  |        |        | `switched` | `error`    |
 * | `body`         |             |          | `body` | `done` |            | `error`, or `closed` where it ends the body |
 * | `done`         |             |          |        |        |            | `closed`   |
 * | `must-close`   |             |          |        |        |            | `closed`   |
 *
 * (*) a refusal of what is no request: the connection is not kept.
 *
 * What one does leads the other:
 *
 * - a request of the client's: the server is `responding`
 * - a switch of the server's: the client is `switched`, where it might; its response instead: the client is `done`
 * - `closed` or `error` of one: the other's `idle` or `done` is `must-close`; but behind an `error` of the client's, a server
 *   that is `idle` may still refuse
 * - either says that the connection is not kept: each one's `done` is `must-close`
 * - both `done`: both are `idle` again
 */

export type PartyState =
  | 'idle'
  | 'responding'
  | 'body'
  | 'done'
  | 'might-switch'
  | 'switched'
  | 'must-close'
  | 'closed'
  | 'error';

type Step = 'request' | 'interim' | 'response' | 'data' | 'end' | 'switch' | 'fin';
type Rules = Readonly<Partial<Record<PartyState, Readonly<Partial<Record<Step, PartyState>>>>>>;

const CLIENT: Rules = {
  idle: { request: 'body', fin: 'closed' },
  body: { data: 'body', end: 'done', fin: 'error' },
  done: { fin: 'closed' },
  'might-switch': { fin: 'closed' },
  'must-close': { fin: 'closed' },
  closed: { fin: 'closed' },
};

const SERVER: Rules = {
  idle: { response: 'body', fin: 'closed' },
  responding: { interim: 'responding', response: 'body', switch: 'switched', fin: 'error' },
  body: { data: 'body', end: 'done', fin: 'error' },
  done: { fin: 'closed' },
  'must-close': { fin: 'closed' },
  closed: { fin: 'closed' },
};

/** The state of one connection. Its methods are told what was sent, by which end; what must not be is `error`, never thrown. */
export class ConnectionState {
  #client: PartyState = 'idle';
  #server: PartyState = 'idle';
  #keepsAlive = true;
  #mightSwitch = false;
  #endsBody = false;

  get client(): PartyState {
    return this.#client;
  }

  get server(): PartyState {
    return this.#server;
  }

  /** Nothing is on its way, and the client may send a request. */
  get isIdle(): boolean {
    return this.#client === 'idle' && this.#server === 'idle';
  }

  /** When what is on its way is complete, the connection can carry another request, as far as is known by now. */
  get canCarryAnother(): boolean {
    return this.#keepsAlive && !OVER.has(this.#client) && !OVER.has(this.#server) && this.#server !== 'switched';
  }

  /** HTTP has ended: both parties' bytes are their own (RFC 9110, sections 7.8 and 9.3.6). */
  get isSwitched(): boolean {
    return this.#client === 'switched' && this.#server === 'switched';
  }

  /**
   * The client has sent the head of a request.
   *
   * @param keepsAlive it does not ask for the connection to be closed
   * @param mightSwitch it asks for another protocol, or for a tunnel
   */
  request(keepsAlive: boolean, mightSwitch: boolean): void {
    this.#mightSwitch = mightSwitch;
    this.#endsBody = false;
    this.#byClient('request');
    if (this.#client === 'body' && this.#server === 'idle') this.#server = 'responding';
    this.#settle(keepsAlive);
  }

  requestData(): void {
    this.#byClient('data');
  }

  requestEnd(): void {
    this.#byClient('end');
    if (this.#client === 'done') {
      if (this.#server === 'switched') this.#client = 'switched';
      else if (this.#mightSwitch) this.#client = 'might-switch';
    }
    this.#settle(true);
  }

  /** The client has ended its side: before the end of its request, it is truncated. */
  clientFin(): void {
    this.#byClient('fin');
    this.#settle(true);
  }

  informational(): void {
    this.#byServer('interim');
  }

  /**
   * The server has sent the head of its response.
   *
   * @param keepsAlive it does not end the connection
   * @param endsBody the end of the connection is that of the body
   */
  response(keepsAlive: boolean, endsBody = false): void {
    this.#endsBody = endsBody;
    const isRefusal = this.#server === 'idle';
    this.#byServer('response');
    this.#mightSwitch = false;
    if (this.#client === 'might-switch') this.#client = 'done';
    this.#settle(keepsAlive && !endsBody && !isRefusal);
  }

  /** The server has sent a 101, or granted a tunnel. */
  switchProtocols(): void {
    this.#byServer(this.#mightSwitch ? 'switch' : 'request');
    if (this.#server === 'switched' && this.#client === 'might-switch') this.#client = 'switched';
    this.#settle(true);
  }

  responseData(): void {
    this.#byServer('data');
  }

  responseEnd(): void {
    this.#byServer('end');
    this.#settle(true);
  }

  /** The server has ended its side. */
  serverFin(): void {
    if (this.#server === 'body' && this.#endsBody) this.#server = 'closed';
    else this.#byServer('fin');
    this.#settle(true);
  }

  /** One of them sent what cannot be read, or the connection is gone. */
  clientError(): void {
    this.#client = 'error';
    this.#settle(true);
  }

  serverError(): void {
    this.#server = 'error';
    this.#settle(true);
  }

  #byClient(step: Step): void {
    this.#client = CLIENT[this.#client]?.[step] ?? 'error';
    if (this.#client === 'error') this.#settle(true);
  }

  #byServer(step: Step): void {
    this.#server = SERVER[this.#server]?.[step] ?? 'error';
    if (this.#server === 'error') this.#settle(true);
  }

  /** Applies one's state to the other's. */
  #settle(keepsAlive: boolean): void {
    if (!keepsAlive) this.#keepsAlive = false;
    const isServerGone = GONE.has(this.#server);
    const isClientGone = GONE.has(this.#client);
    if (this.#client === 'done' && (!this.#keepsAlive || isServerGone)) this.#client = 'must-close';
    if (this.#server === 'done' && (!this.#keepsAlive || isClientGone)) this.#server = 'must-close';
    if (this.#client === 'idle' && isServerGone) this.#client = 'must-close';
    if (this.#server === 'idle' && this.#client === 'closed') this.#server = 'must-close';
    if (this.#client === 'done' && this.#server === 'done') {
      this.#client = 'idle';
      this.#server = 'idle';
    }
  }
}

const GONE: ReadonlySet<PartyState> = new Set(['closed', 'error']);
const OVER: ReadonlySet<PartyState> = new Set(['closed', 'error', 'must-close']);
