/** The faults, a row each: all that is said of one beside how it looks on the wire. */

/**
 * The way in which a message ends other than it should:
 *
 * - `truncate`: its sender closes the connection inside the body
 * - `reset`: the connection is reset (RST; in HTTP/2 the stream)
 * - `hang`: nothing more comes, and the connection stays open
 * - `empty` (responses): the connection is closed before a byte of the response was sent
 * - `malformed-chunk` (responses): a chunk follows whose size is no number (RFC 9112, section 7.1)
 */
export type FaultKind = 'truncate' | 'reset' | 'hang' | 'empty' | 'malformed-chunk';

/** The faults that end a connection. */
export type BreakKind = Exclude<FaultKind, 'hang'>;

/** The way in which a response can end other than it should. */
export type ResponseFault = FaultKind;

/** The way in which a request can end other than it should. */
export type RequestFault = Exclude<FaultKind, 'empty' | 'malformed-chunk'>;

/** The facts about a fault. */
interface FaultRow<OfRequests extends boolean = boolean> {
  /** Requests can have it too, not responses alone. */
  readonly ofRequests: OfRequests;
  /** The message's end, after its name. */
  readonly says: string;
  /** It comes within the body; where `after` does not say, at its beginning. Else without `after` in the head's place. */
  readonly inBody?: true;
  /** The reason why it comes in the head's place only; absent where it can come `after` bytes of the body. */
  readonly neverAfter?: string;
  /** It breaks the framing in chunks (RFC 9112, section 7.1), which a connection that has switched protocols does not have. */
  readonly ofChunks?: true;
}

/** The order is the one in which messages tell them. */
export const FAULTS = {
  truncate: { ofRequests: true, says: 'was truncated', inBody: true },
  reset: { ofRequests: true, says: 'was reset' },
  hang: { ofRequests: true, says: 'was left hanging' },
  empty: {
    ofRequests: false,
    says: 'was closed without a byte of the response',
    neverAfter: 'an empty response has no byte after which it could end',
  },
  'malformed-chunk': { ofRequests: false, says: 'was given a malformed chunk', inBody: true, ofChunks: true },
} satisfies Readonly<Record<RequestFault, FaultRow<true>>> &
  Readonly<Record<Exclude<FaultKind, RequestFault>, FaultRow<false>>>;

/** The faults that the messages of a side can have. */
export function faultsOf(side: 'request' | 'response'): readonly FaultKind[] {
  return kinds.filter((kind) => side === 'response' || rowOf(kind).ofRequests);
}

const kinds = Object.keys(FAULTS) as FaultKind[];

/** The facts about a fault; undefined for what is none. */
export function rowOf(kind: FaultKind): FaultRow;
export function rowOf(kind: unknown): FaultRow | undefined;
export function rowOf(kind: unknown): FaultRow | undefined {
  return typeof kind === 'string' && Object.hasOwn(FAULTS, kind) ? FAULTS[kind as FaultKind] : undefined;
}

/** True if it comes after the message's head. */
export function isInBody({ kind, after }: { readonly kind: FaultKind; readonly after?: number | undefined }): boolean {
  const { inBody, neverAfter } = rowOf(kind);
  return neverAfter === undefined && (after !== undefined || inBody === true);
}

/** The fault that a request's fault comes to if it is not let out: nobody is there to whom it could be truncated. */
export function withoutUpstream(kind: FaultKind): FaultKind {
  return kind === 'truncate' ? 'empty' : kind;
}
