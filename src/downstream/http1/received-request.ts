import { IncomingMessage } from 'node:http';
import { type Headers, headersObject, type RawHeaders } from '../../http/headers.js';
import { interned } from '../../http/interned.js';
import { memoize } from '../../runtime/memoize.js';

/**
 * A request as node:http hands it over, without what nobody asks of it: that its fields are put into a new object each
 * time, and that a body which is not there begins, flows, ends and closes, which alone is a twentieth of a stub.
 */
export class ReceivedRequest extends IncomingMessage {
  #fields: RawHeaders | undefined;
  #headers: Headers | undefined;
  #hasBody: boolean | undefined;

  /** The fields in the order and case in which they were sent. */
  get fields(): RawHeaders {
    this.#fields ??= interned(this.rawHeaders);
    return this.#fields;
  }

  /** The fields as `headers` gives them: names in lower case. */
  get named(): Headers {
    this.#headers ??= namedFields(this.fields);
    return this.#headers;
  }

  /** RFC 9112, section 6.3: one of these says so. */
  get hasBody(): boolean {
    this.#hasBody ??= this.named['transfer-encoding'] !== undefined || Number(this.named['content-length'] ?? 0) > 0;
    return this.#hasBody;
  }

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    return this.hasBody ? super.push(chunk, encoding) : false;
  }

  override resume(): this {
    return this.hasBody ? super.resume() : this;
  }
}

// TypeScript lets no accessor take the place of a property.
Object.defineProperties(ReceivedRequest.prototype, {
  headers: {
    get(this: ReceivedRequest) {
      return this.named;
    },
  },
  readableEnded: {
    get(this: ReceivedRequest) {
      return this.hasBody ? Reflect.get(IncomingMessage.prototype, 'readableEnded', this) : this.complete;
    },
  },
});

// The number of interned lists, too.
const MAX_REMEMBERED = 100;

const namedFields = memoize(headersObject, MAX_REMEMBERED);
