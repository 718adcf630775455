/**
 * The language for sequences of an answer that is made here:
 *
 *     await playAnswer(answer(new ComingStream())).sends(asked, head(200)).yields('a').sends(data('a'), asked)…
 */
import { expect } from 'vitest';
import { NO_FIELDS } from '../../src/http/headers.js';
import type { Answer } from '../../src/interceptor.js';
import { type AnswerSetting, AnswerStage, type Sent } from './answer-stage.js';
import { Play } from './play.js';

export class AnswerPlay extends Play<AnswerStage> {
  /** The body of the answer goes on. */
  yields(text: string): this {
    return this.event(`the stream yields ${text}`, ({ stream }) =>
      stream?.comes({ done: false, value: Buffer.from(text) }),
    );
  }

  /** The body of the answer is at its end. */
  streamEnds(): this {
    return this.event('the stream ends', ({ stream }) => stream?.comes({ done: true, value: undefined }));
  }

  /** The body of the answer breaks. */
  streamThrows(): this {
    return this.event('the stream throws', ({ stream }) => stream?.comes(new Error('no')));
  }

  /** Nobody wants the answer any more. */
  isAborted(): this {
    return this.event('it is aborted', (stage) => stage.abort());
  }

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

  /** Nothing more happens, and nothing waits. */
  async isOver(): Promise<void> {
    await this.ends();
    expect(this.stage.clock.running).toBe(0);
  }

  protected override check(): void {
    expect(this.stage.client.wrongs).toEqual([]);
  }
}

/** An answer that is on its way. */
export function playAnswer(sent: Sent, setting?: AnswerSetting): AnswerPlay {
  return new AnswerPlay(new AnswerStage(sent, setting));
}

/** A 200 with this body. */
export function answer(body: string | AsyncIterable<Uint8Array>, more: Partial<Answer> = {}): Answer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return { status: 200, statusText: 'OK', headers: NO_FIELDS, body: bytes, ...more };
}

/** The body of the answer is asked for more. */
export const asked = { said: 'stream: asked' };
/** The body of the answer is let go of. */
export const letGo = { said: 'stream: let go' };
/** The answer cannot be sent. */
export const failsBecause = (reason: string) => ({ said: `fail WAYLAY_HANDLER: ${reason}` });
