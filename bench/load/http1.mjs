// @ts-check
import { leadingIn } from './course.mjs';
import { Requester, requestBytes } from './exchange.mjs';
import { secured, tunnel } from './sockets.mjs';

/** @typedef {import('../load.mjs').LoadConfig} LoadConfig */
/** @typedef {import('../load.mjs').Course} Course */

/**
 * Connections that are kept, each with one request at a time.
 *
 * @param {LoadConfig} config
 * @returns {Promise<(course: Course) => Promise<void>>}
 */
export async function http1({ proxy, target, tls = true, connections = 32, request, cold = false, leadIn = 0 }) {
  const plain = proxy !== undefined && !tls;
  const bytes = requestBytes(request, target, plain);
  const requesters = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = plain ? await tunnel(undefined, { host: '127.0.0.1', port: proxy }) : await tunnel(proxy, target);
      return new Requester(tls ? await secured(socket, target.host, 'http/1.1') : socket, bytes, request.blocks);
    }),
  );
  /** @param {Course} course */
  const run = (course) => Promise.all(requesters.map((requester) => repeat(requester, course)));
  if (!cold) await Promise.all(requesters.map((requester) => requester.once()));
  await run(leadingIn(leadIn));
  return async (course) => {
    await run(course);
    for (const { socket } of requesters) socket.destroy();
  };
}

/**
 * @param {Requester} requester
 * @param {Course} course
 * @returns {Promise<void>}
 */
function repeat(requester, course) {
  return new Promise((resolve, reject) => {
    let since = 0;
    const next = () => {
      if (!course.more()) return resolve();
      since = course.begin();
      requester.send(done, reject);
    };
    const done = () => {
      course.end(since);
      next();
    };
    next();
  });
}

/**
 * A connection and a full handshake for each request; with a star in its name, to a new host each.
 *
 * @param {LoadConfig} config
 * @returns {Promise<(course: Course) => Promise<void>>}
 */
export async function handshakes({ proxy, target, connections = 8, request, leadIn = 0 }) {
  let count = 0;
  const once = async () => {
    count += 1;
    const host = target.host.replace('*', `host-${process.pid}-${count}`);
    const bytes = requestBytes({ ...request, close: true }, { ...target, host }, false);
    const secure = await secured(await tunnel(proxy, { ...target, host }), host, 'http/1.1');
    await new Requester(secure, bytes).once();
    secure.destroy();
  };
  /** @param {Course} course */
  const run = async (course) => {
    const work = async () => {
      while (course.more()) {
        const since = course.begin();
        await once();
        course.end(since);
      }
    };
    await Promise.all(Array.from({ length: connections }, work));
  };
  await once();
  await run(leadingIn(leadIn));
  return run;
}
