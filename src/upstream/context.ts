import type { ClientContexts } from './client-certificates.js';
import type { DialContext } from './dial/context.js';

/** The facts about its proxy that the upstream's side needs. */
export interface UpstreamContext extends DialContext {
  readonly options: DialContext['options'] & {
    /** Offer HTTP/2. */
    readonly http2: boolean;
  };
  readonly clientContexts: ClientContexts;
}
