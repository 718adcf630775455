import { describe, expect, test } from 'vitest';
import { readMultipart } from '../../src/http/multipart.js';
import { makeExchange } from '../journal/exchanges.js';

const TYPE = 'multipart/form-data; boundary=XX';

/** A body with one part for each pair of header lines and content. */
function body(...parts: [head: string | Buffer, content: string | Buffer][]): Buffer {
  const pieces = parts.flatMap(([head, content]) => ['--XX\r\n', head, '\r\n\r\n', content, '\r\n']);
  return Buffer.concat([...pieces, '--XX--\r\n'].map((piece) => Buffer.from(piece)));
}

function one(head: string | Buffer, content: string | Buffer = 'x') {
  const reading = readMultipart(TYPE, body([head, content]));
  if (!('parts' in reading)) throw new Error(reading.problem);
  expect(reading.parts).toHaveLength(1);
  const [part] = reading.parts;
  if (part === undefined) throw new Error('no part');
  return part;
}

describe('a form that clients send', () => {
  test('may be what fetch makes of a FormData', async () => {
    const form = new FormData();
    form.append('title', 'Käse');
    form.append('tag', 'a');
    form.append('tag', '');
    form.append('photo', new File([Buffer.from([0, 13, 10, 45, 45, 255])], 'a "b" ☃.png', { type: 'image/png' }));
    form.append('meta', new Blob(['{"a":1}'], { type: 'application/json' }), 'meta.json');
    const sent = new Response(form);
    const reading = readMultipart(sent.headers.get('content-type') ?? '', Buffer.from(await sent.arrayBuffer()));
    if (!('parts' in reading)) throw new Error(reading.problem);
    expect(reading.parts.map(({ name, filename, contentType }) => [name, filename, contentType])).toEqual([
      ['title', undefined, 'text/plain'],
      ['tag', undefined, 'text/plain'],
      ['tag', undefined, 'text/plain'],
      ['photo', 'a "b" ☃.png', 'image/png'],
      ['meta', 'meta.json', 'application/json'],
    ]);
    expect(reading.parts.slice(0, 3).map((part) => part.text())).toEqual(['Käse', 'a', '']);
    expect(reading.parts[3]?.bytes).toEqual(Buffer.from([0, 13, 10, 45, 45, 255]));
    expect(reading.parts[4]?.json()).toEqual({ a: 1 });
  });

  test.each<[string, string, string, string | undefined]>([
    ['a name without quotes', 'Content-Disposition: form-data; name=a', 'a', undefined],
    ['names in any case', 'CONTENT-DISPOSITION: Form-Data; Name="a"; FileName="b"', 'a', 'b'],
    ['an escaped quote', 'Content-Disposition: form-data; name="a%22b"', 'a"b', undefined],
    ['a quote behind a backslash', 'Content-Disposition: form-data; name="a"; filename="b\\"c"', 'a', 'b"c'],
    ['a line feed', 'Content-Disposition: form-data; name="a%0D%0Ab"', 'a\r\nb', undefined],
    ['other percent signs', 'Content-Disposition: form-data; name="100%"; filename="%41"', '100%', '%41'],
    ['a name beyond Latin-1', 'Content-Disposition: form-data; name="日本"; filename="語.txt"', '日本', '語.txt'],
    [
      'a file whose name looks like a parameter',
      'Content-Disposition: form-data; filename="; name=b"; name="a"',
      'a',
      '; name=b',
    ],
    [
      'the same behind a backslash',
      'Content-Disposition: form-data; filename="\\"; name=\\"b"; name="a"',
      'a',
      '"; name="b',
    ],
    ['a parameter that ends as another', 'Content-Disposition: form-data; x-name=b; name="a"', 'a', undefined],
    ['an empty file name', 'Content-Disposition: form-data; name="a"; filename=""', 'a', ''],
    [
      'an extended file name',
      `Content-Disposition: form-data; name="a"; filename="x"; filename*=utf-8''%E2%98%83`,
      'a',
      '☃',
    ],
    [
      'a broken extended one',
      `Content-Disposition: form-data; name="a"; filename="x"; filename*=utf-8'en'%E2%9`,
      'a',
      'x',
    ],
    ['a semicolon inside', 'Content-Disposition: form-data; name="a;b=c"; filename="d;e"', 'a;b=c', 'd;e'],
  ])('has its part read with %s', (_, head, name, filename) => {
    const part = one(head);
    expect([part.name, part.filename, part.text()]).toEqual([name, filename, 'x']);
  });

  test('has its texts in the charset of their part', () => {
    const head = 'Content-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=iso-8859-1';
    expect(one(head, Buffer.from([0xe4])).text()).toBe('ä');
    expect(one(head.replace('iso-8859-1', 'none'), 'ä').text()).toBe('ä');
    expect(one(head).headers).toMatchObject({ 'content-type': 'text/plain; charset=iso-8859-1' });
  });

  test.each([
    ['a quoted boundary', 'multipart/form-data; boundary="XX"'],
    ['upper case', 'Multipart/Form-Data; Boundary=XX'],
  ])('is read with %s', (_, type) => {
    expect(readMultipart(type, body(['Content-Disposition: form-data; name="a"', '1']))).toMatchObject({
      parts: [{ name: 'a' }],
    });
  });

  test('may have a preamble and an epilogue', () => {
    const sent = Buffer.concat([
      Buffer.from('before\r\n'),
      body(['Content-Disposition: form-data; name="a"', '1']),
      Buffer.from('after'),
    ]);
    expect(readMultipart(TYPE, sent)).toMatchObject({ parts: [{ name: 'a' }] });
  });
});

describe('in the charset of whoever sent it', () => {
  const latin1 = (head: string, text = 'x') => one(Buffer.from(head, 'latin1'), Buffer.from(text, 'latin1'));

  test('names in Latin-1 are read, as pages in that charset send them', () => {
    const part = latin1('Content-Disposition: form-data; name="größe"; filename="café.txt"');
    expect([part.name, part.filename]).toEqual(['größe', 'café.txt']);
    expect(part.headers['content-disposition']).toBe('form-data; name="größe"; filename="café.txt"');
  });

  test('names in the charset that the field _charset_ names are read', () => {
    const reading = readMultipart(
      TYPE,
      body(
        [Buffer.from('Content-Disposition: form-data; name="\xef"; filename="\xcf\xf0.txt"', 'latin1'), 'x'],
        ['Content-Disposition: form-data; name="text"', Buffer.from([0xcf, 0xf0])],
        ['Content-Disposition: form-data; name="_charset_"', 'windows-1251'],
      ),
    );
    if (!('parts' in reading)) throw new Error(reading.problem);
    expect(reading.parts.map((part) => [part.name, part.filename])).toEqual([
      ['п', 'Пр.txt'],
      ['text', undefined],
      ['_charset_', undefined],
    ]);
    expect(reading.parts[1]?.text()).toBe('Пр');
  });

  test('a file name with its charset is read (RFC 8187)', () => {
    expect(one(`Content-Disposition: form-data; name="a"; filename="x"; filename*=iso-8859-1'de'%E4`).filename).toBe(
      'ä',
    );
    expect(one(`Content-Disposition: form-data; name="a"; filename="x"; filename*=nope''%E4`).filename).toBe('x');
  });

  test('a text that says nothing of its charset is read', () => {
    expect(latin1('Content-Disposition: form-data; name="a"', 'é').text()).toBe('é');
  });
});

describe('lines that end by a line feed alone', () => {
  const read = (text: string) => {
    const reading = readMultipart(TYPE, Buffer.from(text));
    if (!('parts' in reading)) throw new Error(reading.problem);
    return reading.parts.map((part) => [part.name, part.text()]);
  };
  const field = (name: string) => `Content-Disposition: form-data; name="${name}"`;

  test('may be all of them', () => {
    expect(read(`--XX\n${field('a')}\n\n1\n2\n--XX\n${field('b')}\nContent-Type: text/plain\n\n\n--XX--\n`)).toEqual([
      ['a', '1\n2'],
      ['b', ''],
    ]);
  });

  test('have as content a carriage return in front of them', () => {
    expect(read(`--XX\n${field('a')}\n\n1\r\n--XX--`)).toEqual([['a', '1\r']]);
  });

  test('may be those of heads only', () => {
    expect(read(`--XX\r\n${field('a')}\nX-A: 1\n\n1\r\n--XX--`)).toEqual([['a', '1']]);
  });

  test('make no boundary where lines end by both, whatever looks like one behind a line feed', () => {
    expect(read(`--XX\r\n${field('a')}\r\n\r\n1\n--XX\n2\r\n--XXY\r\n--XX--`)).toEqual([['a', '1\n--XX\n2\r\n--XXY']]);
  });

  test('leave out a preamble, blanks behind a boundary, and an epilogue', () => {
    expect(read(`before\r\n--XX \t\r\n${field('a')}\r\n\r\n1\r\n--XX-- \r\nafter --XX--`)).toEqual([['a', '1']]);
  });
});

describe('parts that are no form', () => {
  const RELATED = 'multipart/related; boundary = "XX"; type="application/json"; start="<meta>"';

  test('are read where they are related (RFC 2387), by their Content-ID, else by their place', () => {
    const reading = readMultipart(
      RELATED,
      body(
        ['Content-Type: application/json; charset=UTF-8', '{"name":"a"}'],
        ['Content-Type: image/png\r\nContent-ID: <picture@shop.test>', Buffer.from([0, 255])],
        [
          'Content-Disposition: attachment; name="n"; filename="f.txt"\r\nContent-Transfer-Encoding: base64',
          'w6k=\r\n',
        ],
        ['Content-Transfer-Encoding: Quoted-Printable', 'caf=C3=\r\n=A9'],
        ['', 'without a head'],
      ),
    );
    if (!('parts' in reading)) throw new Error(reading.problem);
    const { parts } = reading;
    expect(parts.map(({ name, filename, contentType }) => [name, filename, contentType])).toEqual([
      ['0', undefined, 'application/json'],
      ['picture@shop.test', undefined, 'image/png'],
      ['n', 'f.txt', 'application/octet-stream'],
      ['3', undefined, 'text/plain'],
      ['4', undefined, 'text/plain'],
    ]);
    expect(parts[0]?.json()).toEqual({ name: 'a' });
    expect(parts[1]?.bytes).toEqual(Buffer.from([0, 255]));
    expect([parts[2]?.text(), parts[3]?.text(), parts[4]?.text()]).toEqual(['é', 'café', '\r\nwithout a head']);
  });

  test('are read where they are mixed, of which there may be none', () => {
    expect(readMultipart('multipart/mixed; boundary=XX', body())).toEqual({ parts: [] });
  });
});

describe('a body that is no multipart form', () => {
  test.each<[string, string | undefined, Buffer, string]>([
    ['no content type', undefined, body(), 'it has no content type'],
    ['another one', 'text/plain', body(), 'its content type is text/plain'],
    [
      'a type that only begins like one',
      'multipartish/mixed; boundary=XX',
      body(),
      'its content type is multipartish/',
    ],
    ['no boundary', 'multipart/form-data', body(), 'its content type names no boundary'],
    ['no body', TYPE, Buffer.alloc(0), 'it ends before its last boundary'],
    ['no boundary inside', TYPE, Buffer.from('a=1&b=2'), 'it ends before its last boundary'],
    [
      'cut off',
      TYPE,
      body(['Content-Disposition: form-data; name="a"', '123']).subarray(0, -12),
      'it ends before its last boundary',
    ],
    ['cut off in a head', TYPE, Buffer.from('--XX\r\nContent-Dispo'), 'it ends before its last boundary'],
    ['a malformed field', TYPE, body(['No field at all', '1']), 'a part has a malformed header field'],
    ['a part without a name', TYPE, body(['Content-Disposition: form-data', '1']), 'a part has no name'],
    ['a part that is no field', TYPE, body(['Content-Type: text/plain', '1']), 'a part has no name'],
    [
      'a broken percent sign',
      TYPE,
      body(["Content-Disposition: form-data; filename*=utf-8''%", '1']),
      'a part has no name',
    ],
  ])('is told with the reason: %s', (_, type, sent, problem) => {
    const reading = readMultipart(type, sent);
    expect('problem' in reading ? reading.problem : reading.parts).toContain(problem);
  });

  test('never throws, wherever it is cut', () => {
    const whole = body(
      ['Content-Disposition: form-data; name="a"; filename="b"', 'x'],
      ['Content-Disposition: form-data; name="c"', 'y'],
    );
    for (let end = 0; end < whole.length; end += 1) {
      const cut = readMultipart(TYPE, whole.subarray(0, end));
      // The line feed after the last boundary is not needed.
      expect('problem' in cut, whole.subarray(0, end).toString()).toBe(end < whole.length - 2);
      const without = readMultipart(TYPE, Buffer.concat([whole.subarray(0, end), whole.subarray(end + 1)]));
      expect('problem' in without || without.parts.length > 0).toBe(true);
    }
  });
});

describe('on a request', () => {
  const multipart = (type: string, bytes: Buffer) =>
    makeExchange({ method: 'POST', headers: ['Content-Type', type], request: { body: bytes } }).request;

  test('the parts are given', () => {
    const request = multipart(TYPE, body(['Content-Disposition: form-data; name="a"', '1']));
    expect(request.multipart().map((part) => [part.name, part.text()])).toEqual([['a', '1']]);
    expect(() => request.form()).toThrow('is a multipart form. Read it with request.multipart().');
  });

  test('a body that is none is an error that says why', () => {
    expect(() => multipart('text/plain', body()).multipart()).toThrow(
      expect.objectContaining({
        code: 'WAYLAY_BODY_UNREADABLE',
        message: 'The body of POST https://shop.test/ is not a multipart form: its content type is text/plain.',
      }),
    );
  });
});

// Each would take minutes where a run of blanks is looked at once for each of them.
describe('runs of blanks are read in one go', () => {
  const blanks = ' '.repeat(1_000_000);

  test('in a header field', () => {
    const part = one(`Content-Disposition: form-data; name="a"\r\nX-A: b${blanks}c${blanks}`);
    expect(part.headers['x-a']).toBe(`b${blanks}c`);
  });

  test('in quoted-printable', () => {
    const content = `a${blanks}b${blanks}=${blanks}\r\nc`;
    const head = 'Content-Transfer-Encoding: quoted-printable';
    const reading = readMultipart('multipart/mixed; boundary=XX', body([head, content]));
    expect('parts' in reading && reading.parts[0]?.text()).toBe(`a${blanks}bc`);
  });
});
