/**
 * The language for sequences of a request on its way to an upstream:
 *
 *     await playForwarding().sends(request('POST /a')).clientSends('x').sends(requestData('x')).went({ exclusive: false });
 */
import { expect } from 'vitest';
import { type ForwardingSetting, ForwardingStage, type Went } from './forwarding-stage.js';
import { Play } from './play.js';

export class ForwardingPlay extends Play<ForwardingStage> {
  /** A chunk of the request's body comes. */
  clientSends(text: string): this {
    return this.event(`the client sends ${text}`, ({ clientBody }) => void clientBody.push(Buffer.from(text)));
  }

  /** The request's body ends. */
  clientEnds(): this {
    return this.event('the request ends', ({ clientBody }) => void clientBody.push(null));
  }

  /** The client goes away, with its request. */
  clientLeaves(): this {
    return this.event('the client leaves', (stage) => stage.leave());
  }

  /** Nobody wants the request's response any more. */
  isAborted(): this {
    return this.event('it is aborted', (stage) => stage.abort());
  }

  /** The upstream's connection stands, where it was to be waited for; or an error. */
  dials(error?: Error): this {
    return this.event('the upstream is dialled', ({ upstream }) => upstream.dial(error));
  }

  /** Nothing more happens and nothing waits, and this is what went to the upstream. */
  async went(went: Went = {}): Promise<void> {
    await this.ends();
    expect(this.stage.went()).toMatchObject({ elsewhere: undefined, recorded: undefined, error: undefined, ...went });
    expect(this.stage.clock.running).toBe(0);
  }

  protected override check(): void {
    expect(this.stage.wrongs()).toEqual([]);
  }
}

/** A request that is being forwarded. */
export function playForwarding(setting: ForwardingSetting = {}): ForwardingPlay {
  return new ForwardingPlay(new ForwardingStage(setting));
}
