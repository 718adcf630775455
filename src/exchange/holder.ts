import type { WaylayError } from '../errors.js';
import type { FaultKind } from '../faults.js';
import type { RawHeaders } from '../http/headers.js';
import type { ResponseHead } from '../http/response-head.js';
import type { ResponseSink } from '../http/sink.js';
import { Stage } from './stage.js';

/** Holds a response back while it is being decided what becomes of it. A failure needs no decision. */
export class Holder extends Stage {
  #head: ResponseHead | undefined;
  #trailersFollow: boolean | undefined;
  #held: Buffer[] = [];
  #trailers: RawHeaders | undefined;

  override head(head: ResponseHead, trailersFollow?: boolean): void {
    this.#head = head;
    this.#trailersFollow = trailersFollow;
  }

  override data(chunk: Buffer): boolean {
    this.#held.push(chunk);
    return false;
  }

  override end(trailers: RawHeaders): void {
    this.#trailers = trailers;
  }

  override fail(error: WaylayError, ending?: FaultKind): void {
    this.#held = [];
    this.next.fail(error, ending);
  }

  override abort(): void {
    this.#held = [];
    super.abort();
  }

  /** Hands over to what takes its place, and calls for more unless that is full. */
  release(to: ResponseSink): void {
    const trailers = this.#trailers;
    if (this.#head !== undefined) to.head(this.#head, trailers?.length ? true : this.#trailersFollow);
    let room = true;
    for (const chunk of this.#held) room = to.data(chunk) && room;
    this.#held = [];
    if (trailers !== undefined) to.end(trailers);
    else if (room) this.source.resume();
  }
}
