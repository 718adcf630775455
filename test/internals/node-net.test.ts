/** Things borrowed of node:net, node:tls and node:dns (docs/internals.md). */
import { type ChildProcess, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { lookup, Resolver } from 'node:dns';
import { once } from 'node:events';
import { get } from 'node:http';
import { connect as connectHttp2, performServerHandshake } from 'node:http2';
import { connect, Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import tls, { type TLSSocket } from 'node:tls';
import { onTestFinished, test } from 'vitest';
import { plaintextAlert } from '../../src/tls/alert.js';
import { buildCertificate } from '../../src/tls/certificate.js';
import { createSigningKey } from '../../src/tls/signing-key.js';
import { httpOrigin, publicAuthority, serverLeaf, tcpServer, tlsServer } from '../servers.js';
import { borrowed } from './borrowed.js';

/** Ended with the test. */
function ended<S extends Socket>(socket: S): S {
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** A turn of the event loop. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Puts a function in the place of another, until the test is over. */
function replaceMethod(object: object, name: string, make: (original: (...args: never[]) => unknown) => unknown): void {
  const before = Object.getOwnPropertyDescriptor(object, name) as PropertyDescriptor;
  Object.defineProperty(object, name, { ...before, value: make(before.value) });
  onTestFinished(() => void Object.defineProperty(object, name, before));
}

test('every client connects by the method connect of a socket', async () => {
  const holds = borrowed('`Socket.prototype.connect`');
  const { port } = await httpOrigin((_request, response) => response.end());
  const calls: unknown[][] = [];
  replaceMethod(Socket.prototype, 'connect', (original) => {
    return function (this: Socket, ...args: never[]) {
      calls.push(args);
      return Reflect.apply(original, this, args);
    };
  });
  const host = '127.0.0.1';
  const clients: Record<string, () => unknown> = {
    'net.connect': () => ended(connect(port, host)),
    'tls.connect': () => ended(tls.connect(port, host)),
    'http.get': () => get({ host, port, agent: false }).on('error', () => {}),
    'http2.connect': () => {
      const session = connectHttp2(`http://${host}:${port}`).on('error', () => {});
      onTestFinished(() => session.destroy());
    },
    fetch: () => fetch(`http://${host}:${port}/`).then((response) => response.text()),
  };
  for (const [name, go] of Object.entries(clients)) {
    calls.length = 0;
    await go();
    holds(calls.length > 0, `${name} connects by Socket.prototype.connect`);
    const [first] = calls[0] as [unknown];
    const options = (Array.isArray(first) ? first[0] : first) as { port?: unknown; host?: unknown } | undefined;
    holds(Number(options?.port) === port && options?.host === host, `${name} says there by options where it goes`);
  }
});

test('a connection to an address has its own port a tick after it was begun', async () => {
  const holds = borrowed('The port of a connection that is being made');
  const { port } = await tcpServer(() => {});
  const socket = ended(connect(port, '127.0.0.1'));
  await new Promise<void>((resolve) => process.nextTick(resolve));
  holds(typeof socket.localPort === 'number', 'the system gives a port with the call, which is made in the next tick');
});

test('a socket that is destroyed is closed within two turns', async () => {
  const holds = borrowed('The order in which a socket ends');
  const { port } = await tlsServer(serverLeaf('localhost'), () => {});
  const raw = ended(connect(port, '127.0.0.1'));
  const secured = ended(tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false }));
  await Promise.all([once(raw, 'connect'), once(secured, 'secureConnect')]);
  for (const [name, socket] of [
    ['a TCP connection', raw],
    ['a TLS connection', secured],
  ] as const) {
    let closed = false;
    socket.once('close', () => {
      closed = true;
    });
    socket.destroy();
    await turn();
    await turn();
    holds(closed, `${name} emits 'close' within two turns of destroy()`);
  }
});

test('a socket that has a handle closes in a turn after its error', async () => {
  const holds = borrowed('`_handle` of a socket that was never connected');
  const endOf = async (handle?: object): Promise<string> => {
    const events: string[] = [];
    const socket = Object.assign(new Socket(), handle && { _handle: handle });
    socket.on('error', () => {
      events.push('error');
      process.nextTick(() => events.push('tick'));
    });
    socket.on('close', () => events.push('close'));
    socket.destroy(new Error('refused'));
    await turn();
    await turn();
    return events.join(', ');
  };
  const without = await endOf();
  holds(without === 'error, close, tick', `without a handle both come together; if not, none is needed (${without})`);
  const close = (done: () => void): void => void setImmediate(done);
  const made = await endOf({ bytesRead: 0, bytesWritten: 0, close });
  holds(made === 'error, tick, close', `destroy() waits for the close() of a handle that is a plain object (${made})`);
});

test('a socket says what its _peername says, and is _host to TLS', async () => {
  const holds = borrowed('`_peername` and `_host`');
  const { port } = await tlsServer(serverLeaf('shop.test'), () => {});
  const socket = ended(connect(port, '127.0.0.1'));
  await once(socket, 'connect');
  Object.assign(socket, { _host: 'shop.test', _peername: { address: '192.0.2.7', family: 'IPv4', port: 443 } });
  const { remoteAddress, remoteFamily, remotePort } = socket;
  holds(remoteAddress === '192.0.2.7' && remoteFamily === 'IPv4' && remotePort === 443, 'a socket reads _peername');
  const secured = ended(tls.connect({ socket, ca: publicAuthority.pem }));
  const failed = once(secured, 'error').then(([error]) => error as Error);
  const error = await Promise.race([once(secured, 'secureConnect').then(() => undefined), failed]);
  holds(error === undefined, `TLS on a socket checks the certificate for its _host (${error?.message})`);
});

test('a connection can be read from by its file descriptor', async () => {
  const holds = borrowed('`_handle.fd`');
  const { port } = await tcpServer(() => {});
  const socket = ended(connect(port, '127.0.0.1'));
  await once(socket, 'connect');
  const { _handle: handle } = socket as { _handle?: { fd?: unknown } };
  const there = typeof handle?.fd === 'number' && (handle.fd >= 0 || process.platform === 'win32');
  holds(there, 'a connected socket has its file descriptor as _handle.fd');
});

test('a stream that was paused flows again when readableFlowing is null', async () => {
  const holds = borrowed('`readableFlowing` set to null');
  for (const isSet of [false, true]) {
    const stream = new PassThrough();
    stream.pause();
    if (isSet) Object.assign(stream, { readableFlowing: null });
    let flows = false;
    stream.on('data', () => {
      flows = true;
    });
    stream.write('late');
    await turn();
    await turn();
    holds(flows === isSet, isSet ? 'a listener sets a stream flowing that is neither' : 'a paused stream stays so');
  }
});

test('the input of a child process lets this process end', () => {
  const holds = borrowed('`unref` of a child’s input');
  const child: ChildProcess = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  onTestFinished(() => void child.kill());
  const { unref } = child.stdin as unknown as { unref?: unknown };
  holds(typeof unref === 'function', 'the input of a child process is a socket, which has unref()');
});

test('verifyError of the handle decides whether a certificate is good', async () => {
  const holds = borrowed('`_handle.verifyError`');
  const { port } = await tlsServer(serverLeaf('localhost'), () => {});
  const socket = ended(tls.connect({ port, host: '127.0.0.1', servername: 'localhost' }));
  const { _handle: judge } = socket as TLSSocket & {
    _handle?: { verifyError?: () => (Error & { code?: string }) | null };
  };
  holds(typeof judge?.verifyError === 'function', 'a TLS socket has _handle.verifyError from its beginning');
  if (judge?.verifyError === undefined) return;
  const original = judge.verifyError.bind(judge);
  let code: string | undefined;
  judge.verifyError = () => {
    code = original()?.code;
    return null;
  };
  const failed = once(socket, 'error').then(([error]) => error as Error);
  const error = await Promise.race([once(socket, 'secureConnect').then(() => undefined), failed]);
  holds(
    error === undefined && socket.authorized,
    `the connection asks the verifyError that was set (${error?.message})`,
  );
  const unknown = /^(UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN)$/;
  holds(unknown.test(code ?? ''), `an unknown issuer is called as OpenSSL calls it, not ${code}`);
});

test('TLS begins by _start, on what is its _parent', async () => {
  const holds = borrowed('`TLSSocket.prototype._start` and `_parent`');
  const { port } = await tlsServer(serverLeaf('localhost'), () => {});
  const started: unknown[] = [];
  replaceMethod(tls.TLSSocket.prototype, '_start', (original) => {
    return function (this: TLSSocket & { _parent?: unknown }, ...args: never[]) {
      started.push(this._parent);
      return Reflect.apply(original, this, args);
    };
  });
  const socket = ended(connect(port, '127.0.0.1'));
  const secured = ended(tls.connect({ socket, rejectUnauthorized: false }));
  await once(secured, 'secureConnect');
  holds(started.includes(socket), 'TLS on a connection begins by _start(), and has the connection as _parent');
});

test('a TLSSocket made by hand says when it is secure, and is one to HTTP/2 once it is marked', async () => {
  const holds = borrowed("`new TLSSocket` on a server's side");
  const leaf = serverLeaf('localhost');
  let connecting: [before: boolean, after: boolean] | undefined;
  const { port } = await tcpServer((socket) => {
    const secured = ended(
      new tls.TLSSocket(socket, { isServer: true, secureContext: leaf.context, ALPNProtocols: ['h2'] }),
    );
    secured.once('secure', () => {
      const { secureConnecting: before } = secured as { secureConnecting?: boolean };
      Object.assign(secured, { secureConnecting: false });
      const session = performServerHandshake(secured);
      session.on('error', () => {});
      connecting = [before === true, session.connecting];
    });
  });
  const client = ended(tls.connect({ port, host: '127.0.0.1', ALPNProtocols: ['h2'], rejectUnauthorized: false }));
  await once(client, 'secureConnect');
  await once(client, 'data');
  holds(connecting !== undefined, "a TLSSocket of a server's side emits 'secure' after the handshake");
  holds(connecting?.[0] === true, 'it is left marked as secureConnecting; if not, the mark need not be taken off');
  holds(connecting?.[1] === false, 'HTTP/2 begins at once on one whose mark was taken off');
});

test('the handshake asks a socket for the certificate by its own getPeerCertificate', async () => {
  const holds = borrowed('`getPeerCertificate` during the handshake');
  const { port } = await tlsServer(serverLeaf('shop.test'), () => {});
  const secured = ended(
    tls.connect({ port, host: '127.0.0.1', ca: publicAuthority.pem, checkServerIdentity: () => undefined }),
  );
  let asked = 0;
  const answer = (): null => {
    asked += 1;
    return null;
  };
  Object.assign(secured, { getPeerCertificate: answer });
  await once(secured, 'secureConnect');
  holds(asked > 0, 'the handshake calls getPeerCertificate() of the socket');
  holds(secured.getPeerX509Certificate() !== undefined, 'getPeerX509Certificate() does not need it');
});

test('tls.connect makes its context by tls.createSecureContext, of options that have its defaults', async () => {
  const holds = borrowed('`tls.createSecureContext` and `addCACert`');
  const { port } = await tlsServer(serverLeaf('localhost'), () => {});
  let given: object | undefined;
  replaceMethod(tls, 'createSecureContext', (original) => (options: object) => {
    const context = Reflect.apply(original, tls, [options] as never[]) as tls.SecureContext;
    const { addCACert } = context.context as { addCACert?: (pem: string) => void };
    holds(typeof addCACert === 'function', 'a secure context has context.addCACert');
    if ('minDHSize' in options && 'checkServerIdentity' in options) {
      given = options;
      (context.context as { addCACert(pem: string): void }).addCACert(publicAuthority.pem);
    }
    return context;
  });
  const secured = ended(tls.connect({ port, host: '127.0.0.1', servername: 'localhost' }));
  const failed = once(secured, 'error').then(([error]) => error as Error);
  const error = await Promise.race([once(secured, 'secureConnect').then(() => undefined), failed]);
  holds(given !== undefined, 'tls.connect calls tls.createSecureContext with checkServerIdentity and minDHSize');
  holds(error === undefined, `a context trusts what addCACert() was given (${error?.message})`);
});

test('checkServerIdentity looks at the common names and the alternative names, and at nothing else', () => {
  const holds = borrowed('What `checkServerIdentity` looks at');
  const judge = (name: string, CN: string[], subjectaltname: string): boolean =>
    tls.checkServerIdentity(name, { subject: { CN }, subjectaltname } as unknown as tls.PeerCertificate) === undefined;
  holds(judge('shop.test', [], 'DNS:shop.test'), 'an alternative name is enough');
  holds(!judge('shop.test', ['shop.test'], 'DNS:other.test'), 'where there is one, the common names are none');
  holds(judge('shop.test', ['other.test', 'shop.test'], ''), 'without one, each common name of a list is');
});

test('a certificate says its subject in lines, with what is special escaped', () => {
  const holds = borrowed("The text of a certificate's subject");
  const subject = { commonName: 'shop.test', organization: 'Läden, "AG"' };
  const key = createSigningKey();
  const at = new Date();
  const issuer = { name: subject, key };
  const made = buildCertificate({ subject, key, notBefore: at, notAfter: at, use: 'authority' }, issuer);
  const { subject: text } = new X509Certificate(made);
  const lines = text.split('\n');
  holds(lines.includes('CN=shop.test'), `each attribute has a line: ${text}`);
  holds(
    lines.some((line) => /^O=L.*den\\, \\"AG\\"$/.test(line)),
    `a comma and quotes have a backslash before them: ${text}`,
  );
});

test('an error of TLS tells the number of the alert in its message', async () => {
  const holds = borrowed('"SSL alert number" in an error’s message');
  const { port } = await tcpServer((socket) => void socket.once('data', () => socket.end(plaintextAlert(40))));
  const socket = ended(tls.connect({ port, host: '127.0.0.1' }));
  const [error] = (await once(socket, 'error').catch((cause) => [cause])) as [Error];
  holds(/SSL alert number 40\b/.test(error.message), `the message says "SSL alert number 40", not: ${error.message}`);
});

test('dns.lookup and a Resolver ask by requests whose oncomplete is set last', async () => {
  const holds = borrowed("Node's requests for names");
  const request = lookup('0', () => {}) as unknown as object | undefined;
  const kind = request && Object.getPrototypeOf(request);
  holds(kind?.constructor.name === 'GetAddrInfoReqWrap', 'dns.lookup returns a GetAddrInfoReqWrap');
  let seen: { hostname?: unknown; family?: unknown } | undefined;
  Object.defineProperty(kind, 'oncomplete', {
    configurable: true,
    set(this: { hostname?: unknown; family?: unknown }, value: unknown) {
      seen = { hostname: this.hostname, family: this.family };
      Object.defineProperty(this, 'oncomplete', { value, writable: true, enumerable: true, configurable: true });
    },
  });
  try {
    lookup('name.invalid', { family: 4 }, () => {});
  } finally {
    delete kind.oncomplete;
  }
  const last = seen?.hostname === 'name.invalid' && seen.family === 4;
  holds(last, 'a request is given its oncomplete when its hostname and family are known');

  const resolver = new Resolver();
  const { _handle: channel } = resolver as unknown as { readonly _handle?: object };
  holds(channel !== undefined, 'a Resolver has a _handle');
  const prototype = Object.getPrototypeOf(channel);
  for (const method of ['queryA', 'queryAaaa', 'queryAny']) {
    holds(typeof prototype[method] === 'function', `the class of a Resolver's _handle has ${method}()`);
  }
  let ready = false;
  replaceMethod(prototype, 'queryA', () => (query: { oncomplete?: unknown }, name: unknown) => {
    ready = name === 'name.invalid' && typeof query.oncomplete === 'function';
    return 0;
  });
  resolver.resolve4('name.invalid', () => {});
  holds(ready, 'resolve4() calls queryA() with a request that has its oncomplete, and the name');
});
