/** The sources that a body can be streamed from, all read in one way. */

/** Is read piece by piece, and can be let go of at any time. */
export interface Source {
  next(): Promise<IteratorResult<unknown>>;
  /** Nobody wants the rest. Never throws. */
  cancel(): void;
}

/** A stream of the WHATWG Streams standard, of whichever realm. */
export interface ReadableSource {
  /** True if it has a reader already. */
  readonly locked: boolean;
  /** Takes a reader, which gives chunk after chunk. */
  getReader(): { read(): Promise<{ done: boolean; value?: unknown }>; cancel(reason?: unknown): Promise<void> };
}

/** A stream of node:stream. */
interface NodeReadable extends AsyncIterable<unknown> {
  readonly readableDidRead?: boolean;
  readonly destroyed?: boolean;
  readonly errored?: unknown;
  /** True if what it reads from is still being opened (`fs.ReadStream`). */
  readonly pending?: boolean;
  destroy(): void;
  on(event: string, listener: () => void): void;
}

/** True if {@link openSource} takes it. */
export function isSource(value: unknown): value is object {
  return typeof value === 'object' && value !== null && (isReadableStream(value) || isIterable(value));
}

/** Keeps a stream that fails before anybody reads it from ending the process; whoever reads it hears of the failure. */
export function guardSource(value: unknown): void {
  if (isNodeReadable(value)) value.on('error', () => {});
}

/**
 * Resolves when it is known whether there is something to read: a file that does not exist is told by a 500, not
 * by an answer that breaks off.
 */
export async function settledSource(value: object): Promise<void> {
  guardSource(value);
  if (!isNodeReadable(value) || value.pending !== true || value.destroyed) return;
  await new Promise<void>((resolve) => {
    for (const event of ['ready', 'error', 'close']) value.on(event, resolve);
  });
}

/** Sources that can be read once, and were: reading one again would be an empty body that nobody asked for. */
const opened = new WeakSet<object>();

/**
 * Begins to read; undefined where the value can be read only once, and was. A list, or another iterable
 * that starts anew each time, can be opened again.
 */
export function openSource(value: object): Source | undefined {
  if (isReadableStream(value)) {
    if (value.locked) return undefined;
    const reader = value.getReader();
    return {
      next: async () => {
        const { done, value } = await reader.read();
        return done ? { done, value: undefined } : { done: false, value };
      },
      cancel: () => quietly(() => reader.cancel()),
    };
  }
  if (isNodeReadable(value)) {
    // One that has failed is read, so that its failure is told.
    const failed = value.errored !== undefined && value.errored !== null;
    if (!failed && (value.readableDidRead || value.destroyed || opened.has(value))) return undefined;
    opened.add(value);
    const iterator = value[Symbol.asyncIterator]();
    // Its iterator would end only after the piece that it waits for.
    return { next: () => iterator.next(), cancel: () => quietly(() => value.destroy()) };
  }
  const iterator = iterate(value as AsyncIterable<unknown> | Iterable<unknown>);
  if (opened.has(iterator)) return undefined;
  opened.add(iterator);
  return {
    next: async () => {
      const { done, value } = await iterator.next();
      return done ? { done, value: undefined } : { done: false, value: await value };
    },
    cancel: () => quietly(() => iterator.return?.()),
  };
}

/** The pieces of a list that was checked already. */
export function listSource(items: readonly unknown[]): Source {
  const iterator = items.values();
  return { next: async () => iterator.next(), cancel: () => {} };
}

function iterate(value: AsyncIterable<unknown> | Iterable<unknown>): AsyncIterator<unknown> | Iterator<unknown> {
  return Symbol.asyncIterator in value ? value[Symbol.asyncIterator]() : value[Symbol.iterator]();
}

// An error at the end of somebody else's stream is of no interest any more.
function quietly(end: () => unknown): void {
  try {
    Promise.resolve(end()).catch(() => {});
  } catch {}
}

function isReadableStream(value: object): value is ReadableSource {
  return 'getReader' in value && typeof value.getReader === 'function';
}

function isNodeReadable(value: unknown): value is NodeReadable {
  if (typeof value !== 'object' || value === null) return false;
  const { pipe, on, destroy } = value as Record<string, unknown>;
  return [pipe, on, destroy].every((method) => typeof method === 'function') && Symbol.asyncIterator in value;
}

function isIterable(value: object): boolean {
  return Symbol.asyncIterator in value || (Symbol.iterator in value && !ArrayBuffer.isView(value));
}
