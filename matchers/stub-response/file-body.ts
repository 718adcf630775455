import { accessSync, type BigIntStats, constants, createReadStream, type ReadStream, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contentType } from 'mime-types';
import { kindOf } from '../message/content.js';
import { formatValue, quote } from '../values/format.js';
import type { BodyForm } from './body-form.js';
import { type ByteRange, sizeOf } from './byte-ranges.js';
import type { Refuse } from './invalid-reply.js';
import { type Representation, selectRepresentation } from './representation.js';
import type { Source } from './source.js';
import { StreamedBody } from './streamed-body.js';

const EXAMPLE = `{ file: 'test/fixtures/cart.json' } or { file: new URL('./cart.json', import.meta.url) }`;

/**
 * `file`: read from the disk while it is sent, and looked at anew each time; its type by its name. A GET or HEAD is
 * answered as a server of files answers it: parts of it, and that it is the one the client has (RFC 9110, sections 13, 14).
 */
export const fileBody: BodyForm = (value, refuse) => {
  const path = filePath(value, refuse);
  const type = contentType(basename(path));
  const wrong = (why: string, cause?: unknown) =>
    refuse(
      `${quote(path)} ${why}; relative paths begin at the working directory, ${quote(process.cwd())}`,
      EXAMPLE,
      cause,
    );
  // Told where it is written, not by what a page gets.
  inspect(path, wrong);
  return {
    ...(type && { field: ['content-type', type] as const }),
    answer: async (head, asked) => {
      const { parts, ...selected } = selectRepresentation(head, inspect(path, wrong), asked);
      if (parts.length === 0) return { ...selected, body: NONE };
      const tooShort = () => refuse(`${quote(path)} became shorter while it was sent`, EXAMPLE);
      const source = fileSource(path, parts, tooShort);
      return { ...selected, body: new StreamedBody(source, (chunk) => ({ bytes: chunk as Buffer }), asked) };
    },
  };
};

const NONE = Buffer.alloc(0);

/** Absolute; relative paths begin at the working directory. */
function filePath(value: unknown, refuse: Refuse): string {
  const isUrl = value instanceof URL || (typeof value === 'string' && /^[a-z][a-z\d+.-]+:\/\//i.test(value));
  if (isUrl) {
    try {
      return fileURLToPath(value);
    } catch (cause) {
      throw refuse(`${formatValue(value)} is no file: URL of this machine`, EXAMPLE, cause);
    }
  }
  if (typeof value !== 'string') throw refuse(`file is ${kindOf(value)} and no path`, EXAMPLE);
  if (value === '' || value.includes('\0')) throw refuse(`file is no path`, EXAMPLE);
  return resolve(value);
}

/** Inspects what there is to send; throws what says why nothing can be sent. */
function inspect(path: string, wrong: (why: string, cause?: unknown) => Error): Representation {
  let stats: BigIntStats;
  try {
    stats = statSync(path, { bigint: true });
    accessSync(path, constants.R_OK);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = REASONS[code ?? ''];
    throw why === undefined ? wrong(`cannot be read (${message})`, cause) : wrong(why);
  }
  if (stats.isDirectory()) throw wrong('is a directory');
  if (!stats.isFile()) throw wrong('is no regular file');
  const { size, mtime, mtimeNs } = stats;
  return {
    length: Number(size),
    // One that is written again in the same second has another.
    etag: `"${size.toString(16)}-${mtimeNs.toString(16)}"`,
    lastModified: mtime.toUTCString(),
  };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'may not be read',
};

/** Opened when the first byte is asked for, so that there is nothing to close for a client that left before. */
function fileSource(path: string, parts: readonly (Buffer | ByteRange)[], tooShort: () => Error): Source {
  const pieces = read(path, parts, tooShort);
  let stream: ReadStream | undefined;
  async function* read(path: string, parts: readonly (Buffer | ByteRange)[], tooShort: () => Error) {
    for (const part of parts) {
      if (Buffer.isBuffer(part)) {
        yield part;
        continue;
      }
      let left = sizeOf(part);
      stream = createReadStream(path, { start: part.first, end: part.last }).on('error', () => {});
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        left -= chunk.length;
        yield chunk;
      }
      // The client was promised more.
      if (left > 0) throw tooShort();
    }
  }
  return { next: () => pieces.next(), cancel: () => stream?.destroy() };
}
