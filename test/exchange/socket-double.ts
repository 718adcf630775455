import { Duplex } from 'node:stream';

type Written = (error?: Error | null) => void;

/** Things under way to the proxy: bytes, the end (FIN), or a reset. */
type InFlight = Buffer | 'FIN' | 'RST';

/** Bytes that wait on either side before there is no room. */
const WINDOW = 8;

/**
 * The proxy's end of a connection without a connection: hands over what a test has the peer send, and writes down what the
 * peer gets. It behaves as a socket of Node's does that may be half-closed.
 */
export class SocketDouble extends Duplex {
  readonly name: string;
  /** Bytes that it got. */
  readonly got: Buffer[] = [];
  /** The peer was told that nothing more comes. */
  saidAll = false;
  /** Its end, as the peer sees it. */
  ending: 'FIN' | 'RST' | undefined;
  /** Its peer reset it. */
  wasReset = false;
  /** Acts on it after its end. */
  readonly wrongs: string[] = [];
  readonly #log: string[];
  readonly #coming: InFlight[] = [];
  #wanted = false;
  #room = true;
  #waiting: Written | undefined;
  #resetting = false;
  #saidHeld = false;

  constructor(name: string, log: string[]) {
    super({
      allowHalfOpen: true,
      emitClose: false,
      readableHighWaterMark: WINDOW,
      writableHighWaterMark: WINDOW,
    });
    this.name = name;
    this.#log = log;
    // Read into the buffer before anybody asks, as sockets are.
    this.read(0);
  }

  // ---- the peer --------------------------------------------------------------------------------

  sends(text: string): void {
    this.#arrives(Buffer.from(text, 'latin1'));
  }

  /** Says that it sends no more. */
  finishes(): void {
    this.#arrives('FIN');
  }

  /** Resets the connection. */
  resets(): void {
    this.wasReset = true;
    this.#arrives('RST');
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(resetError('write'));
  }

  /** The peer takes what it is sent. */
  get room(): boolean {
    return this.#room;
  }

  set room(has: boolean) {
    this.#room = has;
    if (!has) return;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }

  /** Bytes that the peer sent wait to be read. */
  get held(): boolean {
    return !this.destroyed && (this.readableLength > 0 || this.#coming.some((part) => Buffer.isBuffer(part)));
  }

  /** Writes down where its peer has come to be held, or no longer is. */
  look(): void {
    const { held, destroyed } = this;
    if (held !== this.#saidHeld && !destroyed) this.#say(held ? 'held' : 'flows');
    this.#saidHeld = held;
  }

  // ---- the proxy -------------------------------------------------------------------------------

  /** See net.Socket. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /** See net.Socket. */
  resetAndDestroy(): this {
    if (this.destroyed) return this;
    if (this.writableEnded && !this.writableFinished && this.writableLength === 0) {
      this.wrongs.push(`${this.name} is reset while its end is sent`);
    }
    this.#resetting = true;
    return this.destroy();
  }

  override _read(): void {
    this.#wanted = true;
    this.#deliver();
  }

  override _write(chunk: Buffer, _: BufferEncoding, written: Written): void {
    if (this.wasReset) {
      written(resetError('write'));
      return;
    }
    if (chunk.length > 0) {
      if (this.ending !== undefined) this.wrongs.push(`${chunk} to ${this.name} after ${this.ending}`);
      this.got.push(Buffer.from(chunk));
      this.#say(shown(chunk));
    }
    if (this.#room || chunk.length === 0) written();
    else this.#waiting = written;
  }

  override _final(written: Written): void {
    if (this.ending !== undefined) this.wrongs.push(`FIN to ${this.name} after ${this.ending}`);
    this.ending = 'FIN';
    this.saidAll = true;
    this.#say('FIN');
    written();
  }

  override _destroy(error: Error | null, done: Written): void {
    this.#waiting = undefined;
    if (this.#resetting && !this.wasReset) {
      this.ending = 'RST';
      this.#say('RST');
    } else this.#say('closed');
    done(error);
    setImmediate(() => this.emit('close', error !== null));
  }

  #arrives(part: InFlight): void {
    this.#coming.push(part);
    this.#deliver();
  }

  #deliver(): void {
    while (this.#wanted && !this.destroyed) {
      const part = this.#coming.shift();
      if (part === undefined) return;
      if (part === 'RST') this.destroy(resetError('read'));
      else this.#wanted = this.push(part === 'FIN' ? null : part);
    }
  }

  #say(what: string): void {
    this.#log.push(`${this.name}: ${what}`);
  }
}

function resetError(call: 'read' | 'write'): Error {
  const code = call === 'read' ? 'ECONNRESET' : 'EPIPE';
  return Object.assign(new Error(`${call} ${code}`), { code });
}

/** A head by its status and fields; a long chunk by its length; an error's answer by its code. */
function shown(chunk: Buffer): string {
  const text = chunk.toString('latin1');
  const [, status, fields = ''] = /^HTTP\/1\.1 (\d+).*\r\n((?:.+\r\n)*)\r\n$/.exec(text) ?? [];
  if (status !== undefined) return ['head', status, ...shownFields(fields.split('\r\n').slice(0, -1))].join(' ');
  const code = /^WAYLAY_\w+/.exec(text)?.[0];
  return code ?? (chunk.length > 64 ? `${chunk.length} bytes` : text);
}

function shownFields(lines: readonly string[]): readonly string[] {
  const error = lines.find((line) => line.startsWith('Waylay-Error: '));
  return (error === undefined ? lines : [error]).map((line) => line.replace(':', ''));
}
