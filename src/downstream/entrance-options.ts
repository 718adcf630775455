import type { ProxyOptions } from '../options.js';

/**
 * Options for the clients of one entrance in place of the proxy's own: how upstreams are reached and judged, and what
 * they are shown. A key that is there replaces the proxy's, `undefined` too, which stands for the default.
 */
export type EntranceOptions = Pick<ProxyOptions, 'ignoreHTTPSErrors' | 'clientCertificates' | 'upstreamProxy'>;
