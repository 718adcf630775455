/** Clients that say exactly what they are told to, byte for byte. */
import { connect as netConnect, type Socket } from 'node:net';
import { type ConnectionOptions, type TLSSocket, connect as tlsConnect } from 'node:tls';
import { onTestFinished } from 'vitest';

/** A connection whose bytes can be waited for. */
export class RawClient {
  readonly socket: Socket;
  #received = '';
  #wake = () => {};
  closed = false;
  error: NodeJS.ErrnoException | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.#received += chunk.toString('latin1');
      this.#wake();
    });
    socket.on('error', (error) => {
      this.error = error;
    });
    socket.on('close', () => {
      this.closed = true;
      this.#wake();
    });
    onTestFinished(() => void socket.destroy());
  }

  /** Everything that has come so far, Latin-1. */
  get received(): string {
    return this.#received;
  }

  write(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Resolves to everything received as soon as it matches; rejects where the connection ends before. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#received)) {
      if (this.closed) throw new Error(`closed (${this.error?.code ?? 'no error'}) after: ${this.#received}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#received;
  }

  /** Resolves to everything received when the connection has ended. */
  async end(): Promise<string> {
    while (!this.closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#received;
  }
}

/** TCP to a port of 127.0.0.1. */
export function dialTcp(port: number): RawClient {
  return new RawClient(netConnect({ port, host: '127.0.0.1', noDelay: true }));
}

/** CONNECT through a proxy; resolves to the tunnel's socket, with nothing listening on it. */
export function connectThrough(port: number, authority: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = netConnect({ port, host: '127.0.0.1', noDelay: true });
    onTestFinished(() => void socket.destroy());
    socket.on('error', reject);
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
    let received = Buffer.alloc(0);
    const onReadable = (): void => {
      received = Buffer.concat([received, (socket.read() as Buffer | null) ?? Buffer.alloc(0)]);
      const end = received.indexOf('\r\n\r\n');
      if (end === -1) return;
      socket.off('readable', onReadable);
      if (end + 4 < received.length) socket.unshift(received.subarray(end + 4));
      if (received.toString().startsWith('HTTP/1.1 200')) resolve(socket);
      else reject(new Error(received.toString()));
    };
    socket.on('readable', onReadable);
    socket.on('close', () => reject(new Error('closed')));
  });
}

/** TLS inside a tunnel; rejects where the handshake fails. */
export async function tlsThrough(port: number, authority: string, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = await connectThrough(port, authority);
  return new Promise((resolve, reject) => {
    const secured = tlsConnect({ socket, ...options });
    secured.once('secureConnect', () => resolve(secured));
    secured.once('error', reject);
    secured.once('close', () => reject(new Error('closed')));
    onTestFinished(() => void secured.destroy());
  });
}
