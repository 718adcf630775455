/** Things borrowed of node:http and node:http2 (docs/internals.md). */
import { AsyncResource } from 'node:async_hooks';
import { once } from 'node:events';
import { Agent, createServer, get, IncomingMessage, type ServerResponse } from 'node:http';
import {
  type ClientHttp2Session,
  connect,
  createServer as createHttp2Server,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { type AddressInfo, connect as connectTcp, type Server } from 'node:net';
import { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { onTestFinished, test } from 'vitest';
import { borrowed, bySymbol } from './borrowed.js';

/** Listens until the test is over; the port. */
async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

type OnStream = (stream: ServerHttp2Stream, headers: object, flags: number, raw: string[]) => void;

/** A session of node:http2 with a server, which answers by this function. */
async function sessionWith(onStream: OnStream): Promise<ClientHttp2Session> {
  const server = createHttp2Server();
  server.on('stream', onStream);
  const session = connect(`http://127.0.0.1:${await portOf(server)}`);
  onTestFinished(() => session.destroy());
  return session;
}

test('AsyncResource.prototype.bind is what session.request() binds by, before Node 26', async () => {
  const holds = borrowed('`AsyncResource.prototype.bind`');
  const heavy = 'asyncResource' in new AsyncResource('CANARY').bind(() => {});
  if (!heavy) {
    // Nothing is replaced there.
    holds(Number.parseInt(process.versions.node, 10) >= 26, 'bind() makes a property `asyncResource` before Node 26');
    return;
  }
  const session = await sessionWith((stream) => stream.respond({ ':status': 200 }, { endStream: true }));
  const { bind } = AsyncResource.prototype;
  let bound = 0;
  function counting(this: AsyncResource, ...args: Parameters<typeof bind>): unknown {
    bound += 1;
    return Reflect.apply(bind, this, args);
  }
  holds(Reflect.set(AsyncResource.prototype, 'bind', counting), 'AsyncResource.prototype.bind can be replaced');
  try {
    session
      .request({ ':path': '/' })
      .on('error', () => {})
      .resume();
  } finally {
    Reflect.set(AsyncResource.prototype, 'bind', bind);
  }
  holds(bound > 0, 'session.request() calls AsyncResource.prototype.bind in its own turn');
});

test("an HTTP/2 session's state has its streams, by id, in what has a Map's methods", async () => {
  const holds = borrowed("An HTTP/2 session's `state`");
  const session: ServerHttp2Session = performServerHandshake(nothing());
  onTestFinished(() => session.destroy());
  const state = bySymbol(session, 'state') as { streams?: Map<number, unknown> } | undefined;
  holds(state !== undefined, 'a session has a symbol described as `state`');
  const streams = state?.streams;
  holds(streams?.size === 0, 'its `streams` is a Map, empty in a new session');
  for (const method of ['get', 'set', 'delete', 'forEach', 'values'] as const) {
    holds(typeof streams?.[method] === 'function', `its \`streams\` has ${method}()`);
  }

  const client = await sessionWith((stream) => stream.respond({ ':status': 200 }, { endStream: true }));
  const own = new Map<number, unknown>();
  Object.assign(bySymbol(client, 'state') as object, { streams: own });
  await once(client, 'connect');
  const stream = client.request({ ':path': '/' }).resume();
  holds(own.get(stream.id ?? -1) === stream, 'a session keeps a stream in the Map that it is given, by its id');
  await once(stream, 'close');
  holds(own.size === 0, 'a session forgets a stream that is closed');
});

test("an HTTP/2 stream's _final is what sends END_STREAM", async () => {
  const holds = borrowed("An HTTP/2 stream's `_final`");
  let ended = 0;
  const session = await sessionWith((stream) => {
    stream.respond({ ':status': 200 });
    holds(typeof stream._final === 'function', 'a stream has a method _final');
    stream._final = () => {
      ended += 1;
    };
    stream.on('error', () => {});
    stream.write('part', () => {
      stream.end();
      // A turn later than END_STREAM would go out.
      setImmediate(() => setImmediate(() => stream.close(2)));
    });
  });
  const stream = session.request({ ':path': '/' });
  let complete = false;
  stream.on('end', () => {
    complete = stream.rstCode === 0;
  });
  stream.on('error', () => {});
  stream.resume();
  await once(stream, 'close').catch(() => {});
  holds(ended === 1, 'end() calls the _final that was set on a stream, once');
  holds(!complete && stream.rstCode === 2, 'a stream without its _final ends by the RST_STREAM that follows');
});

test('the events of HTTP/2 have the raw fields as their last argument, and respond() takes sendDate', async () => {
  const holds = borrowed('The raw fields of HTTP/2 events, and `sendDate`');
  const raws = new Map<string, unknown>();
  const session = await sessionWith((stream, _headers, _flags, raw) => {
    raws.set('stream', raw);
    stream.additionalHeaders({ ':status': 103, 'x-early': '1' });
    stream.respond({ ':status': 200, 'x-one': '1' }, { waitForTrailers: true, sendDate: false } as object);
    stream.once('wantTrailers', () => stream.sendTrailers({ 'x-last': '1' }));
    stream.end('body');
  });
  const stream = session.request({ ':path': '/' });
  let fields: object = {};
  stream.on('headers', (...args: unknown[]) => raws.set('headers', args[2]));
  stream.on('response', (...args: unknown[]) => {
    [fields] = args as [object];
    raws.set('response', args[2]);
  });
  stream.on('trailers', (...args: unknown[]) => raws.set('trailers', args[2]));
  await text(stream);
  for (const [event, name] of [
    ['stream', ':path'],
    ['headers', 'x-early'],
    ['response', 'x-one'],
    ['trailers', 'x-last'],
  ] as const) {
    const raw = raws.get(event);
    holds(Array.isArray(raw) && raw.includes(name), `the event '${event}' has the list of fields as its last argument`);
  }
  holds(!('date' in fields), 'respond() sends no Date with sendDate: false');
});

test('an HTTP/2 session over nothing shows the classes of sessions and streams', () => {
  const holds = borrowed("HTTP/2's unshown classes");
  const wire = Object.assign(nothing(), { _handle: { isStreamBase: true }, connecting: true });
  const session = connect('http://nowhere.invalid', { createConnection: () => wire });
  session.on('error', () => {});
  const stream = session.request();
  stream.on('error', () => {});
  session.destroy();
  const sessions = Object.getPrototypeOf(session);
  holds(Object.hasOwn(sessions, 'request'), 'the class of client sessions has the method request');
  const Stream = stream.constructor;
  const Base = Object.getPrototypeOf(Stream);
  holds(Stream.name === 'ClientHttp2Stream', 'a session makes streams of a class ClientHttp2Stream');
  let made: unknown;
  Object.setPrototypeOf(
    Stream,
    new Proxy(Base, {
      construct(target, args, newTarget) {
        [made] = args;
        return Reflect.construct(target, args, newTarget);
      },
    }),
  );
  try {
    const other = connect('http://nowhere.invalid', { createConnection: () => wire });
    other.on('error', () => {});
    other.request().on('error', () => {});
    other.destroy();
    holds(made === other, 'a stream is made by the superclass of its class, which is given its session first');
  } finally {
    Object.setPrototypeOf(Stream, Base);
  }
});

test('a socket that hides the stream under an HTTP/2 session shows it as stream', () => {
  const holds = borrowed('The stream under an HTTP/2 session');
  const hidden = nothing();
  const session = connect('http://nowhere.invalid', { createConnection: () => hidden });
  session.on('error', () => {});
  const { stream } = session.socket as unknown as { stream?: unknown };
  holds(stream === hidden, 'the socket of a session over a stream that has no handle shows it as `stream`');
  session.destroy();
});

test("node:http's server takes a request whose body never flows for read", async () => {
  const holds = borrowed("What node:http's server does with a request");
  let pushed = 0;
  let asked = 0;
  class Quiet extends IncomingMessage {
    override push(): boolean {
      pushed += 1;
      return false;
    }
    override resume(): this {
      return this;
    }
  }
  Object.defineProperty(Quiet.prototype, 'readableEnded', {
    get(this: Quiet) {
      asked += 1;
      return this.complete;
    },
  });
  const sockets = new Set<unknown>();
  const server = createServer({ IncomingMessage: Quiet }, (request, response) => {
    sockets.add(request.socket);
    response.end('read');
  });
  const port = await portOf(server);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  for (let i = 0; i < 2; i += 1) {
    const request = get({ host: '127.0.0.1', port, agent });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    holds((await text(response)) === 'read', 'a request whose body never ends is answered');
  }
  holds(pushed === 2, 'the end of a request without a body comes by one push()');
  holds(asked === 2, 'the server looks at readableEnded once an answer is out, and not at what lies beneath');
  holds(sockets.size === 1, 'a connection takes the next request after one whose body never flowed');
});

test("node:http's response says how it is framed, and waits for its socket", async () => {
  const holds = borrowed('`shouldKeepAlive`, `chunkedEncoding` and the event `socket` of a response');
  const seen: ServerResponse[] = [];
  let waited: Promise<unknown> | undefined;
  const server = createServer((request, response) => {
    seen.push(response);
    if (request.url === '/second') waited = once(response, 'socket').then(() => seen[0]?.writableFinished);
    if (seen.length < 2) return;
    for (const one of seen) {
      one.writeHead(200, 'OK', ['X-One', '1']);
      one.write('body');
      one.end();
    }
  });
  const socket = connectTcp(await portOf(server), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.write('GET /first HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  await text(socket);
  const [first, second] = seen;
  holds(first?.chunkedEncoding === true, 'a response without a length has chunkedEncoding');
  holds(first?.shouldKeepAlive === true && second?.shouldKeepAlive === false, 'shouldKeepAlive is what was asked for');
  holds((await waited) === true, "a response that waits for an earlier one emits 'socket' when it is its turn");
});

test("an agent's getName is what tells its connections apart", async () => {
  const holds = borrowed('`http.Agent.prototype.getName`');
  const connections = new Set<unknown>();
  const server = createServer((request, response) => {
    connections.add(request.socket);
    response.end();
  });
  const port = await portOf(server);
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const original = Object.getOwnPropertyDescriptor(Agent.prototype, 'getName') as PropertyDescriptor;
  let name = 'one';
  let calls = 0;
  let unmarked = 0;
  const MARK = Symbol('mark');
  Object.defineProperty(Agent.prototype, 'getName', {
    ...original,
    value: (options: Record<symbol, unknown>) => {
      calls += 1;
      if (options[MARK] === undefined) unmarked += 1;
      options[MARK] = name;
      return name;
    },
  });
  try {
    for (const next of ['one', 'one', 'two']) {
      name = next;
      const [response] = (await once(get({ host: '127.0.0.1', port, agent }), 'response')) as [IncomingMessage];
      response.resume();
      await once(response, 'close');
    }
  } finally {
    Object.defineProperty(Agent.prototype, 'getName', original);
  }
  holds(connections.size === 2, 'an agent keeps a connection for what getName() calls the same, and for nothing else');
  holds(
    calls > 3 && unmarked === 3,
    'what getName() notes in the options of a request is there when it is asked again',
  );
});

/** A stream over which nothing comes. */
function nothing(): Duplex {
  return new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
}
