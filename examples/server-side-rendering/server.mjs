import { createServer } from 'node:http';
import { EnvHttpProxyAgent, fetch, setGlobalDispatcher } from 'undici';

// The proxy that the environment names, as behind any company's. Node's own fetch does so from Node 24.5 on.
setGlobalDispatcher(new EnvHttpProxyAgent());

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://tea.test');
  const answer = await fetch(`https://api.tea.test/products${pathname}`).catch(() => undefined);
  response.setHeader('content-type', 'text/html; charset=utf-8');
  if (!answer?.ok) return response.writeHead(503).end('<!doctype html><h1>We are having tea. Come back soon.</h1>');

  const { name, price } = await answer.json();
  return response.end(`<!doctype html>
    <h1>${name}, € ${price}</h1>
    <p role="status"></p>
    <script type="module">
      const response = await fetch('https://api.tea.test/stock${pathname}');
      const { left } = await response.json();
      document.querySelector('[role=status]').textContent = left + ' left';
    </script>`);
});
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
