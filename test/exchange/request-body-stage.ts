import { Readable } from 'node:stream';
import { RequestBody } from '../../src/exchange/request-body.js';
import { CapturedBody } from '../../src/http/captured-body.js';

/** Parts of a request's body. */
export interface RequestBodySetting {
  /** Bytes that are kept of it. */
  readonly limit?: number;
  /** The request has none. */
  readonly none?: boolean;
}

/** A request's body between a client, an interceptor and an upstream that do as a test says. */
export class RequestBodyStage {
  readonly log: string[] = [];
  readonly source = new Readable({ read: () => {} });
  readonly captured: CapturedBody;
  readonly body: RequestBody;
  /** The stream for the upstream. */
  out: Readable | undefined;
  /** Bytes that it got. */
  readonly got: Buffer[] = [];
  /** Breaches of the rules that hold for every body. */
  readonly wrongs: string[] = [];
  completed = 0;
  #held = false;

  constructor({ limit = 1024 * 1024, none = false }: RequestBodySetting = {}) {
    this.captured = new CapturedBody(limit);
    this.body = new RequestBody(none ? null : this.source, this.captured, () => {
      this.completed += 1;
      this.log.push('complete');
    });
  }

  /** The client sends. */
  send(chunk: Buffer): void {
    this.source.push(chunk);
  }

  /** The client has sent all. */
  end(): void {
    this.source.push(null);
  }

  /** The client goes away. */
  leave(): void {
    this.body.fail(new Error('gone'));
    this.source.destroy();
  }

  /** Somebody asks for the beginning. */
  askForBeginning(): void {
    void this.body.body().then(() => this.log.push('has the beginning'));
  }

  /** Somebody asks for the whole. */
  askForWhole(): void {
    this.body.whole().then(
      (bytes) => this.log.push(`has the whole: ${shown(bytes)}`),
      (error: Error) => this.log.push(`has no whole: ${error.message}`),
    );
  }

  /** It goes to the upstream. */
  forward(): void {
    const forwarded = this.body.forward();
    if (!(forwarded instanceof Readable)) {
      this.log.push(`goes: ${forwarded === null ? 'none' : shown(forwarded)}`);
      if (forwarded !== null) this.got.push(forwarded);
      return;
    }
    this.log.push('goes as it comes');
    this.out = forwarded;
    forwarded.on('end', () => this.log.push('out ends'));
    forwarded.on('error', ({ message }) => this.log.push(`out fails: ${message}`));
  }

  /** The upstream reads. */
  read(): void {
    const { out } = this;
    if (out === undefined) return;
    if (out.listenerCount('data') === 0) {
      out.on('data', (chunk: Buffer) => {
        this.got.push(chunk);
        this.log.push(`out ${shown(chunk)}`);
      });
    }
    out.resume();
  }

  /** The upstream reads no more, for now. */
  hold(): void {
    this.out?.pause();
  }

  /** The upstream needs no more. */
  letGo(): void {
    this.out?.destroy();
  }

  advance(): void {}

  get taker(): never {
    throw new Error('a body has no head');
  }

  /** The client is being held. */
  get holds(): boolean {
    return this.source.isPaused() && !this.source.readableEnded;
  }

  look(): void {
    const { holds } = this;
    if (holds !== this.#held) this.log.push(holds ? 'hold on' : 'more');
    this.#held = holds;
  }

  /** The captured part. */
  kept(): { text: string; size: number; complete: boolean } {
    const { bytes, size, complete } = this.captured;
    return { text: shown(bytes), size, complete };
  }
}

function shown(bytes: Buffer): string {
  return bytes.length > 64 ? `${bytes.length} bytes` : bytes.toString();
}
