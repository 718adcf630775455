/** The messages between a worker thread and the thread that Waylay runs in. */
import type { SecureContextOptions } from 'node:tls';
import type { MessagePort } from 'node:worker_threads';
import type { Authority } from '../../net/authority.js';

/** The key of what a worker is handed, among the environment data that it starts with. */
export const START_DATA_KEY = 'waylay: what this thread is led by';

/** The data that a worker is handed. */
export interface StartData {
  readonly port: MessagePort;
  /** The file that it is to run; undefined where what it runs follows by itself. */
  readonly main: string | undefined;
  /** Characters before the code that it was given. */
  readonly prefix: number;
  /** The route of what started it, if that is known. */
  readonly own: number | undefined;
  readonly blocked: Blocked;
}

/**
 * Two numbers that are shared by both threads: the first is not 0 while a worker does nothing but wait (`Atomics.wait`), as idle
 * workers of pools do; the second is how often it has been woken up from that.
 */
export type Blocked = Int32Array<SharedArrayBuffer>;

/** A route that is open, for those who are not where it is. */
export interface SentRoute {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly caPem: string;
  readonly trustedRoots: readonly string[];
  readonly concurrent: boolean;
}

/** An error as it goes from thread to thread: its own properties are lost to a copy. */
export interface SentError {
  readonly message: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Messages from the thread that Waylay runs in. */
export type ToWorker =
  /** All routes that are open now. */
  | { readonly kind: 'routes'; readonly routes: readonly SentRoute[] }
  /** A question has come, and is being worked on. */
  | { readonly kind: 'heard'; readonly question: number }
  /** The link that was dialled ahead: where to connect to, and what for. */
  | { readonly kind: 'dialled'; readonly question: number; readonly to: Authority; readonly link: number | undefined }
  /** The number that the addresses of a name are made of; undefined where no rule may answer for it. */
  | { readonly kind: 'known'; readonly question: number; readonly number: number | undefined }
  | { readonly kind: 'failed'; readonly question: number; readonly error: SentError }
  /** Asks for a word when what the worker was told before has had its turns. */
  | { readonly kind: 'turn'; readonly question: number }
  /** The failure of a connection that was routed. */
  | { readonly kind: 'lost'; readonly localPort: number; readonly error: SentError };

/** The part of a context that a connection would have judged its server by. */
export type ContextMaterial = Pick<SecureContextOptions, 'ca' | 'cert' | 'key' | 'pfx' | 'crl' | 'passphrase'>;

/** Messages from a worker. */
export type FromWorker =
  | { readonly kind: 'dial'; readonly question: number; readonly routeId: number; readonly to: Authority }
  | { readonly kind: 'cancel'; readonly question: number }
  | { readonly kind: 'know'; readonly question: number; readonly routeId: number; readonly name: string }
  /** A connection that is being made with where it was told to. */
  | {
      readonly kind: 'routed';
      readonly routeId: number;
      /** The question by which it was dialled. */
      readonly question: number;
      readonly localPort: number;
      readonly to: Authority;
      readonly link: number | undefined;
      readonly material: ContextMaterial | undefined;
    }
  | { readonly kind: 'stray'; readonly routeId: number; readonly message: string }
  | { readonly kind: 'turned'; readonly question: number }
  /** A worker that this one has started. */
  | { readonly kind: 'started'; readonly port: MessagePort; readonly blocked: Blocked };

export function sentError(error: Error): SentError {
  const { message, name } = error;
  const entries = Object.entries(error).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return { message, properties: { ...Object.fromEntries(entries), ...(name !== 'Error' && { name }) } };
}

export function receivedError({ message, properties }: SentError): Error {
  return Object.assign(new Error(message), properties);
}
