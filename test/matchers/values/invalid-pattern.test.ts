import { expect, test } from 'vitest';
import { compilePattern, type Pattern, type RequestPattern } from '../../../matchers/pattern/pattern.js';
import { exactly } from '../../../matchers/values/exactly.js';
import { TestError } from '../../../src/errors.js';

function refused(pattern: unknown, narrowing?: unknown, context?: { baseURL?: string; others?: string[] }): string {
  try {
    compilePattern(pattern as Pattern, narrowing as RequestPattern, context);
  } catch (error) {
    expect(error).toBeInstanceOf(TestError);
    expect(error).toMatchObject({ code: 'WAYLAY_INVALID_PATTERN', fault: 'test' });
    return (error as Error).message;
  }
  throw new Error('not refused');
}

const circular: Record<string, unknown> = {};
circular.self = circular;

test.each<[unknown, string]>([
  ['', "Invalid pattern '': it is empty. Write '**' for every request, or 'POST https://api.pay.test/v1/charges'."],
  [
    '   ',
    "Invalid pattern '   ': it is empty. Write '**' for every request, or 'POST https://api.pay.test/v1/charges'.",
  ],
  ['POST', "Invalid pattern 'POST': it names a method and no URL. Write 'POST **'."],
  [
    'post https://api.pay.test/v1',
    "Invalid pattern 'post https://api.pay.test/v1': the method 'post' is not in upper case. Write 'POST https://api.pay.test/v1'.",
  ],
  [
    'GET,POST https://api.pay.test/v1',
    "Invalid pattern 'GET,POST https://api.pay.test/v1': 'GET,POST' is no method. Write { method: ['GET', 'POST'], url: 'https://api.pay.test/v1' }.",
  ],
  [
    'GET|post https://api.pay.test/v1',
    "Invalid pattern 'GET|post https://api.pay.test/v1': 'GET|post' is no method. Write { method: ['GET', 'POST'], url: 'https://api.pay.test/v1' }.",
  ],
  [
    'PO/ST https://api.pay.test/v1',
    "Invalid pattern 'PO/ST https://api.pay.test/v1': 'PO/ST' is no method. Write 'POST https://api.pay.test/v1/charges'.",
  ],
  [
    'https://api.pay.test/a b',
    "Invalid pattern 'https://api.pay.test/a b': a URL has no spaces; on the wire they are %20. Write 'https://api.pay.test/a%20b'.",
  ],
  [
    'GET https://api.pay.test/a b c',
    "Invalid pattern 'GET https://api.pay.test/a b c': a URL has no spaces; on the wire they are %20. Write 'GET https://api.pay.test/a%20b%20c'.",
  ],
  [
    'api.pay.test/v1/charges',
    "Invalid pattern 'api.pay.test/v1/charges': it has no scheme. Write 'https://api.pay.test/v1/charges'.",
  ],
  ['api.*.test/v1', "Invalid pattern 'api.*.test/v1': it has no scheme. Write 'https://api.*.test/v1'."],
  ['localhost:3000/api', "Invalid pattern 'localhost:3000/api': it has no scheme. Write 'http://localhost:3000/api'."],
  [
    '/v1/charges',
    "Invalid pattern '/v1/charges': it is a path, and there is no baseURL to resolve it against. Write '**/v1/charges' without a query, { path: '/v1/charges' } with any, or the whole URL.",
  ],
  [
    '../charges',
    "Invalid pattern '../charges': it is a path, and there is no baseURL to resolve it against. Write '**/charges', or the whole URL.",
  ],
  [
    'ftp://files.test/a',
    "Invalid pattern 'ftp://files.test/a': 'ftp:' does not go through a proxy. Write 'https://files.test/a'.",
  ],
  [
    'https://shop.test/#/cart',
    "Invalid pattern 'https://shop.test/#/cart': what follows # is never sent over the wire. Write 'https://shop.test/'.",
  ],
  [
    'https://shop.test/{a,{b}}',
    "Invalid pattern 'https://shop.test/{a,{b}}': a '{' inside braces is not supported. Write 'https://shop.test/{cart,checkout}', or 'https://shop.test/\\\\{a,\\\\{b\\\\}\\\\}' for braces as they are.",
  ],
  [
    'https://shop.test/{a',
    "Invalid pattern 'https://shop.test/{a': a '{' has no '}' after it. Write 'https://shop.test/{cart,checkout}', or 'https://shop.test/\\\\{a' for braces as they are.",
  ],
  [
    "https://shop.test/it's}",
    `Invalid pattern "https://shop.test/it's}": a '}' has no '{' before it. Write 'https://shop.test/{cart,checkout}', or "https://shop.test/it's\\\\}" for braces as they are.`,
  ],
  [
    'GET /v1/charges',
    "Invalid pattern 'GET /v1/charges': it is a path, and there is no baseURL to resolve it against. Write 'GET **/v1/charges' without a query, { method: 'GET', path: '/v1/charges' } with any, or the whole URL.",
  ],
  [
    'PUT api.pay.test/v1',
    "Invalid pattern 'PUT api.pay.test/v1': it has no scheme. Write 'PUT https://api.pay.test/v1'.",
  ],
  ['//shop.test/a', "Invalid pattern '//shop.test/a': it has no scheme. Write 'https://shop.test/a'."],
  ['http//shop.test/a', "Invalid pattern 'http//shop.test/a': it has no scheme. Write 'http://shop.test/a'."],
  [
    '{api,www}.pay.test/v1',
    "Invalid pattern '{api,www}.pay.test/v1': it has no scheme. Write 'https://{api,www}.pay.test/v1'.",
  ],
  ...(
    [
      ['*', '**'],
      ['*.png', '**.png'],
      ['*/api/*', '**/api/*'],
      ['*.pay.test/**', '**.pay.test/**'],
    ] as const
  ).map(([glob, write]): [unknown, string] => [
    glob,
    `Invalid pattern '${glob}': a single * matches no slash, and the scheme of a URL ends with two. Write '${write}'.`,
  ]),
  [
    'GET,https://shop.test/a',
    "Invalid pattern 'GET,https://shop.test/a': 'GET,https:' does not go through a proxy. Write 'https://shop.test/a'.",
  ],
  [
    '^https://shop.test/a',
    "Invalid pattern '^https://shop.test/a': it has the syntax of a RegExp, and is a glob. Write 'https://shop.test/a**', or a RegExp.",
  ],
  [
    'data:text/html,a',
    "Invalid pattern 'data:text/html,a': 'data:' does not go through a proxy. Write 'https://api.pay.test/**'.",
  ],
  [
    'file:///tmp/a',
    "Invalid pattern 'file:///tmp/a': 'file:' does not go through a proxy. Write 'https://api.pay.test/**'.",
  ],
  ['https://', "Invalid pattern 'https://': '' is no host, with or without a port. Write 'https://api.pay.test/**'."],
  [
    'GET https://shop.test:99999/a',
    "Invalid pattern 'GET https://shop.test:99999/a': 'shop.test:99999' is no host, with or without a port: a port is a number from 1 to 65535, and '99999' is none. Write 'GET https://shop.test/a'.",
  ],
  [
    'https://ada:pw@shop.test/a',
    "Invalid pattern 'https://[masked]@shop.test/a': user names and passwords are not sent in the URL but in the header authorization. Write 'https://shop.test/a'.",
  ],
  ['delete', "Invalid pattern 'delete': it names a method and no URL. Write 'DELETE **'."],
  [
    '* https://shop.test/a',
    "Invalid pattern '* https://shop.test/a': '*' is no method. Write 'https://shop.test/a', for any.",
  ],
  [
    'get: https://shop.test/a',
    "Invalid pattern 'get: https://shop.test/a': 'get:' is no method. Write 'GET https://shop.test/a'.",
  ],
  [
    { method: '*' },
    "Invalid pattern { method: '*' }: a method is a word such as GET. Write { method: 'POST' }, or leave it out for any.",
  ],
  [
    42,
    "Invalid pattern 42: a pattern is a string, a RegExp, a URLPattern, a predicate or an object. Write 'POST https://api.pay.test/v1/charges' or { method: 'POST', url: 'https://api.pay.test/**' }.",
  ],
  [
    null,
    "Invalid pattern null: a pattern is a string, a RegExp, a URLPattern, a predicate or an object. Write 'POST https://api.pay.test/v1/charges' or { method: 'POST', url: 'https://api.pay.test/**' }.",
  ],
  [
    undefined,
    "Invalid pattern undefined: a pattern is a string, a RegExp, a URLPattern, a predicate or an object. Write 'POST https://api.pay.test/v1/charges' or { method: 'POST', url: 'https://api.pay.test/**' }.",
  ],
  [
    ['https://a.test/'],
    "Invalid pattern ['https://a.test/']: a pattern is a string, a RegExp, a URLPattern, a predicate or an object. Write 'POST https://api.pay.test/v1/charges' or { method: 'POST', url: 'https://api.pay.test/**' }.",
  ],
  [
    new URL('https://shop.test/cart'),
    "Invalid pattern URL(https://shop.test/cart): a URL object is no pattern. Write 'https://shop.test/cart'.",
  ],
  [
    new Map(),
    "Invalid pattern Map {}: a pattern is a string, a RegExp, a URLPattern, a predicate or an object. Write 'POST https://api.pay.test/v1/charges' or { method: 'POST', url: 'https://api.pay.test/**' }.",
  ],
  [
    async () => true,
    'Invalid pattern async () => true: a predicate answers at once, and an async function never does. Write (request) => request.json().amount > 4000: it is asked when the body has come.',
  ],
  [
    {},
    "Invalid pattern {}: it says nothing. Write '**' for every request, or 'POST https://api.pay.test/v1/charges' or { method: 'POST', url: 'https://api.pay.test/**' }.",
  ],
  [
    { methd: 'POST' },
    "Invalid pattern { methd: 'POST' }: there is no key 'methd'; the nearest is 'method'. Write { method: 'POST' }.",
  ],
  [
    { header: { a: 'b' } },
    "Invalid pattern { header: { a: 'b' } }: there is no key 'header'; the nearest is 'headers'. Write { headers: { a: 'b' } }.",
  ],
  [
    { params: { page: '2' } },
    "Invalid pattern { params: { page: '2' } }: there is no key 'params'; the nearest is 'query'. Write { query: { page: '2' } }.",
  ],
  [
    { postData: 'a' },
    "Invalid pattern { postData: 'a' }: there is no key 'postData'; the nearest is 'text'. Write { text: 'a' }.",
  ],
  [
    { jsonBody: { a: 1 } },
    "Invalid pattern { jsonBody: { a: 1 } }: there is no key 'jsonBody'; the nearest is 'json'. Write { json: { a: 1 } }.",
  ],
  [
    { zzz: 1 },
    "Invalid pattern { zzz: 1 }: there is no key 'zzz'; the keys are method, url, host, port, path, query, headers, cookies, protocol, sni, websocket, json, graphql, form, multipart, text, body. Write 'POST https://api.pay.test/v1/charges' or { method: 'POST', url: 'https://api.pay.test/**' }.",
  ],
  [
    { url: '**', times: 2 },
    "Invalid pattern { times: 2 }: 'times' is an option and no part of a pattern. Write expectRequest(pattern, { times: 2 }).",
  ],
  [{ url: undefined }, "Invalid pattern { url: undefined }: 'url' is undefined. Write a value, or leave 'url' out."],
  [
    { url: 5 },
    "Invalid pattern { url: 5 }: a url is a glob, a RegExp, a URLPattern, a predicate or an asymmetric matcher. Write { url: 'https://api.pay.test/**' }.",
  ],
  [
    { url: new URL('https://shop.test/') },
    "Invalid pattern { url: URL(https://shop.test/) }: a url is a glob, a RegExp, a URLPattern, a predicate or an asymmetric matcher. Write { url: 'https://shop.test/' }.",
  ],
  [
    { method: 'post' },
    "Invalid pattern { method: 'post' }: methods are upper-case (RFC 9110, section 9.1), and 'post' is not. Write { method: 'POST' }.",
  ],
  [
    { method: ['GET', 'P T'] },
    "Invalid pattern { method: ['GET', 'P T'] }: a method is a word such as GET. Write { method: 'POST' }, or leave it out for any.",
  ],
  [
    { method: [] },
    "Invalid pattern { method: [] }: a method is a word such as GET. Write { method: 'POST' }, or leave it out for any.",
  ],
  [
    { host: 'shop.test:8443' },
    "Invalid pattern { host: 'shop.test:8443' }: the port has a key of its own. Write { host: 'shop.test', port: 8443 }.",
  ],
  [
    { host: '[::1]:8443' },
    "Invalid pattern { host: '[::1]:8443' }: the port has a key of its own. Write { host: '::1', port: 8443 }.",
  ],
  [
    { host: 'https://shop.test' },
    "Invalid pattern { host: 'https://shop.test' }: the name of a host has no scheme. Write { host: 'shop.test' }.",
  ],
  [{ host: '' }, "Invalid pattern { host: '' }: a host is a name or an address. Write { host: 'api.pay.test' }."],
  [{ port: '8443' }, "Invalid pattern { port: '8443' }: a port is a number from 1 to 65535. Write { port: 8443 }."],
  [{ port: 0 }, 'Invalid pattern { port: 0 }: a port is a number from 1 to 65535. Write { port: 8443 }.'],
  [{ port: /8/ }, 'Invalid pattern { port: /8/ }: a port is a number. Write { port: [8080, 8443] }.'],
  [
    { path: 'v1/charges' },
    "Invalid pattern { path: 'v1/charges' }: a path starts with '/'. Write { path: '/v1/charges' }.",
  ],
  [
    { path: 'https://shop.test/v1' },
    "Invalid pattern { path: 'https://shop.test/v1' }: a path starts with '/'. Write { url: 'https://shop.test/v1' }.",
  ],
  [
    { path: '/v1?page=2' },
    "Invalid pattern { path: '/v1?page=2' }: the query has a key of its own. Write { path: '/v1', query: { page: '2' } }.",
  ],
  [{ path: '/{a' }, "Invalid pattern { path: '/{a' }: a '{' has no '}' after it. Write { path: '/{cart,checkout}' }."],
  [
    { path: '*.png' },
    "Invalid pattern { path: '*.png' }: a path starts with '/', which a single * does not match. Write { path: '**.png' }.",
  ],
  [
    { path: '*' },
    "Invalid pattern { path: '*' }: a path starts with '/', which a single * does not match. Write { path: '**' }.",
  ],
  [
    { path: '/cart#top' },
    "Invalid pattern { path: '/cart#top' }: what follows # is never sent over the wire. Write { path: '/cart' }.",
  ],
  [
    { headers: { 'content-type:': 'a' } },
    "Invalid pattern { headers: { 'content-type:': 'a' } }: no header field can have the name 'content-type:'. Write { headers: { accept: 'text/html', 'x-debug': null } }.",
  ],
  [
    { headers: exactly({ ':path': '/a' }) },
    "Invalid pattern { headers: { ':path': '/a' } }: no header field can have the name ':path'. Write { headers: { accept: 'text/html', 'x-debug': null } }.",
  ],
  [
    { cookies: { 'a=b': 'c' } },
    "Invalid pattern { cookies: { 'a=b': [masked] } }: no cookie can have the name 'a=b'. Write { cookies: { session: /^[0-9a-f]+$/ } }.",
  ],
  [{ path: 1 }, "Invalid pattern { path: 1 }: a path is a glob. Write { path: '/v1/*' }."],
  [
    { query: 'page=2' },
    "Invalid pattern { query: 'page=2' }: 'query' is an object of names and values, or a predicate. Write { query: { page: '2', tag: ['a', 'b'] } }.",
  ],
  [
    { query: { page: 2 } },
    "Invalid pattern { query: { page: 2 } }: the value of 'page' must be a string, RegExp, predicate, asymmetric matcher, a list of these, or null. Write { query: { page: '2' } }.",
  ],
  [
    { headers: { authorization: undefined } },
    `Invalid pattern { headers: { authorization: undefined } }: the value of 'authorization' is undefined; null stands for "absent". Write { headers: { accept: 'text/html', 'x-debug': null } }.`,
  ],
  [
    { headers: [['a', 'b']] },
    "Invalid pattern { headers: [['a', 'b']] }: 'headers' is an object of names and values, or a predicate. Write { headers: { accept: 'text/html', 'x-debug': null } }.",
  ],
  [
    { cookies: { a: { b: 1 } } },
    "Invalid pattern { cookies: { a: { b: 1 } } }: the value of 'a' must be a string, RegExp, predicate, asymmetric matcher, a list of these, or null. Write { cookies: { session: /^[0-9a-f]+$/ } }.",
  ],
  [
    /\/items?page=1/,
    "Invalid pattern /\\/items?page=1/: the ? makes the 's' before it optional and begins no query. Write /\\/items\\?page=1/, or /\\/item(?:s)?page=1/ where that is meant.",
  ],
  [
    { url: /v1\/?sort_by=name&page=2$/i },
    "Invalid pattern /v1\\/?sort_by=name&page=2$/i: the ? makes the '\\/' before it optional and begins no query. Write /v1\\/\\?sort_by=name&page=2$/i, or /v1(?:\\/)?sort_by=name&page=2$/i where that is meant.",
  ],
  [
    /items?page\[size\]=1/,
    "Invalid pattern /items?page\\[size\\]=1/: the ? makes the 's' before it optional and begins no query. Write /items\\?page\\[size\\]=1/, or /item(?:s)?page\\[size\\]=1/ where that is meant.",
  ],
  [
    { protocol: 'HTTP/2' },
    "Invalid pattern { protocol: 'HTTP/2' }: a protocol is one of 'http', 'https', 'ws', 'wss', 'http/1.0', 'http/1.1', 'h2'. Write { protocol: 'h2' }.",
  ],
  [
    { protocol: ['https', 'HTTP/1.1'] },
    "Invalid pattern { protocol: ['https', 'HTTP/1.1'] }: a protocol is one of 'http', 'https', 'ws', 'wss', 'http/1.0', 'http/1.1', 'h2'. Write { protocol: 'http/1.1' }.",
  ],
  [
    { protocol: 'https:' },
    "Invalid pattern { protocol: 'https:' }: a protocol is one of 'http', 'https', 'ws', 'wss', 'http/1.0', 'http/1.1', 'h2'. Write { protocol: 'https' }.",
  ],
  [
    { protocol: 'http2' },
    "Invalid pattern { protocol: 'http2' }: a protocol is one of 'http', 'https', 'ws', 'wss', 'http/1.0', 'http/1.1', 'h2'. Write { protocol: 'h2' }.",
  ],
  [
    { sni: '127.0.0.1' },
    "Invalid pattern { sni: '127.0.0.1' }: addresses are not sent as server names (RFC 6066, section 3). Write { sni: null }.",
  ],
  [
    { sni: 'https://shop.test:8443/' },
    "Invalid pattern { sni: 'https://shop.test:8443/' }: the name of a host has no scheme. Write { sni: 'shop.test' }.",
  ],
  [
    { sni: 5 },
    "Invalid pattern { sni: 5 }: a server name is a text, or null where the client sends none. Write { sni: '*.pay.test' }.",
  ],
  [
    { graphql: 'query Cart { a }' },
    "Invalid pattern { graphql: 'query Cart { a }' }: an operation's text is no name. Write { graphql: { query: 'query Cart { a }' } }.",
  ],
  [
    { graphql: { operationType: 'mutaton' } },
    "Invalid pattern { graphql: { operationType: 'mutaton' } }: a type is one of query, mutation, subscription. Write { graphql: { operationType: 'mutation' } }.",
  ],
  [
    { graphql: { operation: 'Cart' } },
    "Invalid pattern { graphql: { operation: 'Cart' } }: an operation has no 'operation'; the nearest is 'operationName'. Write { graphql: 'AddToCart' } or { graphql: { operationName: 'AddToCart', variables: { quantity: 2 } } }.",
  ],
  [
    { graphql: { type: 'query' } },
    "Invalid pattern { graphql: { type: 'query' } }: an operation has no 'type'; the nearest is 'operationType'. Write { graphql: 'AddToCart' } or { graphql: { operationName: 'AddToCart', variables: { quantity: 2 } } }.",
  ],
  [
    { graphql: { query: 'query {' } },
    "Invalid pattern { graphql: { query: 'query {' } }: its query is not valid GraphQL (Syntax Error: Unexpected token at 8 in Name). Write { graphql: { query: /addToCart/ } }.",
  ],
  [
    { graphql: {} },
    "Invalid pattern { graphql: {} }: it says nothing. Write { graphql: 'AddToCart' } or { graphql: { operationName: 'AddToCart', variables: { quantity: 2 } } }.",
  ],
  [
    { graphql: 5 },
    "Invalid pattern { graphql: 5 }: graphql is the name of an operation, or an object. Write { graphql: 'AddToCart' } or { graphql: { operationName: 'AddToCart', variables: { quantity: 2 } } }.",
  ],
  [
    { graphql: { variables: undefined } },
    'Invalid pattern { variables: undefined }: variables is undefined, which JSON does not have. Write { variables: { amount: 4200 } }.',
  ],
  [
    { multipart: { photo: { name: 'a' } } },
    "Invalid pattern { multipart: { photo: { name: 'a' } } }: a part has no 'name'; the nearest is 'filename'. Write { multipart: { title: 'Sunset', photo: { filename: /\\.png$/, contentType: 'image/png' } } }.",
  ],
  [
    { multipart: { photo: { fileName: 'a.png' } } },
    "Invalid pattern { multipart: { photo: { fileName: 'a.png' } } }: a part has no 'fileName'; the nearest is 'filename'. Write { multipart: { title: 'Sunset', photo: { filename: /\\.png$/, contentType: 'image/png' } } }.",
  ],
  [
    { multipart: { photo: { size: 'big' } } },
    "Invalid pattern { multipart: { photo: { size: 'big' } } }: the size of a part is a number of bytes, a predicate or an asymmetric matcher. Write { multipart: { title: 'Sunset', photo: { filename: /\\.png$/, contentType: 'image/png' } } }.",
  ],
  [
    { multipart: { photo: 5 } },
    "Invalid pattern { multipart: { photo: 5 } }: the value of 'photo' must be a string, RegExp, predicate, asymmetric matcher, { filename, contentType, text | json | body, size }, a list of these, or null. Write { multipart: { photo: '5' } }.",
  ],
  [
    { multipart: { photo: { json: { a: 10n } } } },
    'Invalid pattern { json: { a: 10n } }: json.a is the bigint 10n, which JSON does not have. Write { json: { amount: 4200 } }.',
  ],
  [
    { multipart: 'a' },
    "Invalid pattern { multipart: 'a' }: 'multipart' is an object of names and values, or a predicate. Write { multipart: { title: 'Sunset', photo: { filename: /\\.png$/, contentType: 'image/png' } } }.",
  ],
  [
    { websocket: 'yes' },
    "Invalid pattern { websocket: 'yes' }: websocket is true or false. Write { websocket: true }.",
  ],
  [
    { json: undefined },
    "Invalid pattern { json: undefined }: 'json' is undefined. Write a value, or leave 'json' out.",
  ],
  [
    { json: { amount: undefined } },
    'Invalid pattern { json: { amount: undefined } }: json.amount is undefined, which JSON does not have. Write { json: { amount: 4200 } }.',
  ],
  [
    { json: { amount: 10n } },
    'Invalid pattern { json: { amount: 10n } }: json.amount is the bigint 10n, which JSON does not have. Write { json: { amount: 4200 } }.',
  ],
  [
    { json: { items: [Number.NaN] } },
    'Invalid pattern { json: { items: [NaN] } }: json.items.0 is NaN, which JSON does not have. Write { json: { amount: 4200 } }.',
  ],
  [
    { json: new Map([['a', 1]]) },
    'Invalid pattern { json: Map {} }: json is a Map, which JSON does not have. Write { json: { amount: 4200 } }.',
  ],
  [
    { json: Promise.resolve({ a: 1 }) },
    'Invalid pattern { json: Promise {} }: json is a Promise, which JSON does not have. Write { json: { amount: 4200 } }.',
  ],
  [
    { json: { a: new URLSearchParams('b=c') } },
    'Invalid pattern { json: { a: URLSearchParams {} } }: json.a is a URLSearchParams, which JSON does not have. Write { json: { amount: 4200 } }.',
  ],
  [
    { json: circular },
    'Invalid pattern { json: { self: (circular) } }: json.self is circular. Write { json: { amount: 4200 } }.',
  ],
  [
    { text: { a: 1 } },
    'Invalid pattern { text: { a: 1 } }: a text is a string, RegExp, predicate or asymmetric matcher. Write { json: { a: 1 } }.',
  ],
  [
    { text: 4 },
    'Invalid pattern { text: 4 }: a text is a string, RegExp, predicate or asymmetric matcher. Write { text: /hello/ }.',
  ],
  [
    { body: 'text' },
    "Invalid pattern { body: 'text' }: a body is bytes or a predicate over them. Write { text: 'text' }, or { body: Buffer.from('…') }.",
  ],
  [
    { body: { a: 1 } },
    "Invalid pattern { body: { a: 1 } }: a body is bytes or a predicate over them. Write { json: { a: 1 } }, or { body: Buffer.from('…') }.",
  ],
  [
    { body: new ArrayBuffer(2) },
    'Invalid pattern { body: <2 bytes> }: a body is bytes or a predicate over them. Write { body: new Uint8Array(buffer) }.',
  ],
])('a pattern is refused with what to write: %s', (pattern, message) => {
  expect(refused(pattern)).toBe(message);
});

test.each<[unknown, string]>([
  ['json', "Invalid pattern 'json': what narrows a pattern is an object. Write { json: { amount: 4200 } }."],
  [{ jsn: {} }, "Invalid pattern { jsn: {} }: there is no key 'jsn'; the nearest is 'json'. Write { json: {} }."],
  [{ tims: 2 }, "Invalid pattern { tims: 2 }: there is no key 'tims'; the nearest is 'times'. Write { times: 2 }."],
])('a pattern is refused that is narrowed by %s', (narrowing, message) => {
  expect(refused('**', narrowing, { others: ['times', 'timeout'] })).toBe(message);
});

test.each([
  '**',
  '*://shop.test/a',
  '*s://shop.test/**',
  '*//shop.test/a',
  '**.png',
  '{http,https}://shop.test/a',
  'http{s,}://*.shop.test:*/**',
  '{https://a.test/,https://b.test/}x',
  '{**/a,https://b.test/}',
  'https:/*/shop.test/a',
  'h\\ttps://shop.test/a',
  'https://*',
  'https://{a,b}.test:8443',
  'https://[::1]:8443/a',
  'https://bücher.test/a',
  'https://shop.test/@ada',
])('a pattern of %s can match', (glob) => {
  expect(() => compilePattern(glob)).not.toThrow();
});

test.each([
  /\/items\?page=1/,
  /[?&]tags?=x/,
  /[?&]a=1&b?c=2/,
  /(sort=\w+&)?page=1/,
  /^https?:\/\/shop/,
  /.*?page=1/,
  /\/v\d?page=1/,
  /(?<name>page)=1/,
  /(?=page=1)/,
  /items?$/,
])('a RegExp of %s is no query gone wrong', (pattern) => {
  expect(() => compilePattern(pattern)).not.toThrow();
});
