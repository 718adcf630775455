import type { ClientContexts } from './client-certificates.js';
import type { DialContext } from './dial/context.js';

/** What the upstream's side has to know of the proxy that it belongs to. */
export interface UpstreamContext extends DialContext {
  readonly options: DialContext['options'] & {
    /** Offer HTTP/2. */
    readonly http2: boolean;
  };
  readonly clientContexts: ClientContexts;
}
