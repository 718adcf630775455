import type { ProxyContext } from '../context.js';
import { type Authority, formatAuthority } from '../destination.js';
import { Link } from './link.js';
import { serverNameFor } from './transport.js';

/**
 * The links of one client connection beside the one that its destination gave it: one for each
 * origin that plain HTTP requests name, or that a mutation sends a request to.
 */
export class Links {
  readonly #context: ProxyContext;
  readonly #links = new Map<string, Link>();

  constructor(context: ProxyContext) {
    this.#context = context;
  }

  /** The link to an origin, made on first use. */
  to(scheme: 'http' | 'https', authority: Authority): Link {
    const key = `${scheme}://${formatAuthority(authority)}`;
    let link = this.#links.get(key);
    if (link === undefined) {
      link = new Link(this.#context, authority);
      if (scheme === 'https') {
        const alpn = this.#context.options.http2 ? ['h2', 'http/1.1'] : ['http/1.1'];
        link.use({ secure: true, serverName: serverNameFor(authority.host), alpn });
      }
      this.#links.set(key, link);
    }
    return link;
  }

  close(): void {
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
  }
}
