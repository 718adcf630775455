// @ts-check
import { connect, constants } from 'node:http2';
import { leadingIn } from './course.mjs';
import { secured, tunnel } from './sockets.mjs';

const { HTTP2_HEADER_AUTHORITY, HTTP2_HEADER_PATH, HTTP2_HEADER_STATUS } = constants;

/**
 * One connection with many streams.
 *
 * @param {import('../load.mjs').LoadConfig} config
 * @returns {Promise<(course: import('../load.mjs').Course) => Promise<void>>}
 */
export async function http2({ proxy, target, streams = 100, request, leadIn = 0 }) {
  const secure = await secured(await tunnel(proxy, target), target.host, 'h2');
  if (secure.alpnProtocol !== 'h2') throw new Error('There is no HTTP/2 here.');
  const authority = `${target.host}:${target.port}`;
  const session = connect(`https://${authority}`, {
    createConnection: () => secure,
    settings: { initialWindowSize: 1 << 24 },
  });
  session.on('error', () => {});
  const headers = {
    [HTTP2_HEADER_AUTHORITY]: authority,
    [HTTP2_HEADER_PATH]: request.path,
    'user-agent': 'bench/1.0 (X11; Linux x86_64) AppleWebKit/537.36',
    accept: 'application/json, text/plain, */*',
    'accept-language': 'en-GB,en;q=0.9',
    referer: `https://${authority}/page`,
  };
  /**
   * @param {() => void} done
   * @param {(error: Error) => void} failed
   */
  const once = (done, failed) => {
    const stream = session.request(headers);
    let status = 0;
    stream.on('response', (answer) => (status = Number(answer[HTTP2_HEADER_STATUS])));
    stream.on('error', failed);
    stream.on('end', () => (status === 200 ? done() : failed(new Error(`The status was ${status}.`))));
    stream.resume();
  };
  /** @param {import('../load.mjs').Course} course */
  const run = (course) => {
    const work = () =>
      new Promise((resolve, reject) => {
        const next = () => {
          if (!course.more()) return resolve(undefined);
          const since = course.begin();
          once(() => {
            course.end(since);
            next();
          }, reject);
        };
        next();
      });
    return Promise.all(Array.from({ length: streams }, work));
  };
  await new Promise((resolve, reject) => once(() => resolve(undefined), reject));
  await run(leadingIn(leadIn));
  return async (course) => {
    await run(course);
    session.destroy();
  };
}
