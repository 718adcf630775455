/**
 * The language for sequences of a request's body:
 *
 *     await body().forwards().sends(comes).upstreamReads().clientSends('a').sends(out('a')).keeps('a', { complete: false });
 */
import { expect } from 'vitest';
import { Play } from './play.js';
import { type RequestBodySetting, RequestBodyStage } from './request-body-stage.js';

export const complete = { said: 'complete' };
export const beginning = { said: 'has the beginning' };
export const whole = (text: string) => ({ said: `has the whole: ${text}` });
export const noWhole = { said: 'has no whole: gone' };
export const goes = (text: string) => ({ said: `goes: ${text}` });
export const comes = { said: 'goes as it comes' };
export const out = (text: string) => ({ said: `out ${text}` });
export const outEnds = { said: 'out ends' };
export const outFails = { said: 'out fails: gone' };

export class BodyPlay extends Play<RequestBodyStage> {
  clientSends(text: string): this {
    const shown = text.length > 64 ? `${text.length} bytes` : text;
    return this.event(`the client sends ${shown}`, (stage) => stage.send(Buffer.from(text)));
  }

  clientEnds(): this {
    return this.event('the client ends', (stage) => stage.end());
  }

  clientLeaves(): this {
    return this.event('the client leaves', (stage) => stage.leave());
  }

  asksForBeginning(): this {
    return this.event('the beginning is asked for', (stage) => stage.askForBeginning());
  }

  asksForWhole(): this {
    return this.event('the whole is asked for', (stage) => stage.askForWhole());
  }

  forwards(): this {
    return this.event('it is forwarded', (stage) => stage.forward());
  }

  discards(): this {
    return this.event('it is discarded', (stage) => stage.body.discard());
  }

  upstreamReads(): this {
    return this.event('the upstream reads', (stage) => stage.read());
  }

  upstreamHolds(): this {
    return this.event('the upstream holds', (stage) => stage.hold());
  }

  upstreamLetsGo(): this {
    return this.event('the upstream lets go', (stage) => stage.letGo());
  }

  /** Nothing more happens, and so much has been captured. */
  async keeps(text: string, more: { size?: number; complete?: boolean } = {}): Promise<void> {
    await this.ends();
    expect(this.stage.kept()).toEqual({ text, size: text.length, complete: true, ...more });
  }
}

/** A request's body, of which nothing has come. */
export function body(setting?: RequestBodySetting): BodyPlay {
  return new BodyPlay(new RequestBodyStage(setting));
}
