import type { HarEntry, HarRequest, HarResponse, HarWebSocketMessage } from '../src/journal/har/har-format.js';

/** An entry with all that it may have; the view takes archives of other versions and programs too. */
export type AnyEntry = Omit<HarEntry, Custom> & {
  readonly _id?: number | undefined;
  readonly _source?: string | undefined;
  readonly _mutated?: boolean | undefined;
  readonly _rules?: readonly HarRule[] | undefined;
  readonly _background?: boolean | undefined;
  readonly _forwardedRequest?: HarRequest | undefined;
  readonly _originalResponse?: HarResponse | undefined;
  readonly _resourceType?: string | undefined;
  readonly _serverPort?: number | undefined;
  readonly _securityDetails?: HarEntry['_securityDetails'] | undefined;
  readonly _error?: string | undefined;
  readonly _failureText?: string | undefined;
  readonly _webSocketMessages?: readonly HarWebSocketMessage[] | undefined;
  readonly _initiator?: HarInitiator | undefined;
};

type Custom = Extract<keyof HarEntry, `_${string}`>;

/** A stub or a mutation that took part. */
export interface HarRule {
  readonly kind: string;
  readonly pattern: string;
  readonly place?: string | undefined;
}

/** The sender of the request. */
export interface HarInitiator {
  readonly client?: string | undefined;
  readonly resourceType?: string | undefined;
  readonly pageURL?: string | undefined;
  readonly frameURL?: string | undefined;
  readonly step?: string | undefined;
}
