import { type Authority, formatAuthority } from '../net/authority.js';
import type { UpstreamContext } from './context.js';
import { serverNameFor } from './dial/server-name.js';
import { Link } from './link.js';

/**
 * The links of one client connection beside the one that its destination gave it: one for each
 * origin that plain HTTP requests name, or that a mutation sends a request to.
 */
export class Links {
  readonly #context: UpstreamContext;
  readonly #links = new Map<string, Link>();
  /** The last request's link, which mostly is the next one's, too. */
  #last: { scheme: string; authority: Authority; upgrade: boolean; link: Link } | undefined;

  constructor(context: UpstreamContext) {
    this.#context = context;
  }

  /**
   * The link to an origin, made on first use.
   * @param upgrade the connection is to become another protocol's: a proxy on the way is asked for a tunnel, also
   * without TLS (RFC 6455, section 4.1)
   */
  to(scheme: 'http' | 'https', authority: Authority, upgrade = false): Link {
    const last = this.#last;
    if (last?.authority === authority && last.scheme === scheme && last.upgrade === upgrade) return last.link;
    const key = `${scheme}${upgrade ? '+upgrade' : ''}://${formatAuthority(authority)}`;
    let link = this.#links.get(key);
    if (link === undefined) {
      link = new Link(this.#context, authority);
      if (scheme === 'https') {
        const alpn = this.#context.options.http2 ? ['h2', 'http/1.1'] : ['http/1.1'];
        link.use({ secure: true, serverName: serverNameFor(authority.host), alpn });
      } else {
        link.use({ secure: false, http2: false, tunnelled: upgrade });
      }
      this.#links.set(key, link);
    }
    this.#last = { scheme, authority, upgrade, link };
    return link;
  }

  close(): void {
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
    this.#last = undefined;
  }
}
