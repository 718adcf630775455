import { AsyncResource } from 'node:async_hooks';
import type { ClientHttp2Session, ClientHttp2Stream, ClientSessionRequestOptions } from 'node:http2';
import type { Http2Fields } from '../http/http2/fields.js';

let isBindHeavy: boolean | undefined;

/**
 * `session.request()`, for less. Before version 26 Node binds a function in it to an `AsyncResource`, and `bind` defines a
 * deprecated property each time, for which V8 makes objects that are old from the start: they keep the stream until the
 * next full collection. With 100 streams at a time that is a fifth of a request, so there is a plain `bind` for as long as
 * the call takes.
 */
export function openStream(
  session: ClientHttp2Session,
  fields: Http2Fields,
  options: ClientSessionRequestOptions,
): ClientHttp2Stream {
  isBindHeavy ??= 'asyncResource' in new AsyncResource('WAYLAY').bind(() => {});
  const { prototype } = AsyncResource;
  const { bind } = prototype;
  if (!isBindHeavy || !Reflect.set(prototype, 'bind', bindLightly)) return session.request(fields, options);
  try {
    return session.request(fields, options);
  } finally {
    Reflect.set(prototype, 'bind', bind);
  }
}

function bindLightly(this: AsyncResource, run: (this: unknown, ...args: unknown[]) => unknown, self?: unknown) {
  const resource = this;
  return function bound(this: unknown, ...args: unknown[]): unknown {
    return resource.runInAsyncScope(run, self ?? this, ...args);
  };
}
