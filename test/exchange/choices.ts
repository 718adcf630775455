/** Choices of an interceptor, each with its name, and what becomes of the bodies by it. */
import { TestError } from '../../src/errors.js';
import type { Answer, MessageFault, RequestDecision, ResponseChange } from '../../src/interceptor.js';

/** One of the things that can be said. */
export interface Choice<Value> {
  readonly value: () => Value;
  /** The body that comes of a body that came in these chunks; absent where the exchange cannot succeed. */
  readonly becomes?: (chunks: readonly string[]) => string;
}

const FAULT = new TestError('WAYLAY_FAULT', 'The test asked for it.');

const fault = (kind: MessageFault['kind'], after?: number): MessageFault => ({ kind, after, error: FAULT });

const answer = (body: Answer['body'], more: Partial<Answer> = {}): Answer => ({
  status: 200,
  statusText: '',
  headers: [],
  body,
  ...more,
});

/** The chunks of every body that a response has. */
export const CHUNKS = ['ab', 'c', 'def'];

/** The stream of a stub, which knows whether somebody still has it. */
export class StubStream implements AsyncIterable<Uint8Array> {
  /** It was asked for, or let go of. */
  #touched = false;
  #open = 0;

  get done(): boolean {
    return this.#touched && this.#open === 0;
  }

  /** Undoes an exchange. */
  reset(): void {
    this.#touched = false;
    this.#open = 0;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    const left = CHUNKS.map((chunk) => Buffer.from(chunk));
    const close = (): IteratorResult<Uint8Array> => {
      this.#open -= open ? 1 : 0;
      open = false;
      return { done: true, value: undefined };
    };
    let open = true;
    this.#touched = true;
    this.#open += 1;
    return {
      next: async () => {
        const value = left.shift();
        return value === undefined ? close() : { done: false, value };
      },
      return: async () => close(),
    };
  }
}

const upperCase = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield Buffer.from(chunk.toString().toUpperCase());
};

const first = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    yield chunk;
    return;
  }
};

const breaks = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    yield chunk;
    throw new Error('no');
  }
};

const asItIs = (chunks: readonly string[]): string => chunks.join('');

const inUpperCase = (chunks: readonly string[]): string => asItIs(chunks).toUpperCase();

/** On a request; `becomes` is the body that goes to the upstream. */
export const DECISIONS: Record<string, Choice<RequestDecision | Error | undefined>> = {
  'forward it': { value: () => undefined, becomes: asItIs },
  'forward it later': { value: () => ({ action: 'forward', change: { shape: { delay: 20 } } }), becomes: asItIs },
  'forward it as a whole': {
    value: () => ({
      action: 'forward',
      change: { body: { kind: 'whole', change: (body) => Buffer.concat([body, Buffer.from('!')]) } },
    }),
    becomes: (chunks) => `${asItIs(chunks)}!`,
  },
  'forward it through a function': {
    value: () => ({
      action: 'forward',
      change: { body: { kind: 'stream', change: upperCase } },
    }),
    becomes: inUpperCase,
  },
  'forward it through a function that throws': {
    value: () => ({
      action: 'forward',
      change: { body: { kind: 'stream', change: breaks } },
    }),
    becomes: asItIs,
  },
  'forward it slowly': { value: () => ({ action: 'forward', change: { shape: { bandwidth: 50 } } }), becomes: asItIs },
  'forward it, and reset it': {
    value: () => ({ action: 'forward', change: { shape: { fault: fault('reset', 1) } } }),
    becomes: asItIs,
  },
  'forward it, and truncate it': {
    value: () => ({ action: 'forward', change: { shape: { fault: fault('truncate', 1) } } }),
    becomes: asItIs,
  },
  'answer it': { value: () => ({ action: 'answer', answer: answer(Buffer.from('abcdef')) }) },
  'answer it later': {
    value: () => ({ action: 'answer', answer: answer(Buffer.from('abcdef'), { delay: 20 }), delay: 20 }),
  },
  'answer it with a stream': { value: () => ({ action: 'answer', answer: answer(new StubStream()) }) },
  'answer it with a stream, later': {
    value: () => ({ action: 'answer', answer: answer(new StubStream()), delay: 20 }),
  },
  'answer it with a stream that is longer than it says': {
    value: () => ({
      action: 'answer',
      answer: answer(new StubStream(), { headers: ['Content-Length', '4'] }),
    }),
  },
  'answer it when it has come': {
    value: () => ({
      action: 'answer',
      answer: answer(Buffer.from('abcdef')),
      shape: { bandwidth: 50 },
    }),
  },
  'refuse it': { value: () => ({ action: 'refuse', error: new TestError('WAYLAY_REFUSED', 'No rule.') }) },
  'reset it': { value: () => ({ action: 'fail', fault: fault('reset') }) },
  'reset it later': { value: () => ({ action: 'fail', fault: fault('reset'), delay: 20 }) },
  'have it hang': { value: () => ({ action: 'fail', fault: fault('hang') }) },
  throw: { value: () => new Error('no') },
};

/** On a response; `becomes` is the body that goes to the client. */
export const CHANGES: Record<string, Choice<ResponseChange | Error | undefined>> = {
  none: { value: () => undefined, becomes: asItIs },
  status: { value: () => ({ status: 201 }), becomes: asItIs },
  'no body': { value: () => ({ status: 204 }), becomes: () => '' },
  replaced: { value: () => ({ body: { kind: 'replace', bytes: Buffer.from('new') } }), becomes: () => 'new' },
  whole: {
    value: () => ({ body: { kind: 'whole', change: async (body) => Buffer.from(`<${body}>`) } }),
    becomes: (chunks) => `<${asItIs(chunks)}>`,
  },
  'whole, and throws': { value: () => ({ body: { kind: 'whole', change: () => Promise.reject(new Error('no')) } }) },
  'a function': { value: () => ({ body: { kind: 'stream', change: upperCase } }), becomes: inUpperCase },
  'a function that ends early': {
    value: () => ({ body: { kind: 'stream', change: first } }),
    becomes: ([chunk = '']) => chunk,
  },
  'a function that throws': { value: () => ({ body: { kind: 'stream', change: breaks } }), becomes: asItIs },
  trailers: { value: () => ({ trailers: (trailers) => [...trailers, 'x-more', '1'] }), becomes: asItIs },
  'trailers, and throws': { value: () => ({ trailers: () => Promise.reject(new Error('no')) }), becomes: asItIs },
  delay: { value: () => ({ shape: { delay: 20 } }), becomes: asItIs },
  slices: { value: () => ({ shape: { slice: 1 } }), becomes: asItIs },
  slowly: { value: () => ({ shape: { bandwidth: 50 } }), becomes: asItIs },
  'a function, in slices': {
    value: () => ({ body: { kind: 'stream', change: upperCase }, shape: { slice: 1, delay: 20 } }),
    becomes: inUpperCase,
  },
  'truncated within': { value: () => ({ shape: { fault: fault('truncate', 2) } }), becomes: asItIs },
  'truncated, replaced': {
    value: () => ({
      body: { kind: 'replace', bytes: Buffer.from('new') },
      shape: { fault: fault('truncate', 2) },
    }),
    becomes: () => 'new',
  },
  'reset in its place': { value: () => ({ shape: { fault: fault('reset') } }) },
  'hangs within': { value: () => ({ shape: { fault: fault('hang', 2) } }), becomes: asItIs },
  throws: { value: () => new Error('no') },
};
