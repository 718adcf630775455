import type { Socket } from 'node:net';
import type { KnownClient } from '../../downstream/known-client.js';
import type { Authority } from '../../net/authority.js';
import { nextTick } from '../../runtime/realm.js';
import type { Link } from '../../upstream/link.js';
import { Route } from '../route.js';
import { materialOf } from '../trust.js';
import type { HostThread, RemoteLink } from './host-thread.js';
import type { ContextMaterial, SentRoute } from './messages.js';

/** The route to the proxy of a test that runs in another thread. */
export class RemoteRoute extends Route {
  readonly #host: HostThread;
  readonly #connecting = new Map<number, Socket>();
  #entrance: Authority | undefined;

  constructor({ id, concurrent, ...endpoint }: SentRoute, host: HostThread) {
    super({ id, concurrent });
    this.#host = host;
    this.setProxy({
      ...endpoint,
      knowsName: (name) => host.knowsName(id, name),
      dialAhead: async (to, aborted) => {
        const remoteLink = await host.dialAhead(id, to, aborted);
        this.#entrance = remoteLink.to;
        // It is there, and what can be done with it here is handing it on.
        return remoteLink as unknown as Link;
      },
      accept: (socket) => socket.destroy(),
    });
  }

  override get entrance(): Authority {
    return this.#entrance ?? super.entrance;
  }

  override register(
    socket: Socket,
    to: Authority,
    { link, secureContext }: Pick<KnownClient, 'secureContext' | 'link'>,
  ): void {
    const remoteLink = link as unknown as RemoteLink;
    nextTick(() => {
      const { localPort } = socket;
      if (localPort === undefined) {
        remoteLink.close();
        return;
      }
      const material = secureContext && contextMaterial(materialOf(secureContext));
      const { number, question } = remoteLink;
      this.#host.routed({ routeId: this.id, question, localPort, to, link: number }, material);
      this.#connecting.set(localPort, socket);
      socket.once('close', () => {
        if (this.#connecting.get(localPort) === socket) this.#connecting.delete(localPort);
      });
    });
  }

  /** Tells the failure of a connection that was routed. */
  lost(localPort: number, cause: Error): void {
    this.#connecting.get(localPort)?.destroy(cause);
  }
}

/** The options that make the context the client's own. */
function contextMaterial(options: ContextMaterial | undefined): ContextMaterial | undefined {
  if (options === undefined) return undefined;
  const { ca, cert, key, pfx, crl, passphrase } = options;
  return { ca, cert, key, pfx, crl, passphrase };
}
