// @ts-check
/** HTTP/1.1 as cheaply as it can be had: the same bytes out each time, and as little as possible read of the answer. */

const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/** A piece of the bodies that are too large to be held. */
export const BLOCK = Buffer.alloc(65_536, 'up');

/** Sends requests on one connection, one after the other. */
export class Requester {
  #left = 0;
  /** The answer so far, while its head is not whole. @type {Buffer | undefined} */
  #begun;
  #chunked = false;
  #tail = Buffer.alloc(0);
  /** @type {(() => void) | undefined} */
  #done;
  /** @type {((error: Error) => void) | undefined} */
  #failed;
  /** Bytes of the last body; NaN where it was chunked. */
  length = 0;

  /**
   * @param {import('node:stream').Duplex} socket
   * @param {Buffer} bytes
   * @param {number} [blocks] what is sent after them, of {@link BLOCK}
   */
  constructor(socket, bytes, blocks = 0) {
    this.socket = socket;
    this.bytes = bytes;
    this.blocks = blocks;
    socket.on('data', (chunk) => this.#read(chunk));
    for (const event of ['error', 'close']) {
      socket.on(event, () => this.#failed?.(new Error('The connection ended within an exchange.')));
    }
  }

  /**
   * @param {() => void} done called when the answer is whole
   * @param {(error: Error) => void} failed
   */
  send(done, failed) {
    this.#done = done;
    this.#failed = failed;
    this.socket.write(this.bytes);
    if (this.blocks > 0) this.#sendBlocks(this.blocks);
  }

  /** @param {number} left */
  #sendBlocks(left) {
    while (left > 0) {
      left -= 1;
      if (!this.socket.write(BLOCK)) return this.socket.once('drain', () => this.#sendBlocks(left));
    }
  }

  /** @returns {Promise<void>} */
  once() {
    return new Promise((resolve, reject) => this.send(resolve, reject));
  }

  /** @param {Buffer} chunk */
  #read(chunk) {
    if (this.#chunked) return this.#readChunked(chunk);
    if (this.#left > 0) return this.#count(chunk.length);
    const bytes = this.#begun === undefined ? chunk : Buffer.concat([this.#begun, chunk]);
    const end = bytes.indexOf(HEAD_END);
    if (end < 0) {
      this.#begun = bytes;
      return;
    }
    this.#begun = undefined;
    const head = bytes.toString('latin1', 0, end);
    if (!head.startsWith('HTTP/1.1 200')) return this.#failed?.(new Error(head));
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    const rest = bytes.length - end - HEAD_END.length;
    this.#chunked = length === undefined;
    this.length = Number(length);
    if (this.#chunked) return rest > 0 ? this.#readChunked(bytes.subarray(-rest)) : undefined;
    this.#left = this.length;
    this.#count(rest);
  }

  /** @param {number} bytes */
  #count(bytes) {
    this.#left -= bytes;
    if (this.#left === 0) this.#done?.();
  }

  /** @param {Buffer} chunk */
  #readChunked(chunk) {
    this.#tail = Buffer.concat([this.#tail, chunk]).subarray(-LAST_CHUNK.length);
    if (!this.#tail.equals(LAST_CHUNK)) return;
    this.#chunked = false;
    this.#tail = Buffer.alloc(0);
    this.#done?.();
  }
}

/**
 * @param {{ method?: string, path: string, body?: number, blocks?: number, close?: boolean }} request
 * @param {{ host: string, port: number }} target
 * @param {boolean} absolute whether a proxy is asked for a plain URL
 */
export function requestBytes({ method = 'GET', path, body = 0, blocks = 0, close = false }, { host, port }, absolute) {
  const authority = `${host}:${port}`;
  const length = body + blocks * BLOCK.length;
  const lines = [
    `${method} ${absolute ? `http://${authority}` : ''}${path} HTTP/1.1`,
    `Host: ${authority}`,
    // About as many as a browser sends.
    'User-Agent: bench/1.0 (X11; Linux x86_64) AppleWebKit/537.36',
    'Accept: application/json, text/plain, */*',
    'Accept-Encoding: identity',
    'Accept-Language: en-GB,en;q=0.9',
    `Referer: https://${authority}/page`,
    ...(length > 0 ? ['Content-Type: application/octet-stream', `Content-Length: ${length}`] : []),
    `Connection: ${close ? 'close' : 'keep-alive'}`,
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), Buffer.alloc(body, 'up')]);
}
