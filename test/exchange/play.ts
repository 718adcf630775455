/**
 * A language for sequences: what goes into a stage, and what comes out of it before anything else goes in.
 *
 *     await play().gets(head(200)).sends(head(200)).clientLeaves().sends(abort).records({ error: 'WAYLAY_CLIENT_ABORTED' });
 *
 * After every event the event loop turns until nothing more comes. What comes out and is not named by `sends` right after
 * the event that it is of fails the play; so does what is named and does not come. No socket and no timer takes part.
 */
import { expect } from 'vitest';
import type { RequestDecision, ResponseChange, Shape } from '../../src/interceptor.js';
import { RelayStage, type Setting } from './relay-stage.js';
import type { Part, Said, Taker } from './said.js';
import { ChangerStage, ShaperStage } from './stages.js';

/** The stage of a play. */
interface Stage {
  /** The events so far. */
  readonly log: string[];
  /** Where what it is fed goes in. */
  readonly taker: Taker;
  advance(milliseconds: number): void;
  room?(has: boolean): void;
  /** Writes down what shows only when nothing more comes. */
  look?(): void;
}

/** Turns the event loop until nothing more comes out. */
export async function settle(log: readonly string[]): Promise<void> {
  let seen: number;
  do {
    seen = log.length;
    for (let turns = 0; turns < 6; turns++) await new Promise((resolve) => setImmediate(resolve));
  } while (log.length > seen);
}

/** A sequence of events and of what they come to; it runs when its end is told. */
export class Play<S extends Stage> {
  readonly stage: S;
  readonly #steps: { readonly name: string; readonly act: () => void; readonly comes: string[] }[] = [];

  constructor(stage: S) {
    this.stage = stage;
    this.event('the beginning', () => {});
  }

  /** The sender sends this. */
  gets(...parts: readonly Part[]): this {
    for (const part of parts) {
      this.event(`gets ${part.said}`, () => {
        if (!part.into(this.stage.taker)) this.stage.log.push('hold on');
      });
    }
    return this;
  }

  /** This comes out of it, and nothing else. */
  sends(...all: readonly Said[]): this {
    this.#steps.at(-1)?.comes.push(...all.map(({ said }) => said));
    return this;
  }

  /** So much time passes. */
  passes(milliseconds: number): this {
    return this.event(`${milliseconds} ms pass`, () => this.stage.advance(milliseconds));
  }

  /** The taker has no room for more than the next chunk. */
  isFull(): this {
    return this.event('is full', () => this.stage.room?.(false));
  }

  /** The taker has room again, and says so. */
  hasRoom(): this {
    return this.event('has room', () => this.stage.room?.(true));
  }

  /** Nothing more happens. */
  async ends(): Promise<void> {
    const { log } = this.stage;
    const happened: string[] = [];
    const expected: string[] = [];
    // Each event with what came of it, so that a failure shows the whole sequence.
    let told = 0;
    for (const { name, act, comes } of this.#steps) {
      act();
      await settle(log);
      this.stage.look?.();
      happened.push(`>> ${name}`, ...this.inOrder(log.slice(told)).map((line) => `<< ${line}`));
      told = log.length;
      this.check();
      expected.push(`>> ${name}`, ...this.inOrder(comes).map((line) => `<< ${line}`));
    }
    expect(happened).toEqual(expected);
  }

  /** The results of one event, in the order that is compared. */
  protected inOrder(lines: readonly string[]): readonly string[] {
    return lines;
  }

  /** Looks at what has to hold after every event. */
  protected check(): void {}

  /** Something else happens. */
  event(name: string, act: (stage: S) => void): this {
    this.#steps.push({ name, act: () => act(this.stage), comes: [] });
    return this;
  }
}

/** The record of an exchange. */
export interface Kept {
  error?: string | undefined;
  source?: string;
  status?: number | undefined;
  body?: string | undefined;
  requestBody?: string;
  ended?: boolean;
  hangs?: boolean;
  mutated?: boolean;
}

/** A play of the relay with all its stages, between a client and an upstream. */
export class RelayPlay extends Play<RelayStage> {
  /** The client's connection ends. */
  clientLeaves(): this {
    return this.event('the client leaves', () => this.stage.leave());
  }

  /** A chunk of the request's body comes. */
  clientSends(text: string): this {
    return this.event(`the client sends ${text}`, () => this.stage.clientBody.push(Buffer.from(text)));
  }

  /** The request's body ends. */
  clientEnds(): this {
    return this.event('the request ends', () => this.stage.clientBody.push(null));
  }

  /** The decision on the request comes, where it was to come later. */
  decides(decision: RequestDecision | Error | undefined): this {
    return this.event('the request is decided on', () => this.stage.decideRequest(decision));
  }

  /** The decision on the response comes, where it was to come later. */
  changes(change: ResponseChange | Error | undefined): this {
    return this.event('the response is decided on', () => this.stage.decideResponse(change));
  }

  /** The upstream's connection stands, where it was to be waited for; or an error. */
  dials(error?: Error): this {
    return this.event('the upstream is dialled', () => this.stage.dial(error));
  }

  /** The proxy takes nothing new. */
  retires(): this {
    return this.event('the proxy retires', () => this.stage.retire());
  }

  /** Nothing more happens, and this is the record of it; an exchange that has ended holds on to nothing. */
  async records(kept: Kept): Promise<void> {
    await this.ends();
    expect(this.stage.kept()).toMatchObject({ ended: true, error: undefined, ...kept });
  }

  protected override check(): void {
    expect(this.stage.wrongs()).toEqual([]);
  }
}

/** A relay that has got a request. */
export function play(setting: Setting = {}): RelayPlay {
  return new RelayPlay(new RelayStage(setting));
}

/** A changer of the response that this is the head of. */
export function playChanger(
  part: Part,
  change: ResponseChange | Promise<ResponseChange | undefined>,
  method = 'GET',
): Play<ChangerStage> {
  return new Play(new ChangerStage(part, change, method));
}

/** A shaper of a response. */
export function playShaper(shape: Shape): Play<ShaperStage> {
  return new Play(new ShaperStage(shape));
}
