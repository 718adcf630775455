// @ts-check
/** The site of the projects beside it. Its pages ask who it is, and show the answer. */
import { createServer } from 'node:http';

const page = `<!doctype html><link rel="icon" href="data:,"><title>site</title><h1></h1><script>
  const mark = new URLSearchParams(location.search).get('mark');
  const heading = document.querySelector('h1');
  fetch('/api/who?mark=' + mark).then((response) => response.text()).then((who) => (heading.textContent = who));
</script>`;

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname === '/log-in') response.setHeader('set-cookie', 'session=ada');
  if (pathname === '/who-am-i') {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(`<link rel="icon" href="data:,">${request.headers.cookie ?? 'nobody'}`);
  } else if (pathname === '/api/who') response.end(`the site, to ${searchParams.get('mark')}`);
  else response.writeHead(200, { 'content-type': 'text/html' }).end(page);
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`site on ${/** @type {import('node:net').AddressInfo} */ (server.address()).port}\n`);
});
