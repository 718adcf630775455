import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeCertificate } from './certificate.js';

/** Starts https://app.test, which sends who has no session to https://login.test. */
export async function startServer() {
  const { key, cert } = makeCertificate('app.test', 'login.test');
  const server = createServer({ key, cert }, (request, response) => {
    if (request.headers.host === 'login.test') login(request, response);
    else app(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, cert, close: () => server.close() };
}

const sessions = new Set<string>();
const attributes = 'Path=/; Secure; HttpOnly; SameSite=Lax';

function app(request: IncomingMessage, response: ServerResponse) {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'https://app.test');
  const cookies = new Map(
    (request.headers.cookie ?? '').split('; ').map((pair) => pair.split('=') as [string, string]),
  );
  if (pathname === '/callback') {
    // Who did not start here, or was lured here by somebody else, has another state.
    if (searchParams.get('state') !== cookies.get('__Host-state')) return html(response, 403, '<h1>Try again</h1>');
    const session = randomUUID();
    sessions.add(session);
    return redirect(response, '/account', `__Host-session=${session}; ${attributes}`);
  }
  if (sessions.has(cookies.get('__Host-session') ?? '')) return html(response, 200, '<h1>Welcome, Ada</h1>');
  const state = randomUUID();
  const back = encodeURIComponent('https://app.test/callback');
  const location = `https://login.test/authorize?state=${state}&redirect_uri=${back}`;
  return redirect(response, location, `__Host-state=${state}; ${attributes}`);
}

function login(request: IncomingMessage, response: ServerResponse) {
  if (request.method === 'POST') {
    const { searchParams } = new URL(request.url ?? '/', 'https://login.test');
    const back = new URL(searchParams.get('redirect_uri') ?? '');
    back.searchParams.set('code', randomUUID());
    back.searchParams.set('state', searchParams.get('state') ?? '');
    return redirect(response, back.href, `sso=${randomUUID()}; ${attributes}`);
  }
  const form = '<label>Name <input name="name"></label> <button>Sign in</button>';
  return html(response, 200, `<form method="post">${form}</form>`);
}

function redirect(response: ServerResponse, location: string, cookie: string) {
  response.writeHead(303, { location, 'set-cookie': cookie }).end();
}

function html(response: ServerResponse, status: number, body: string) {
  response.writeHead(status, { 'content-type': 'text/html' }).end(`<!doctype html>${body}`);
}
