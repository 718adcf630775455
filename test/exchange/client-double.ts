import type { WaylayError } from '../../src/errors.js';
import type { ClientSink } from '../../src/exchange/incoming.js';
import type { FaultKind } from '../../src/faults.js';
import type { RawHeaders } from '../../src/http/headers.js';
import type { ResponseHead } from '../../src/http/response-head.js';
import type { Source } from '../../src/http/sink.js';
import { headSaid } from './said.js';

/** A client's end without a connection: writes down what it is sent, and what it should not have been sent. */
export class ClientDouble implements ClientSink {
  source: Source | undefined;
  #room = true;
  /** The body, as far as it came. */
  readonly body: Buffer[] = [];
  status: number | undefined;
  /** Its end, once it is. */
  ending: 'end' | 'fail' | 'break' | undefined;
  /** Breaches of a response's grammar, or of its pace. */
  readonly wrongs: string[] = [];
  /** It has said that it has no room. */
  #full = false;
  readonly #log: string[];

  constructor(log: string[]) {
    this.#log = log;
  }

  /** It takes more; else the next chunk fills it. */
  get room(): boolean {
    return this.#room;
  }

  set room(has: boolean) {
    this.#room = has;
    if (!has || !this.#full) return;
    this.#full = false;
    this.source?.resume();
  }

  informational({ status }: ResponseHead): void {
    if (this.status !== undefined) this.#wrong(`informational ${status} after a head`);
    this.#say(`informational ${status}`);
  }

  switchProtocols(): void {
    this.#say('switch protocols');
  }

  head(head: ResponseHead, trailersFollow?: boolean): void {
    // Node refuses it.
    if (head.status > 999) throw new RangeError('Invalid status code');
    if (this.status !== undefined) this.#wrong(`a second head, ${head.status}`);
    this.status = head.status;
    this.#say(headSaid(head, trailersFollow));
  }

  data(chunk: Buffer): boolean {
    if (this.status === undefined) this.#wrong('data before a head');
    if (this.#full) this.#wrong('data while there was no room');
    this.#full = !this.#room;
    this.body.push(chunk);
    this.#say(`data ${/^WAYLAY_\w+/.exec(chunk.toString())?.[0] ?? chunk}`);
    return this.#room;
  }

  end(trailers: RawHeaders): void {
    if (this.status === undefined) this.#wrong('an end before a head');
    this.#say(['end', ...trailers].join(' '));
    this.ending = 'end';
  }

  fail({ code, cause }: WaylayError, ending?: FaultKind): void {
    if (ending === 'hang') {
      this.#say('hang');
      return;
    }
    if (ending !== undefined) this.#say(`break off: ${ending}`);
    else this.#say(code === 'WAYLAY_HANDLER' ? `fail ${code}: ${(cause as Error).message}` : `fail ${code}`);
    this.ending = ending === undefined ? 'fail' : 'break';
  }

  #say(line: string): void {
    if (this.ending !== undefined) this.#wrong(`${line} after the ${this.ending}`);
    this.#log.push(line);
  }

  #wrong(what: string): void {
    this.wrongs.push(what);
  }
}
