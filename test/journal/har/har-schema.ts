/** The HAR 1.2 specification as a checker: http://www.softwareishard.com/blog/har-12-spec/ */

type Check = (value: unknown, path: string) => string[];

/** Lists faults of the value as a HAR file, a line each; empty where nothing is. */
export function harFaults(value: unknown): string[] {
  return har(value, '');
}

const isoWithMilliseconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(?:Z|[+-]\d\d:\d\d)$/;

const text: Check = (value, path) => (typeof value === 'string' ? [] : [`${path} is no string`]);
const flag: Check = (value, path) => (typeof value === 'boolean' ? [] : [`${path} is no boolean`]);
const date: Check = (value, path) =>
  typeof value === 'string' && isoWithMilliseconds.test(value) && !Number.isNaN(Date.parse(value))
    ? []
    : [`${path} is no ISO 8601 date with milliseconds`];
const address: Check = (value, path) =>
  typeof value === 'string' && /^[\d.]+$|^[\da-f:.]+$/i.test(value) ? [] : [`${path} is no IP address`];
const url: Check = (value, path) =>
  typeof value === 'string' && URL.canParse(value) && !value.includes('#') ? [] : [`${path} is no URL: ${value}`];

function number(minimum: number, { whole = false } = {}): Check {
  return (value, path) =>
    typeof value === 'number' && Number.isFinite(value) && value >= minimum && (!whole || Number.isInteger(value))
      ? []
      : [`${path} is no${whole ? ' whole' : ''} number from ${minimum}: ${value}`];
}

function list(item: Check): Check {
  return (value, path) =>
    Array.isArray(value)
      ? value.flatMap((element, at) => item(element, `${path}[${at}]`))
      : [`${path} is no array: ${JSON.stringify(value)}`];
}

function either(...values: unknown[]): Check {
  return (value, path) => (values.includes(value) ? [] : [`${path} is none of ${values.join(', ')}`]);
}

/** Fields beyond these must begin with an underscore (section custom fields). */
function record(required: Record<string, Check>, optional: Record<string, Check> = {}): Check {
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} is no object`];
    const known: Record<string, Check> = { ...required, ...optional, comment: text };
    return [
      ...Object.keys(required)
        .filter((name) => !(name in value))
        .map((name) => `${path}.${name} is missing`),
      ...Object.entries(value).flatMap(([name, field]) => {
        const check = known[name];
        if (check !== undefined) return check(field, `${path}.${name}`);
        return name.startsWith('_') ? [] : [`${path}.${name} is unknown`];
      }),
    ];
  };
}

const size = number(-1, { whole: true });
const field = record({ name: text, value: text });
const cookie = record(
  { name: text, value: text },
  // sameSite: not in the specification, but Chrome DevTools and Playwright write it.
  { path: text, domain: text, expires: date, httpOnly: flag, secure: flag, sameSite: text },
);

const entry: Check = (value, path) => {
  const faults = entryShape(value, path);
  if (faults.length > 0) return faults;
  const { time, timings } = value as { time: number; timings: Record<string, number | undefined> };
  // Section timings: ssl is part of connect and does not count.
  const parts = ['blocked', 'dns', 'connect', 'send', 'wait', 'receive'].map((name) => timings[name] ?? -1);
  const sum = parts.filter((part) => part !== -1).reduce((before, part) => before + part, 0);
  const { ssl = -1, connect = -1 } = timings;
  return [
    ...(Math.abs(sum - time) < 0.001 ? [] : [`${path}.time is ${time}, but its timings add up to ${sum}`]),
    ...(ssl <= connect ? [] : [`${path}.timings.ssl is not part of connect`]),
  ];
};

const request: Check = record(
  {
    method: text,
    url,
    httpVersion: either('HTTP/1.0', 'HTTP/1.1', 'HTTP/2.0'),
    cookies: list(cookie),
    headers: list(field),
    queryString: list(field),
    headersSize: size,
    bodySize: size,
  },
  {
    postData: record(
      { mimeType: text, params: list(record({ name: text }, { value: text, fileName: text, contentType: text })) },
      // encoding: not in the specification, but Playwright's replay reads it.
      { text, encoding: either('base64') },
    ),
  },
);

const response: Check = record({
  status: number(0, { whole: true }),
  statusText: text,
  httpVersion: either('HTTP/1.0', 'HTTP/1.1', 'HTTP/2.0'),
  cookies: list(cookie),
  headers: list(field),
  content: record(
    { size: number(0, { whole: true }), mimeType: text },
    { compression: number(-Infinity, { whole: true }), text, encoding: either('base64') },
  ),
  redirectURL: text,
  headersSize: size,
  bodySize: size,
});

const entryShape = record(
  {
    startedDateTime: date,
    time: number(0),
    request,
    response,
    cache: record({}),
    timings: record(
      { send: number(0), wait: number(0), receive: number(0) },
      { blocked: number(-1), dns: number(-1), connect: number(-1), ssl: number(-1) },
    ),
  },
  {
    pageref: text,
    serverIPAddress: address,
    connection: text,
    _rules: list(record({ kind: either('stub', 'mutation'), pattern: text }, { place: text })),
    _forwardedRequest: request,
    _originalResponse: response,
    // Not in the specification, but Chrome DevTools reads them.
    _webSocketMessages: list(
      record(
        { type: either('send', 'receive'), time: number(0), opcode: either(1, 2, 8, 9, 10), data: text },
        { _size: number(0, { whole: true }) },
      ),
    ),
  },
);

const creator = record({ name: text, version: text });
const page = record({
  startedDateTime: date,
  id: text,
  title: text,
  pageTimings: record({}, { onContentLoad: number(-1), onLoad: number(-1) }),
});

const har = record({
  log: record({ version: either('1.2'), creator, entries: list(entry) }, { browser: creator, pages: list(page) }),
});
