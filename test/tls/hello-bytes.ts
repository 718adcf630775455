/** ClientHellos: captured from real clients, and built by hand for what no real client sends. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** The first flight that a client sends to a loopback port; the connection is then cut. */
export async function captureHello(start: (port: number) => Promise<unknown> | undefined): Promise<Buffer> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const captured = new Promise<Buffer>((resolve, reject) => {
      server.on('connection', (socket) => {
        let bytes = Buffer.alloc(0);
        socket.on('error', reject);
        socket.on('data', (chunk) => {
          bytes = Buffer.concat([bytes, chunk]);
          // Real clients send one record.
          if (bytes.length < 5 || bytes.length < 5 + bytes.readUInt16BE(3)) return;
          resolve(bytes);
          socket.destroy();
        });
      });
    });
    const client = start((server.address() as AddressInfo).port);
    const bytes = await captured;
    await client;
    return bytes;
  } finally {
    server.close();
  }
}

/** The handshake message in the records. */
export function messageOf(bytes: Buffer): Buffer {
  return bytes.subarray(5, 5 + bytes.readUInt16BE(3));
}

/** The message in records of at most so many bytes. */
export function records(message: Buffer, size: number, version = 0x0301): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const fragment = message.subarray(at, at + size);
    parts.push(Buffer.from([22, version >> 8, version & 0xff]), u16(fragment.length), fragment);
  }
  return Buffer.concat(parts);
}

export interface HelloParts {
  legacyVersion?: number;
  sessionId?: Buffer;
  cipherSuites?: number[];
  compression?: number[];
  /** Undefined leaves the whole block out, as SSL 3.0 clients do. */
  extensions?: [type: number, data: Buffer][] | undefined;
}

/** A ClientHello message built by hand, with its handshake header. */
export function buildHello(parts: HelloParts = {}): Buffer {
  const { legacyVersion = 0x0303, sessionId = Buffer.alloc(0), cipherSuites = [0x1301], compression = [0] } = parts;
  const body = [
    u16(legacyVersion),
    Buffer.alloc(32, 7),
    vector8(sessionId),
    vector16(...cipherSuites.map(u16)),
    vector8(Buffer.from(compression)),
  ];
  if (parts.extensions !== undefined) {
    body.push(vector16(...parts.extensions.flatMap(([type, data]) => [u16(type), vector16(data)])));
  }
  return handshake(Buffer.concat(body));
}

/** A handshake message of type 1 around any body. */
export function handshake(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([1, body.length >> 16, (body.length >> 8) & 0xff, body.length & 0xff]), body]);
}

export function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

export function vector8(...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([content.length]), content]);
}

export function vector16(...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([u16(content.length), content]);
}

/** The server_name extension (RFC 6066, section 3). */
export function serverNames(...names: (string | Buffer)[]): [number, Buffer] {
  return [0, vector16(...names.flatMap((name) => [Buffer.from([0]), vector16(Buffer.from(name))]))];
}

/** The ALPN extension (RFC 7301, section 3.1). */
export function alpn(...protocols: string[]): [number, Buffer] {
  return [16, vector16(...protocols.map((protocol) => vector8(Buffer.from(protocol, 'latin1'))))];
}

/** Numbers in [0, below) that are the same in every run (mulberry32). */
export function seededRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}
