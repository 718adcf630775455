import { createReadStream, type ReadStream, type Stats } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contentType } from 'mime-types';
import { kindOf } from '../message/content.js';
import { formatValue, quote } from '../report/format.js';
import type { BodyForm } from './body-form.js';
import type { Refuse } from './invalid-reply.js';
import type { Source } from './source.js';
import { StreamedBody } from './streamed-body.js';

const EXAMPLE = `{ file: 'test/fixtures/cart.json' } or { file: new URL('./cart.json', import.meta.url) }`;

/** `file`: read from the disk while it is sent, and looked for anew each time; its type by its name. */
export const fileBody: BodyForm = (value, refuse) => {
  const path = filePath(value, refuse);
  const type = contentType(basename(path));
  return {
    ...(type && { field: ['content-type', type] as const }),
    measure: () => fileLength(path, refuse),
    open: (asked, length = 0) =>
      new StreamedBody(
        fileSource(path, length, () => refuse(`${quote(path)} became shorter while it was sent`, EXAMPLE)),
        (chunk) => ({ bytes: chunk as Buffer }),
        asked,
      ),
  };
};

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

async function fileLength(path: string, refuse: Refuse): Promise<number> {
  const wrong = (why: string, cause?: unknown) =>
    refuse(
      `${quote(path)} ${why}; relative paths begin at the working directory, ${quote(process.cwd())}`,
      EXAMPLE,
      cause,
    );
  let stats: Stats;
  try {
    stats = await stat(path);
    await access(path, constants.R_OK);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw wrong(REASONS[code ?? ''] ?? `cannot be read (${message})`, cause);
  }
  if (stats.isDirectory()) throw wrong('is a directory');
  if (!stats.isFile()) throw wrong('is no regular file');
  return stats.size;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'may not be read',
};

/** Opened when the first byte is asked for, so that there is nothing to close for a client that left before. */
function fileSource(path: string, length: number, tooShort: () => Error): Source {
  let left = length;
  let stream: ReadStream | undefined;
  let chunks: AsyncIterator<Buffer> | undefined;
  return {
    next: async () => {
      if (left === 0) return { done: true, value: undefined };
      stream ??= createReadStream(path, { end: length - 1 }).on('error', () => {});
      chunks ??= stream[Symbol.asyncIterator]();
      const { done, value } = await chunks.next();
      // The client was promised more.
      if (done) throw tooShort();
      left -= value.length;
      return { done: false, value };
    },
    cancel: () => stream?.destroy(),
  };
}
