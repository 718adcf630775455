import type { Socket } from 'node:net';
import type { KnownClient } from '../../downstream/known-client.js';
import type { Authority } from '../../net/authority.js';
import { nextTick } from '../../runtime/realm.js';
import type { Link } from '../../upstream/link.js';
import { Route } from '../route.js';
import { materialOf } from '../trust.js';
import type { ContextMaterial, RemoteEnd } from './messages.js';
import type { Dialled, Remote } from './remote.js';

/** The route to the proxy of a test that runs in another thread. */
export class RemoteRoute extends Route {
  readonly #remote: Remote;
  readonly #led = new Map<number, Socket>();
  #entrance: Authority | undefined;

  constructor({ id, amongOthers, ...end }: RemoteEnd, remote: Remote) {
    super({ id, amongOthers });
    this.#remote = remote;
    this.leadTo({
      ...end,
      knowsName: (name) => remote.knows(id, name),
      dialAhead: async (to, aborted) => {
        const dialled = await remote.dial(id, to, aborted);
        this.#entrance = dialled.to;
        // It is there, and what can be done with it here is handing it on.
        return dialled as unknown as Link;
      },
      accept: (socket) => socket.destroy(),
    });
  }

  override get entrance(): Authority {
    return this.#entrance ?? super.entrance;
  }

  override lead(
    socket: Socket,
    to: Authority,
    { link, secureContext }: Pick<KnownClient, 'secureContext' | 'link'>,
  ): void {
    const dialled = link as unknown as Dialled;
    nextTick(() => {
      const { localPort } = socket;
      if (localPort === undefined) {
        dialled.close();
        return;
      }
      const material = secureContext && contextMaterial(materialOf(secureContext));
      const { link: ahead, question } = dialled;
      this.#remote.led({ routeId: this.id, question, localPort, to, link: ahead }, material);
      this.#led.set(localPort, socket);
      socket.once('close', () => {
        if (this.#led.get(localPort) === socket) this.#led.delete(localPort);
      });
    });
  }

  /** Tells the failure of a connection that was routed. */
  lost(localPort: number, cause: Error): void {
    this.#led.get(localPort)?.destroy(cause);
  }
}

/** The options that make the context the client's own. */
function contextMaterial(options: ContextMaterial | undefined): ContextMaterial | undefined {
  if (options === undefined) return undefined;
  const { ca, cert, key, pfx, crl, passphrase } = options;
  return { ca, cert, key, pfx, crl, passphrase };
}
