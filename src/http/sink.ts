/** The one shape of what takes a message: every stage that a response passes has it. */
import type { Socket } from 'node:net';
import type { WaylayError } from '../errors.js';
import type { FaultKind } from '../faults.js';
import type { RawHeaders } from './headers.js';
import type { ResponseHead } from './response-head.js';

/** The reason why a message ends where it should not. */
export interface Failure {
  readonly error: WaylayError;
  /** The way in which its receiver is to see it, where a fault says so. Default: as it would see the error itself. */
  readonly ending?: FaultKind | undefined;
}

/** Takes a body: data and an end; or, at any time, a failure. */
export interface BodySink {
  /** False where the receiver is full: hold on until it calls for more. */
  data(chunk: Buffer): boolean;
  end(trailers: RawHeaders): void;
  /** The one way to fail: nothing comes after it. For the parameters see {@link Failure}. */
  fail(error: WaylayError, ending?: FaultKind): void;
}

/** Takes a response, from an upstream or from a stub: any number of informational heads, then a head and a body. */
export interface ResponseSink extends BodySink {
  /** A 1xx other than 101 (RFC 9110, section 15.2). */
  informational(head: ResponseHead): void;
  /** A 101 after which the connection is the two parties' own (RFC 9110, section 7.8). */
  switchProtocols(head: ResponseHead, socket: Socket, firstBytes: Buffer): void;
  /** @param trailersFollow it is known that trailers are going to follow the body */
  head(head: ResponseHead, trailersFollow?: boolean): void;
}

/** The sender of what a sink takes, as its receiver sees it. */
export interface Source {
  /** There is room again after `data` returned false. */
  resume(): void;
  /** Nobody wants more. After the end, or a second time, it does nothing. */
  abort(): void;
}

/** A sink that hands everything on: those that change something of a response extend it. */
export class PassingSink implements ResponseSink {
  protected readonly next: ResponseSink;

  constructor(next: ResponseSink) {
    this.next = next;
  }

  informational(head: ResponseHead): void {
    this.next.informational(head);
  }

  switchProtocols(head: ResponseHead, socket: Socket, firstBytes: Buffer): void {
    this.next.switchProtocols(head, socket, firstBytes);
  }

  head(head: ResponseHead, trailersFollow?: boolean): void {
    this.next.head(head, trailersFollow);
  }

  data(chunk: Buffer): boolean {
    return this.next.data(chunk);
  }

  end(trailers: RawHeaders): void {
    this.next.end(trailers);
  }

  fail(error: WaylayError, ending?: FaultKind): void {
    this.next.fail(error, ending);
  }
}
