/** The clients of a worker thread: each gives the status and the body, or the code of its failure. */
const { once } = require('node:events');
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const tls = require('node:tls');

const agents = { 'http:': new http.Agent({ keepAlive: true }), 'https:': new https.Agent({ keepAlive: true }) };

let dispatcher;

const clients = {
  async fetch(url) {
    const response = await fetch(url);
    return `${response.status} ${await response.text()}`;
  },
  node(url, options = {}) {
    const { get } = url.startsWith('https:') ? https : http;
    return new Promise((resolve, reject) => {
      get(url, options, async (response) => {
        let text = '';
        for await (const chunk of response) text += chunk;
        resolve(`${response.statusCode} ${text}`);
      }).on('error', reject);
    });
  },
  kept: (url) => clients.node(url, { agent: agents[new URL(url).protocol] }),
  agent: (url, options) => clients.node(url, { agent: new https.Agent(options) }),
  context: (url, options) => clients.node(url, { secureContext: tls.createSecureContext(options), agent: false }),
  undici: async (url, connect) => {
    const { Agent, request } = require('undici');
    const { statusCode, body } = await request(url, { dispatcher: new Agent({ connect }) });
    return `${statusCode} ${await body.text()}`;
  },
  async http2(url) {
    const { connect } = require('node:http2');
    const session = connect(new URL(url).origin);
    session.on('error', () => {}); // the stream says the same
    try {
      const stream = session.request({ ':path': new URL(url).pathname });
      const [headers] = await once(stream, 'response');
      let text = '';
      for await (const chunk of stream.setEncoding('utf8')) text += chunk;
      return `${headers[':status']} ${text}`;
    } finally {
      session.close();
    }
  },
  async socket(url) {
    const { protocol, host, hostname, port } = new URL(url);
    const secure = protocol === 'https:';
    const socket = secure
      ? tls.connect({ host: hostname, port: Number(port || 443), servername: hostname })
      : net.connect(Number(port || 80), hostname);
    socket.end(`GET ${new URL(url).pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    let text = '';
    for await (const chunk of socket.setEncoding('latin1')) text += chunk;
    return `${text.split(' ')[1]} ${text.split('\r\n\r\n')[1]}`;
  },
  async dispatcher(url) {
    const { Agent, request } = require('undici');
    dispatcher ??= new Agent({ connections: 1, keepAliveTimeout: 600_000, keepAliveMaxTimeout: 600_000 });
    const { statusCode, body } = await request(url, { dispatcher });
    return `${statusCode} ${await body.text()}`;
  },
  async lookup(url) {
    const { address } = await require('node:dns').promises.lookup(new URL(url).hostname);
    return clients.node(url.replace(/\/\/[^/:]+/, `//${address}`));
  },
};

/** @returns {Promise<string | { code?: string, message: string }>} */
exports.ask = async ({ client, url, options }) => {
  try {
    return await clients[client](url, options);
  } catch (error) {
    const { code, message, syscall, address, port } = error.cause ?? error;
    return { code, message, syscall, address, port };
  }
};
