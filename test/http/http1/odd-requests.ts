/** Odd requests, and what they are read as, up to the end of the connection. */
export interface OddRequest {
  readonly title: string;
  /** A character a byte. */
  readonly wire: string;
  /** The events, see `Events`. */
  readonly reads: readonly string[];
}

const HOST = 'Host: a.test\r\n';
const POST = 'POST / HTTP/1.1\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n';
const CHUNKS = '\r\n5\r\nhello\r\n0\r\n\r\n';

function rows(list: readonly (readonly [string, string, readonly string[]])[]): OddRequest[] {
  return list.map(([title, wire, reads]) => ({ title, wire, reads }));
}

const REQUEST_LINES = rows([
  ['a plain request', `GET / HTTP/1.1\r\n${HOST}\r\n`, ['GET "/" {Host: a.test} none', 'end']],
  ['a method of its own', 'FOOBAR / HTTP/1.1\r\n\r\n', ['FOOBAR "/" {} none', 'end']],
  ['a method in lower case', 'patch /a HTTP/1.1\r\n\r\n', ['patch "/a" {} none', 'end']],
  ['a method of odd characters', "!#$%&'*+-.^_`|~09 / HTTP/1.1\r\n\r\n", ['!#$%&\'*+-.^_`|~09 "/" {} none', 'end']],
  [
    'a method of 200 letters',
    `${'A'.repeat(200)} / HTTP/1.1\r\n\r\n`,
    [
      'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA "/" {} none',
      'end',
    ],
  ],
  ['a method with a slash', 'GE/T / HTTP/1.1\r\n\r\n', ['invalid-method at 2', 'unread "GE/T / HTTP/1.1\\r\\n\\r\\n"']],
  ['a method with a colon', 'GET: / HTTP/1.1\r\n\r\n', ['invalid-method at 3', 'unread "GET: / HTTP/1.1\\r\\n\\r\\n"']],
  [
    'a method above 0x7f',
    'G\xc9T / HTTP/1.1\r\n\r\n',
    ['invalid-method at 1', 'unread "G\\xc9T / HTTP/1.1\\r\\n\\r\\n"'],
  ],
  ['a method with NUL', 'G\0T / HTTP/1.1\r\n\r\n', ['invalid-method at 1', 'unread "G\\x00T / HTTP/1.1\\r\\n\\r\\n"']],
  ['no method', ' / HTTP/1.1\r\n\r\n', ['invalid-method at 0', 'unread " / HTTP/1.1\\r\\n\\r\\n"']],
  [
    'a tab behind the method',
    'GET\t/ HTTP/1.1\r\n\r\n',
    ['invalid-method at 3', 'unread "GET\\x09/ HTTP/1.1\\r\\n\\r\\n"'],
  ],
  [
    'two spaces behind the method',
    'GET  / HTTP/1.1\r\n\r\n',
    ['invalid-target at 4', 'unread "GET  / HTTP/1.1\\r\\n\\r\\n"'],
  ],
  ['a line that is no request', 'hello\r\n\r\n', ['invalid-method at 5', 'unread "hello\\r\\n\\r\\n"']],
  ['a hello of TLS', '\x16\x03\x01\x02\0', ['invalid-method at 0', 'unread "\\x16\\x03\\x01\\x02\\x00"']],
  [
    'PRI of HTTP/2',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    ['invalid-version at 11', 'unread "PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n"'],
  ],
  ['a target in UTF-8', 'GET /\xc3\xa9 HTTP/1.1\r\n\r\n', ['GET "/\\xc3\\xa9" {} none', 'end']],
  ['a target above 0x7f', 'GET /\xff\x80 HTTP/1.1\r\n\r\n', ['GET "/\\xff\\x80" {} none', 'end']],
  [
    'a target with control bytes',
    'GET /\0\x01\t\x0b\x7f HTTP/1.1\r\n\r\n',
    ['GET "/\\x00\\x01\\x09\\x0b\\x7f" {} none', 'end'],
  ],
  ['a target with odd characters', 'GET /<>"{}|\\^`%zz#a HTTP/1.1\r\n\r\n', ['GET "/<>"{}|\\^`%zz#a" {} none', 'end']],
  ['a target without a slash', 'GET a HTTP/1.1\r\n\r\n', ['GET "a" {} none', 'end']],
  ['a target in absolute form', 'GET http://a.test/b?c HTTP/1.1\r\n\r\n', ['GET "http://a.test/b?c" {} none', 'end']],
  ['a target of a star', 'OPTIONS * HTTP/1.1\r\n\r\n', ['OPTIONS "*" {} none', 'end']],
  [
    'a target of 100,000 bytes',
    `GET /${'a'.repeat(100_000)} HTTP/1.1\r\n\r\n`,
    ['GET "/aaaaaaaaaaaaaaaaaaa… 100001 in all" {} none', 'end'],
  ],
  [
    'a target with a space',
    'GET /a b HTTP/1.1\r\n\r\n',
    ['invalid-target at 7', 'unread "GET /a b HTTP/1.1\\r\\n\\r\\n"'],
  ],
  [
    'a target with a version in it',
    'GET /a HTTP/1.1 HTTP/1.1\r\n\r\n',
    ['invalid-target at 15', 'unread "GET /a HTTP/1.1 HTTP/1.1\\r\\n\\r\\n"'],
  ],
  [
    'a target with a CR',
    'GET /a\rb HTTP/1.1\r\n\r\n',
    ['invalid-target at 6', 'unread "GET /a\\rb HTTP/1.1\\r\\n\\r\\n"'],
  ],
  [
    'two spaces before the version',
    'GET /  HTTP/1.1\r\n\r\n',
    ['invalid-target at 6', 'unread "GET /  HTTP/1.1\\r\\n\\r\\n"'],
  ],
  ['no target', 'GET HTTP/1.1\r\n\r\n', ['invalid-version at 12', 'unread "GET HTTP/1.1\\r\\n\\r\\n"']],
  ['no version', 'GET /\r\n\r\n', ['invalid-version at 5', 'unread "GET /\\r\\n\\r\\n"']],
  ['an empty version', 'GET / \r\n\r\n', ['invalid-version at 6', 'unread "GET / \\r\\n\\r\\n"']],
  ['HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n', ['1.0 GET "/" {} none', 'end']],
  ['HTTP/0.9', 'GET / HTTP/0.9\r\n\r\n', ['invalid-version at 11', 'unread "GET / HTTP/0.9\\r\\n\\r\\n"']],
  ['HTTP/1.2', 'GET / HTTP/1.2\r\n\r\n', ['invalid-version at 13', 'unread "GET / HTTP/1.2\\r\\n\\r\\n"']],
  ['HTTP/2.0', 'GET / HTTP/2.0\r\n\r\n', ['invalid-version at 11', 'unread "GET / HTTP/2.0\\r\\n\\r\\n"']],
  ['HTTP/1.10', 'GET / HTTP/1.10\r\n\r\n', ['invalid-version at 14', 'unread "GET / HTTP/1.10\\r\\n\\r\\n"']],
  ['HTTP/1.1 in lower case', 'GET / http/1.1\r\n\r\n', ['invalid-version at 6', 'unread "GET / http/1.1\\r\\n\\r\\n"']],
  [
    'a version of another protocol',
    'GET / RTSP/1.0\r\n\r\n',
    ['invalid-version at 6', 'unread "GET / RTSP/1.0\\r\\n\\r\\n"'],
  ],
  [
    'a version in another base',
    'GET / HTTP/1.\xb2\r\n\r\n',
    ['invalid-version at 13', 'unread "GET / HTTP/1.\\xb2\\r\\n\\r\\n"'],
  ],
  [
    'a space behind the version',
    'GET / HTTP/1.1 \r\n\r\n',
    ['invalid-version at 14', 'unread "GET / HTTP/1.1 \\r\\n\\r\\n"'],
  ],
  [
    'a LF behind the version',
    'GET / HTTP/1.1\nA: 1\r\n\r\n',
    ['bare-line-end at 14', 'unread "GET / HTTP/1.1\\nA: 1\\r\\n\\r\\n"'],
  ],
  [
    'a CR behind the version',
    'GET / HTTP/1.1\rA: 1\r\n\r\n',
    ['bare-line-end at 14', 'unread "GET / HTTP/1.1\\rA: 1\\r\\n\\r\\n"'],
  ],
  [
    'CR CR LF behind the version',
    'GET / HTTP/1.1\r\r\n\r\n',
    ['bare-line-end at 14', 'unread "GET / HTTP/1.1\\r\\r\\n\\r\\n"'],
  ],
  ['an empty line before it', '\r\nGET / HTTP/1.1\r\n\r\n', ['GET "/" {} none', 'end']],
  ['several empty lines before it', '\r\n\r\n\n\r\nGET / HTTP/1.1\r\n\r\n', ['GET "/" {} none', 'end']],
  ['a blank before it', ' GET / HTTP/1.1\r\n\r\n', ['invalid-method at 0', 'unread " GET / HTTP/1.1\\r\\n\\r\\n"']],
  ['NUL before it', '\0GET / HTTP/1.1\r\n\r\n', ['invalid-method at 0', 'unread "\\x00GET / HTTP/1.1\\r\\n\\r\\n"']],
]);

const FIELDS = rows([
  ['no fields', 'GET / HTTP/1.1\r\n\r\n', ['GET "/" {} none', 'end']],
  ['two of Host', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', ['GET "/" {Host: a, Host: b} none', 'end']],
  [
    'values with blanks around them',
    'GET / HTTP/1.1\r\nA: \t 1 2 \t\r\nB:2\r\nC:\r\nD: \t \r\n\r\n',
    ['GET "/" {A: 1 2, B: 2, C: , D: } none', 'end'],
  ],
  [
    'values with control bytes',
    'GET / HTTP/1.1\r\nA: \x01\x02\x08\x0b\x0c\x1b\x1f\x7f.\r\n\r\n',
    ['GET "/" {A: \\x01\\x02\\x08\\x0b\\x0c\\x1b\\x1f\\x7f.} none', 'end'],
  ],
  [
    'values above 0x7f',
    'GET / HTTP/1.1\r\nA: \x80\xff\xc3\xa9\r\n\r\n',
    ['GET "/" {A: \\x80\\xff\\xc3\\xa9} none', 'end'],
  ],
  [
    'values of blanks of other alphabets',
    'GET / HTTP/1.1\r\nA: \xa0a\xa0\r\n\r\n',
    ['GET "/" {A: \\xa0a\\xa0} none', 'end'],
  ],
  ['a value of colons', 'GET / HTTP/1.1\r\nA:::\r\n\r\n', ['GET "/" {A: ::} none', 'end']],
  [
    'a value with NUL',
    'GET / HTTP/1.1\r\nA: a\0b\r\n\r\n',
    ['invalid-value at 20', 'unread "GET / HTTP/1.1\\r\\nA: a\\x00b\\r\\n\\r\\n"'],
  ],
  [
    'a value with a CR',
    'GET / HTTP/1.1\r\nA: a\rB: 1\r\n\r\n',
    ['bare-line-end at 20', 'unread "GET / HTTP/1.1\\r\\nA: a\\rB: 1\\r\\n\\r\\n"'],
  ],
  [
    'a value with a LF',
    'GET / HTTP/1.1\r\nA: a\nB: 1\r\n\r\n',
    ['bare-line-end at 20', 'unread "GET / HTTP/1.1\\r\\nA: a\\nB: 1\\r\\n\\r\\n"'],
  ],
  [
    'a value that ends in CR CR LF',
    'GET / HTTP/1.1\r\nA: a\r\r\n\r\n',
    ['bare-line-end at 20', 'unread "GET / HTTP/1.1\\r\\nA: a\\r\\r\\n\\r\\n"'],
  ],
  [
    'a fold',
    'GET / HTTP/1.1\r\nA: a\r\n b\r\n\r\n',
    ['folded-field at 22', 'unread "GET / HTTP/1.1\\r\\nA: a\\r\\n b\\r\\n\\r\\n"'],
  ],
  [
    'a fold by a tab',
    'GET / HTTP/1.1\r\nA: a\r\n\tb\r\n\r\n',
    ['folded-field at 22', 'unread "GET / HTTP/1.1\\r\\nA: a\\r\\n\\x09b\\r\\n\\r\\n"'],
  ],
  [
    'a fold before the first field',
    'GET / HTTP/1.1\r\n A: a\r\n\r\n',
    ['folded-field at 16', 'unread "GET / HTTP/1.1\\r\\n A: a\\r\\n\\r\\n"'],
  ],
  [
    'a fold of nothing',
    'GET / HTTP/1.1\r\nA: a\r\n \r\n\r\n',
    ['folded-field at 22', 'unread "GET / HTTP/1.1\\r\\nA: a\\r\\n \\r\\n\\r\\n"'],
  ],
  [
    'a blank before the colon',
    'GET / HTTP/1.1\r\nA : a\r\n\r\n',
    ['blank-before-colon at 17', 'unread "GET / HTTP/1.1\\r\\nA : a\\r\\n\\r\\n"'],
  ],
  [
    'a tab before the colon',
    'GET / HTTP/1.1\r\nA\t: a\r\n\r\n',
    ['blank-before-colon at 17', 'unread "GET / HTTP/1.1\\r\\nA\\x09: a\\r\\n\\r\\n"'],
  ],
  [
    'a name with a blank in it',
    'GET / HTTP/1.1\r\nA B: a\r\n\r\n',
    ['invalid-name at 17', 'unread "GET / HTTP/1.1\\r\\nA B: a\\r\\n\\r\\n"'],
  ],
  [
    'a name with brackets',
    'GET / HTTP/1.1\r\nA(B): a\r\n\r\n',
    ['invalid-name at 17', 'unread "GET / HTTP/1.1\\r\\nA(B): a\\r\\n\\r\\n"'],
  ],
  [
    'a name above 0x7f',
    'GET / HTTP/1.1\r\n\xc4: a\r\n\r\n',
    ['invalid-name at 16', 'unread "GET / HTTP/1.1\\r\\n\\xc4: a\\r\\n\\r\\n"'],
  ],
  [
    'a name with NUL',
    'GET / HTTP/1.1\r\nA\0: a\r\n\r\n',
    ['invalid-name at 17', 'unread "GET / HTTP/1.1\\r\\nA\\x00: a\\r\\n\\r\\n"'],
  ],
  [
    'a name with a vertical tab',
    'GET / HTTP/1.1\r\nTransfer-Encoding\x0b: chunked\r\n\r\n',
    ['invalid-name at 33', 'unread "GET / HTTP/1.1\\r\\nTransfer-Encoding\\x0b: chunked\\r\\n\\r\\n"'],
  ],
  [
    'a name of odd characters',
    "GET / HTTP/1.1\r\n!#$%&'*+-.^_`|~09: a\r\n\r\n",
    ['GET "/" {!#$%&\'*+-.^_`|~09: a} none', 'end'],
  ],
  [
    'a name with a CR',
    'GET / HTTP/1.1\r\nA\r: a\r\n\r\n',
    ['invalid-name at 17', 'unread "GET / HTTP/1.1\\r\\nA\\r: a\\r\\n\\r\\n"'],
  ],
  ['no name', 'GET / HTTP/1.1\r\n: a\r\n\r\n', ['invalid-name at 16', 'unread "GET / HTTP/1.1\\r\\n: a\\r\\n\\r\\n"']],
  ['no colon', 'GET / HTTP/1.1\r\nabc\r\n\r\n', ['invalid-name at 19', 'unread "GET / HTTP/1.1\\r\\nabc\\r\\n\\r\\n"']],
  [
    'a LF as the empty line',
    'GET / HTTP/1.1\r\nA: a\r\n\n',
    ['bare-line-end at 22', 'unread "GET / HTTP/1.1\\r\\nA: a\\r\\n\\n"'],
  ],
  [
    'a CR as the empty line',
    'GET / HTTP/1.1\r\nA: a\r\n\rGET / HTTP/1.1\r\n\r\n',
    ['bare-line-end at 22', 'unread "GET / HTTP/1.1\\r\\nA: a\\r\\n\\rGET / HTTP/1.1\\r\\n\\r\\n"'],
  ],
  [
    'three thousand fields',
    `GET / HTTP/1.1\r\n${'A: 1\r\n'.repeat(3000)}\r\n`,
    ['GET "/" {A: 1, A: 1, A: 1, A:… 17998 in all} none', 'end'],
  ],
  [
    'a value of 100,000 bytes',
    `GET / HTTP/1.1\r\nA: ${'a'.repeat(100_000)}\r\n\r\n`,
    ['GET "/" {A: aaaaaaaaaaaaaaaaa… 100003 in all} none', 'end'],
  ],
  [
    'a head of over 256 KiB',
    `GET / HTTP/1.1\r\nA: ${'a'.repeat(262_144)}\r\n\r\n`,
    ['head-too-large at 262144', 'unread "GET / HTTP/1.1\\r\\nA: a… 262167 in all"'],
  ],
]);

const LENGTHS = rows([
  ['a length', `${POST}Content-Length: 5\r\n\r\nhello`, ['POST "/" {Content-Length: 5} 5', '"hello"', 'end']],
  [
    'a length with GET',
    'GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello',
    ['GET "/" {Content-Length: 5} 5', '"hello"', 'end'],
  ],
  [
    'a length in HTTP/1.0',
    'POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello',
    ['1.0 POST "/" {Content-Length: 5} 5', '"hello"', 'end'],
  ],
  ['a length of 0', `${POST}Content-Length: 0\r\n\r\n`, ['POST "/" {Content-Length: 0} none', 'end']],
  ['no length', `${POST}\r\n`, ['POST "/" {} none', 'end']],
  [
    'a length with zeros',
    `${POST}Content-Length: 005\r\n\r\nhello`,
    ['POST "/" {Content-Length: 005} 5', '"hello"', 'end'],
  ],
  [
    'a length with blanks around it',
    `${POST}Content-Length: \t5 \r\n\r\nhello`,
    ['POST "/" {Content-Length: 5} 5', '"hello"', 'end'],
  ],
  [
    'a length in capitals',
    `${POST}CONTENT-LENGTH: 5\r\n\r\nhello`,
    ['POST "/" {CONTENT-LENGTH: 5} 5', '"hello"', 'end'],
  ],
  [
    'two lengths that differ',
    `${POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`,
    [
      'repeated-length at 57',
      'unread "POST / HTTP/1.1\\r\\nContent-Length: 5\\r\\nContent-Length: 6\\r\\n\\r\\nhello!"',
    ],
  ],
  [
    'two equal lengths',
    `${POST}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`,
    [
      'repeated-length at 57',
      'unread "POST / HTTP/1.1\\r\\nContent-Length: 5\\r\\nContent-Length: 5\\r\\n\\r\\nhello"',
    ],
  ],
  [
    'two lengths in a list',
    `${POST}Content-Length: 5, 6\r\n\r\nhello!`,
    ['repeated-length at 41', 'unread "POST / HTTP/1.1\\r\\nContent-Length: 5, 6\\r\\n\\r\\nhello!"'],
  ],
  [
    'two equal lengths in a list',
    `${POST}Content-Length: 5, 5\r\n\r\nhello`,
    ['repeated-length at 41', 'unread "POST / HTTP/1.1\\r\\nContent-Length: 5, 5\\r\\n\\r\\nhello"'],
  ],
  [
    'a length with a comma behind it',
    `${POST}Content-Length: 5,\r\n\r\nhello`,
    ['repeated-length at 39', 'unread "POST / HTTP/1.1\\r\\nContent-Length: 5,\\r\\n\\r\\nhello"'],
  ],
  [
    'a length with a plus',
    `${POST}Content-Length: +5\r\n\r\nhello`,
    ['invalid-length at 39', 'unread "POST / HTTP/1.1\\r\\nContent-Length: +5\\r\\n\\r\\nhello"'],
  ],
  [
    'a negative length',
    `${POST}Content-Length: -5\r\n\r\nhello`,
    ['invalid-length at 39', 'unread "POST / HTTP/1.1\\r\\nContent-Length: -5\\r\\n\\r\\nhello"'],
  ],
  [
    'a length in hexadecimal',
    `${POST}Content-Length: 0x5\r\n\r\nhello`,
    ['invalid-length at 40', 'unread "POST / HTTP/1.1\\r\\nContent-Length: 0x5\\r\\n\\r\\nhello"'],
  ],
  [
    'a length with letters behind it',
    `${POST}Content-Length: 5a\r\n\r\nhello`,
    ['invalid-length at 39', 'unread "POST / HTTP/1.1\\r\\nContent-Length: 5a\\r\\n\\r\\nhello"'],
  ],
  [
    'a length with a fraction',
    `${POST}Content-Length: 5.0\r\n\r\nhello`,
    ['invalid-length at 40', 'unread "POST / HTTP/1.1\\r\\nContent-Length: 5.0\\r\\n\\r\\nhello"'],
  ],
  [
    'a length with an exponent',
    `${POST}Content-Length: 5e0\r\n\r\nhello`,
    ['invalid-length at 40', 'unread "POST / HTTP/1.1\\r\\nContent-Length: 5e0\\r\\n\\r\\nhello"'],
  ],
  [
    'a length of two numbers',
    `${POST}Content-Length: 5 5\r\n\r\nhello`,
    ['invalid-length at 40', 'unread "POST / HTTP/1.1\\r\\nContent-Length: 5 5\\r\\n\\r\\nhello"'],
  ],
  [
    'a length with an underscore',
    `${POST}Content-Length: 1_0\r\n\r\nhellohello`,
    ['invalid-length at 40', 'unread "POST / HTTP/1.1\\r\\nContent-Length: 1_0\\r\\n\\r\\nhellohello"'],
  ],
  [
    'a length with a vertical tab',
    `${POST}Content-Length: \x0b5\r\n\r\nhello`,
    ['invalid-length at 39', 'unread "POST / HTTP/1.1\\r\\nContent-Length: \\x0b5\\r\\n\\r\\nhello"'],
  ],
  [
    'a length with a blank above 0x7f',
    `${POST}Content-Length: \xa05\r\n\r\nhello`,
    ['invalid-length at 39', 'unread "POST / HTTP/1.1\\r\\nContent-Length: \\xa05\\r\\n\\r\\nhello"'],
  ],
  [
    'a length in quotes',
    `${POST}Content-Length: "5"\r\n\r\nhello`,
    ['invalid-length at 40', 'unread "POST / HTTP/1.1\\r\\nContent-Length: "5"\\r\\n\\r\\nhello"'],
  ],
  [
    'an empty length',
    `${POST}Content-Length:\r\n\r\nhello`,
    ['invalid-length at 36', 'unread "POST / HTTP/1.1\\r\\nContent-Length:\\r\\n\\r\\nhello"'],
  ],
  [
    'a length of 2^53',
    `${POST}Content-Length: 9007199254740992\r\n\r\nhello`,
    ['invalid-length at 53', 'unread "POST / HTTP/1.1\\r\\nContent-Length: 9007199254740992\\r\\n\\r\\nhello"'],
  ],
  [
    'a length of forty digits',
    `${POST}Content-Length: ${'9'.repeat(40)}\r\n\r\n`,
    [
      'invalid-length at 77',
      'unread "POST / HTTP/1.1\\r\\nContent-Length: 9999999999999999999999999999999999999999\\r\\n\\r\\n"',
    ],
  ],
  [
    'a body that is cut',
    `${POST}Content-Length: 9\r\n\r\nhello`,
    ['POST "/" {Content-Length: 9} 9', '"hello"', 'truncated-body at 43'],
  ],
]);

const CODINGS = rows([
  ['chunks', POST + CHUNKED + CHUNKS, ['POST "/" {Transfer-Encoding: chunked} chunked', '"hello"', 'end']],
  [
    'chunked in capitals',
    `${POST}TRANSFER-ENCODING: CHUNKED\r\n${CHUNKS}`,
    ['POST "/" {TRANSFER-ENCODING: CHUNKED} chunked', '"hello"', 'end'],
  ],
  [
    'chunks with GET',
    `GET / HTTP/1.1\r\n${CHUNKED}${CHUNKS}`,
    ['GET "/" {Transfer-Encoding: chunked} chunked', '"hello"', 'end'],
  ],
  [
    'gzip and chunked',
    `${POST}Transfer-Encoding: gzip, chunked\r\n${CHUNKS}`,
    ['POST "/" {Transfer-Encoding: gzip, chunked} chunked', '"hello"', 'end'],
  ],
  [
    'gzip and chunked in two fields',
    `${POST}Transfer-Encoding: gzip\r\n${CHUNKED}${CHUNKS}`,
    ['POST "/" {Transfer-Encoding: gzip, Transfer-Encoding: chunked} chunked', '"hello"', 'end'],
  ],
  [
    'chunks in HTTP/1.0',
    `POST / HTTP/1.0\r\n${CHUNKED}${CHUNKS}`,
    [
      'invalid-coding at 47',
      'unread "POST / HTTP/1.0\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n5\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'chunks and a length',
    `${POST + CHUNKED}Content-Length: 5\r\n${CHUNKS}`,
    [
      'length-and-coding at 66',
      'unread "POST / HTTP/1.1\\r\\nTransfer-Encoding: chunked\\r\\nContent-Length: 5\\r\\n\\r\\n5\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'a length and chunks',
    `${POST}Content-Length: 5\r\n${CHUNKED}${CHUNKS}`,
    [
      'length-and-coding at 66',
      'unread "POST / HTTP/1.1\\r\\nContent-Length: 5\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n5\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'a length and a coding that is none',
    `${POST}Content-Length: 5\r\nTransfer-Encoding: x\r\n\r\nhello`,
    [
      'length-and-coding at 60',
      'unread "POST / HTTP/1.1\\r\\nContent-Length: 5\\r\\nTransfer-Encoding: x\\r\\n\\r\\nhello"',
    ],
  ],
  [
    'chunked twice',
    POST + CHUNKED + CHUNKED + CHUNKS,
    [
      'invalid-coding at 75',
      'unread "POST / HTTP/1.1\\r\\nTransfer-Encoding: chunked\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n5\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'chunked twice in a list',
    `${POST}Transfer-Encoding: chunked, chunked\r\n${CHUNKS}`,
    [
      'invalid-coding at 56',
      'unread "POST / HTTP/1.1\\r\\nTransfer-Encoding: chunked, chunked\\r\\n\\r\\n5\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'chunked and gzip',
    `${POST}Transfer-Encoding: chunked, gzip\r\n${CHUNKS}`,
    [
      'invalid-coding at 53',
      'unread "POST / HTTP/1.1\\r\\nTransfer-Encoding: chunked, gzip\\r\\n\\r\\n5\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'chunked and identity',
    `${POST}Transfer-Encoding: chunked, identity\r\n${CHUNKS}`,
    [
      'invalid-coding at 57',
      'unread "POST / HTTP/1.1\\r\\nTransfer-Encoding: chunked, identity\\r\\n\\r\\n5\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'identity',
    `${POST}Transfer-Encoding: identity\r\n\r\nhello`,
    ['invalid-coding at 48', 'unread "POST / HTTP/1.1\\r\\nTransfer-Encoding: identity\\r\\n\\r\\nhello"'],
  ],
  [
    'gzip alone',
    `${POST}Transfer-Encoding: gzip\r\n\r\nhello`,
    ['invalid-coding at 44', 'unread "POST / HTTP/1.1\\r\\nTransfer-Encoding: gzip\\r\\n\\r\\nhello"'],
  ],
  [
    'an empty coding',
    `${POST}Transfer-Encoding:\r\n\r\nhello`,
    ['invalid-coding at 39', 'unread "POST / HTTP/1.1\\r\\nTransfer-Encoding:\\r\\n\\r\\nhello"'],
  ],
  [
    'a coding that ends like chunked',
    `${POST}Transfer-Encoding: xchunked\r\n${CHUNKS}`,
    [
      'invalid-coding at 48',
      'unread "POST / HTTP/1.1\\r\\nTransfer-Encoding: xchunked\\r\\n\\r\\n5\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'a coding that begins like chunked',
    `${POST}Transfer-Encoding: chunkedx\r\n${CHUNKS}`,
    [
      'invalid-coding at 48',
      'unread "POST / HTTP/1.1\\r\\nTransfer-Encoding: chunkedx\\r\\n\\r\\n5\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'chunked with a parameter',
    `${POST}Transfer-Encoding: chunked;a=b\r\n${CHUNKS}`,
    [
      'invalid-coding at 51',
      'unread "POST / HTTP/1.1\\r\\nTransfer-Encoding: chunked;a=b\\r\\n\\r\\n5\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'chunked in quotes',
    `${POST}Transfer-Encoding: "chunked"\r\n${CHUNKS}`,
    [
      'invalid-coding at 49',
      'unread "POST / HTTP/1.1\\r\\nTransfer-Encoding: "chunked"\\r\\n\\r\\n5\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'chunked behind a vertical tab',
    `${POST}Transfer-Encoding: \x0bchunked\r\n${CHUNKS}`,
    [
      'invalid-coding at 48',
      'unread "POST / HTTP/1.1\\r\\nTransfer-Encoding: \\x0bchunked\\r\\n\\r\\n5\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'chunked behind a blank above 0x7f',
    `${POST}Transfer-Encoding: \xa0chunked\r\n${CHUNKS}`,
    [
      'invalid-coding at 48',
      'unread "POST / HTTP/1.1\\r\\nTransfer-Encoding: \\xa0chunked\\r\\n\\r\\n5\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'chunked behind a comma',
    `${POST}Transfer-Encoding: , chunked\r\n${CHUNKS}`,
    [
      'invalid-coding at 49',
      'unread "POST / HTTP/1.1\\r\\nTransfer-Encoding: , chunked\\r\\n\\r\\n5\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'a coding with a parameter before chunked',
    `${POST}Transfer-Encoding: gzip;a=b, chunked\r\n${CHUNKS}`,
    [
      'invalid-coding at 57',
      'unread "POST / HTTP/1.1\\r\\nTransfer-Encoding: gzip;a=b, chunked\\r\\n\\r\\n5\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'a coding with a control byte before chunked',
    `${POST}Transfer-Encoding: gz\x0bip, chunked\r\n${CHUNKS}`,
    [
      'invalid-coding at 54',
      'unread "POST / HTTP/1.1\\r\\nTransfer-Encoding: gz\\x0bip, chunked\\r\\n\\r\\n5\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'chunked before a comma',
    `${POST}Transfer-Encoding: chunked,\r\n${CHUNKS}`,
    [
      'invalid-coding at 48',
      'unread "POST / HTTP/1.1\\r\\nTransfer-Encoding: chunked,\\r\\n\\r\\n5\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
]);

const CHUNK_FRAMING = rows([
  [
    'sizes with zeros',
    `${POST + CHUNKED}\r\n0005\r\nhello\r\n000\r\n\r\n`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', '"hello"', 'end'],
  ],
  [
    'sizes in capitals',
    `${POST + CHUNKED}\r\nA\r\nhellohello\r\n0\r\n\r\n`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', '"hellohello"', 'end'],
  ],
  [
    'extensions',
    `${POST + CHUNKED}\r\n5;a;b=c;d="e f"\r\nhello\r\n0;f\r\n\r\n`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', '"hello"', 'end'],
  ],
  [
    'extensions above 0x7f',
    `${POST + CHUNKED}\r\n5;\xff\r\nhello\r\n0\r\n\r\n`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', '"hello"', 'end'],
  ],
  [
    'extensions of over 16 KiB',
    `${POST + CHUNKED}\r\n5;${'a'.repeat(16_385)}\r\nhello\r\n0\r\n\r\n`,
    [
      'POST "/" {Transfer-Encoding: chunked} chunked',
      'extensions-too-large at 16432',
      'unread "aa\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'an extension with a LF',
    `${POST + CHUNKED}\r\n5;a\nhello\r\n0\r\n\r\n`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', 'invalid-chunk at 50', 'unread "\\nhello\\r\\n0\\r\\n\\r\\n"'],
  ],
  [
    'an extension with a CR',
    `${POST + CHUNKED}\r\n5;a\rb\r\nhello\r\n0\r\n\r\n`,
    [
      'POST "/" {Transfer-Encoding: chunked} chunked',
      'invalid-chunk at 51',
      'unread "b\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'a blank behind a size',
    `${POST + CHUNKED}\r\n5 \r\nhello\r\n0\r\n\r\n`,
    [
      'POST "/" {Transfer-Encoding: chunked} chunked',
      'invalid-chunk at 48',
      'unread " \\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'a blank before a size',
    `${POST + CHUNKED}\r\n 5\r\nhello\r\n0\r\n\r\n`,
    [
      'POST "/" {Transfer-Encoding: chunked} chunked',
      'invalid-chunk at 47',
      'unread " 5\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'a blank before an extension',
    `${POST + CHUNKED}\r\n5 ;a\r\nhello\r\n0\r\n\r\n`,
    [
      'POST "/" {Transfer-Encoding: chunked} chunked',
      'invalid-chunk at 48',
      'unread " ;a\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'a size with 0x',
    `${POST + CHUNKED}\r\n0x5\r\nhello\r\n0\r\n\r\n`,
    [
      'POST "/" {Transfer-Encoding: chunked} chunked',
      'invalid-chunk at 48',
      'unread "x5\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'a size with a plus',
    `${POST + CHUNKED}\r\n+5\r\nhello\r\n0\r\n\r\n`,
    [
      'POST "/" {Transfer-Encoding: chunked} chunked',
      'invalid-chunk at 47',
      'unread "+5\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'a negative size',
    `${POST + CHUNKED}\r\n-5\r\nhello\r\n0\r\n\r\n`,
    [
      'POST "/" {Transfer-Encoding: chunked} chunked',
      'invalid-chunk at 47',
      'unread "-5\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'a size with an underscore',
    `${POST + CHUNKED}\r\n0_5\r\nhello\r\n0\r\n\r\n`,
    [
      'POST "/" {Transfer-Encoding: chunked} chunked',
      'invalid-chunk at 48',
      'unread "_5\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'a size with letters behind it',
    `${POST + CHUNKED}\r\n5g\r\nhello\r\n0\r\n\r\n`,
    [
      'POST "/" {Transfer-Encoding: chunked} chunked',
      'invalid-chunk at 48',
      'unread "g\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'an empty size',
    `${POST + CHUNKED}\r\n\r\nhello\r\n0\r\n\r\n`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', 'invalid-chunk at 47', 'unread "\\r\\nhello\\r\\n0\\r\\n\\r\\n"'],
  ],
  [
    'an extension without a size',
    `${POST + CHUNKED}\r\n;a\r\nhello\r\n0\r\n\r\n`,
    [
      'POST "/" {Transfer-Encoding: chunked} chunked',
      'invalid-chunk at 47',
      'unread ";a\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
    ],
  ],
  [
    'a size that ends in LF',
    `${POST + CHUNKED}\r\n5\nhello\r\n0\r\n\r\n`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', 'invalid-chunk at 48', 'unread "\\nhello\\r\\n0\\r\\n\\r\\n"'],
  ],
  [
    'a size that ends in CR',
    `${POST + CHUNKED}\r\n5\rhello\r\n0\r\n\r\n`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', 'invalid-chunk at 49', 'unread "hello\\r\\n0\\r\\n\\r\\n"'],
  ],
  [
    'a size of 2^53',
    `${POST + CHUNKED}\r\n20000000000000\r\nhello`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', 'invalid-chunk at 60', 'unread "0\\r\\nhello"'],
  ],
  [
    'a size of twenty digits',
    `${POST + CHUNKED}\r\nfffffffffffffffffffff\r\nhello`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', 'invalid-chunk at 60', 'unread "ffffffff\\r\\nhello"'],
  ],
  [
    'data that ends in LF',
    `${POST + CHUNKED}\r\n5\r\nhello\n0\r\n\r\n`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', '"hello"', 'invalid-chunk at 55', 'unread "\\n0\\r\\n\\r\\n"'],
  ],
  [
    'data that ends in CR',
    `${POST + CHUNKED}\r\n5\r\nhello\r0\r\n\r\n`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', '"hello"', 'invalid-chunk at 56', 'unread "0\\r\\n\\r\\n"'],
  ],
  [
    'data without an end',
    `${POST + CHUNKED}\r\n5\r\nhello0\r\n\r\n`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', '"hello"', 'invalid-chunk at 55', 'unread "0\\r\\n\\r\\n"'],
  ],
  [
    'data that is too long',
    `${POST + CHUNKED}\r\n4\r\nhello\r\n0\r\n\r\n`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', '"hell"', 'invalid-chunk at 54', 'unread "o\\r\\n0\\r\\n\\r\\n"'],
  ],
  [
    'data that is too short',
    `${POST + CHUNKED}\r\n6\r\nhello\r\n0\r\n\r\n`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', '"hello\\r"', 'invalid-chunk at 56', 'unread "\\n0\\r\\n\\r\\n"'],
  ],
  [
    'data with two ends',
    `${POST + CHUNKED}\r\n5\r\nhello\r\n\r\n0\r\n\r\n`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', '"hello"', 'invalid-chunk at 57', 'unread "\\r\\n0\\r\\n\\r\\n"'],
  ],
  [
    'no last chunk',
    `${POST + CHUNKED}\r\n5\r\nhello\r\n`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', '"hello"', 'truncated-body at 57'],
  ],
  [
    'a last chunk without an empty line',
    `${POST + CHUNKED}\r\n0\r\n`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', 'truncated-body at 50'],
  ],
  [
    'a last chunk, and a LF',
    `${POST + CHUNKED}\r\n0\r\n\n`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', 'bare-line-end at 50'],
  ],
  [
    'trailers',
    `${POST + CHUNKED}\r\n5\r\nhello\r\n0\r\nA: 1\r\nB: 2\r\n\r\n`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', '"hello"', 'end {A: 1, B: 2}'],
  ],
  [
    'trailers with a length',
    `${POST + CHUNKED}\r\n0\r\nContent-Length: 5\r\n\r\nGET / HTTP/1.1\r\n\r\n`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', 'invalid-trailers at 71', 'unread "GET / HTTP/1.1\\r\\n\\r\\n"'],
  ],
  [
    'a folded trailer',
    `${POST + CHUNKED}\r\n0\r\nA: 1\r\n 2\r\n\r\n`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', 'folded-field at 56', 'unread "\\r\\n"'],
  ],
  [
    'a trailer without a colon',
    `${POST + CHUNKED}\r\n0\r\nabc\r\n\r\n`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', 'invalid-name at 53', 'unread "\\r\\n"'],
  ],
  [
    'a trailer that ends in LF',
    `${POST + CHUNKED}\r\n0\r\nA: 1\n\r\n`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', 'bare-line-end at 54', 'unread "\\r\\n"'],
  ],
  [
    'trailers of over 256 KiB',
    `${POST + CHUNKED}\r\n0\r\nA: ${'a'.repeat(262_144)}\r\n\r\n`,
    ['POST "/" {Transfer-Encoding: chunked} chunked', 'trailers-too-large at 262194', 'unread "aaa\\r\\n\\r\\n"'],
  ],
]);

const CONNECTIONS = rows([
  [
    'two requests',
    'GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n',
    ['GET "/1" {} none', 'end', 'GET "/2" {} none', 'end'],
  ],
  [
    'two requests with bodies',
    `${POST}Content-Length: 2\r\n\r\nhi${POST}${CHUNKED}${CHUNKS}`,
    [
      'POST "/" {Content-Length: 2} 2',
      '"hi"',
      'end',
      'POST "/" {Transfer-Encoding: chunked} chunked',
      '"hello"',
      'end',
    ],
  ],
  [
    'an empty line between two requests',
    `${POST}Content-Length: 2\r\n\r\nhi\r\nGET / HTTP/1.1\r\n\r\n`,
    ['POST "/" {Content-Length: 2} 2', '"hi"', 'end', 'GET "/" {} none', 'end'],
  ],
  [
    'a body that is too long',
    `${POST}Content-Length: 2\r\n\r\nhi!GET / HTTP/1.1\r\n\r\n`,
    ['POST "/" {Content-Length: 2} 2', '"hi"', 'end', '!GET "/" {} none', 'end'],
  ],
  [
    'a request that is none behind one',
    'GET / HTTP/1.1\r\n\r\n<html>',
    ['GET "/" {} none', 'end', 'invalid-method at 18', 'unread "<html>"'],
  ],
  [
    'CONNECT',
    'CONNECT a.test:443 HTTP/1.1\r\n\r\n\x16\x03',
    ['CONNECT "a.test:443" {} tunnel', 'unread "\\x16\\x03"', '(tunnel)'],
  ],
  [
    'CONNECT with a length',
    'CONNECT a.test:443 HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi',
    ['CONNECT "a.test:443" {Content-Length: 2} tunnel', 'unread "hi"', '(tunnel)'],
  ],
  [
    'CONNECT with both framings',
    `CONNECT a.test:443 HTTP/1.1\r\nContent-Length: 2\r\n${CHUNKED}\r\nhi`,
    [
      'length-and-coding at 78',
      'unread "CONNECT a.test:443 HTTP/1.1\\r\\nContent-Length: 2\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\nhi"',
    ],
  ],
  [
    'connect in lower case',
    'connect a.test:443 HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n',
    ['connect "a.test:443" {} none', 'end', 'GET "/" {} none', 'end'],
  ],
  [
    'Upgrade',
    'GET / HTTP/1.1\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhello',
    ['GET "/" {Upgrade: x, Connection: upgrade} none', 'end', 'unread "hello"'],
  ],
  [
    'Upgrade with a body',
    `${POST}Upgrade: x\r\nContent-Length: 2\r\n\r\nhiGET / HTTP/1.1\r\n\r\n`,
    ['POST "/" {Upgrade: x, Content-Length: 2} 2', '"hi"', 'end', 'unread "GET / HTTP/1.1\\r\\n\\r\\n"'],
  ],
  [
    'an expectation',
    `${POST}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`,
    ['POST "/" {Expect: 100-continue, Content-Length: 2} 2', 'truncated-body at 60'],
  ],
  ['nothing', '', []],
  ['empty lines', '\r\n\r\n', []],
  ['a part of the request line', 'GET /', ['truncated-head at 5', 'unread "GET /"']],
  [
    'a head without an end',
    'GET / HTTP/1.1\r\nA: 1\r\n',
    ['truncated-head at 22', 'unread "GET / HTTP/1.1\\r\\nA: 1\\r\\n"'],
  ],
]);

export const ODD_REQUESTS: readonly OddRequest[] = [
  ...REQUEST_LINES,
  ...FIELDS,
  ...LENGTHS,
  ...CODINGS,
  ...CHUNK_FRAMING,
  ...CONNECTIONS,
];
