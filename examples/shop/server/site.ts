import { readFile } from 'node:fs/promises';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { extname } from 'node:path';

const site = new URL('../site/', import.meta.url);

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Answers https://shop.test and https://cdn.shop.test with the files of one folder of `site/`. */
export async function serveFile(folder: string, request: Http2ServerRequest, response: Http2ServerResponse) {
  // URL takes the dots out of a path before it is appended, so nothing outside the folder is read.
  const { pathname } = new URL(request.url, 'https://shop.test');
  const name = pathname === '/' ? '/index' : pathname;
  const file = extname(name) === '' ? `${name}.html` : name;
  try {
    const content = await readFile(new URL(`./${folder}${file}`, site));
    response.setHeader('content-type', contentTypes[extname(file)] ?? 'application/octet-stream');
    // The service worker reads what it caches from the other origin, which needs CORS.
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('cache-control', folder === 'cdn' ? 'max-age=3600' : 'no-cache');
    response.end(content);
  } catch {
    response.statusCode = 404;
    response.end('Not found');
  }
}
