/**
 * The language for sequences of an exchange that switches protocols, between two sockets:
 *
 *     await playSwitching().accepts().sends(gets.client('head 101')).clientSends('a').sends(gets.upstream('a'))…
 */
import { expect } from 'vitest';
import { NO_FIELDS, type RawHeaders } from '../../src/http/headers.js';
import type { RequestDecision, ResponseChange } from '../../src/interceptor.js';
import { Play } from './play.js';
import { type KeptOfSwitching, type SwitchingSetting, SwitchingStage } from './switching-stage.js';

type Side = 'client' | 'upstream';

export class SwitchingPlay extends Play<SwitchingStage> {
  /** The upstream sends a 101, and what it sends in one packet with it. */
  accepts(fields: RawHeaders = NO_FIELDS, firstBytes = ''): this {
    return this.event('the upstream accepts', (stage) => stage.accept(fields, firstBytes));
  }

  /** One of both sends these bytes. */
  sent(side: Side, text: string): this {
    const shown = text.length > 64 ? `${text.length} bytes` : text;
    return this.event(`the ${side} sends ${shown}`, (stage) => stage[side].sends(text));
  }

  /** One of both says that it sends no more (FIN). */
  finishes(side: Side): this {
    return this.event(`the ${side} finishes`, (stage) => stage[side].finishes());
  }

  /** One of both resets its connection (RST). */
  resets(side: Side): this {
    return this.event(`the ${side} resets`, (stage) => stage[side].resets());
  }

  /** One of both takes no more than what is on its way. */
  fills(side: Side): this {
    return this.event(`the ${side} is full`, (stage) => void (stage[side].room = false));
  }

  /** One of both takes everything again. */
  empties(side: Side): this {
    return this.event(`the ${side} has room`, (stage) => void (stage[side].room = true));
  }

  /** The decision on the request comes, where it was to come later. */
  decides(decision: RequestDecision | Error | undefined): this {
    return this.event('the request is decided on', (stage) => stage.decideRequest(decision));
  }

  /** The decision on the 101 comes, where it was to come later. */
  changes(change: ResponseChange | Error | undefined): this {
    return this.event('the response is decided on', (stage) => stage.decideResponse(change));
  }

  /** The proxy takes nothing new. */
  retires(): this {
    return this.event('the proxy retires', (stage) => stage.retire());
  }

  /** The proxy stops. */
  stops(): this {
    return this.event('the proxy stops', (stage) => stage.stop());
  }

  /** Nothing more happens, and this is the record of it; an exchange that has ended holds on to nothing. */
  async records(kept: KeptOfSwitching): Promise<void> {
    await this.ends();
    expect(this.stage.kept()).toMatchObject({ ended: true, error: undefined, messagesError: undefined, ...kept });
  }

  // Two connections have no order between them.
  protected override inOrder(lines: readonly string[]): readonly string[] {
    const connection = (line: string): string => /^(?:client|upstream): /.exec(line)?.[0] ?? '';
    return lines.toSorted((a, b) => connection(a).localeCompare(connection(b)));
  }

  protected override check(): void {
    expect(this.stage.wrongs()).toEqual([]);
  }
}

/** A relay that has got a request to upgrade. */
export function playSwitching(setting: SwitchingSetting = {}): SwitchingPlay {
  return new SwitchingPlay(new SwitchingStage(setting));
}

const at = (side: Side) => ({
  /** These bytes come to it, or this head. */
  gets: (text: string) => ({ said: `${side}: ${text}` }),
  /** The end of what it is sent. */
  fin: { said: `${side}: FIN` },
  rst: { said: `${side}: RST` },
  /** The proxy has let go of its end of the connection. */
  closed: { said: `${side}: closed` },
  /** Its bytes are not read. */
  held: { said: `${side}: held` },
  flows: { said: `${side}: flows` },
});

export const client = at('client');
export const upstream = at('upstream');
