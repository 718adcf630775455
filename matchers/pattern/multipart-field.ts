/** The key `multipart`: the fields and files of a multipart form. */
import { types } from 'node:util';
import { isMultipart, type Part, readMultipart } from '../../src/http/multipart.js';
import type { Request } from '../../src/journal/message.js';
import { ABSENT, Described, isAsymmetric, isPlainObject } from '../values/format.js';
import { invalidPattern } from '../values/invalid-pattern.js';
import { nearestWord } from '../values/text-distance.js';
import { type Comparison, differs, joined } from '../values/value.js';
import { bytesMatcher, checkJson } from './body-fields.js';
import { type Field, field, readable, type ValueMatcher, valueMatcher } from './field.js';
import { isValuePattern, type NamedValues, recordMatcher } from './named-values.js';

const EXAMPLE = `{ multipart: { title: 'Sunset', photo: { filename: /\\.png$/, contentType: 'image/png' } } }`;

/** Parts by name, as a subset: a text, or what is expected of the part. */
export function multipartField(value: unknown): Field {
  const matcher = recordMatcher('multipart', value, EXAMPLE, {
    compile: compilePart,
    values: 'a string, RegExp, predicate, asymmetric matcher, { filename, contentType, text | json | body, size }',
  });
  return field({
    name: 'multipart',
    needsBody: true,
    // Requests that the head rules out need no waiting.
    needsBodyOf: (request) => isMultipart(request.header('content-type')),
    matcher: readable(matcher),
    read: (request) => readParts(request),
  });
}

function readParts(request: Request): NamedParts | Described {
  const type = request.header('content-type');
  // A form of the other kind is told as such even before its body has come.
  if (!isMultipart(type)) {
    return new Described(
      /^application\/x-www-form-urlencoded/i.test(type ?? '')
        ? '(no multipart form but a urlencoded one, which the key form reads)'
        : `(no multipart form: its content type is ${type ?? 'not given'})`,
    );
  }
  const reading = readMultipart(type, request.bytes());
  return 'parts' in reading ? new NamedParts(reading.parts) : new Described(`(no multipart form: ${reading.problem})`);
}

class NamedParts implements NamedValues {
  readonly parts: readonly Part[];

  constructor(parts: readonly Part[]) {
    this.parts = parts;
  }

  names(): readonly string[] {
    return [...new Set(this.parts.map(({ name }) => name))];
  }

  values(name: string): readonly Part[] {
    return this.parts.filter((part) => part.name === name);
  }

  all(): readonly Part[] {
    return this.parts;
  }
}

/** One condition on a part: how it is compiled, and what it reads. */
interface Aspect {
  /** The values that it may take. */
  readonly takes: string;
  readonly compile: (value: unknown) => ValueMatcher | undefined;
  readonly read: (part: Part) => unknown;
}

const TEXT = 'a string, RegExp, predicate or asymmetric matcher';

const textual = (value: unknown) => (isValuePattern(value) ? valueMatcher(value) : undefined);

const ASPECTS: Readonly<Record<string, Aspect>> = {
  // null: a field and no file.
  filename: {
    takes: `${TEXT}, or null for a part that is no file`,
    compile: (value) => (value === null ? valueMatcher(null) : textual(value)),
    read: ({ filename }) => filename ?? null,
  },
  contentType: {
    takes: TEXT,
    compile: (value) => textual(typeof value === 'string' ? value.toLowerCase() : value),
    read: ({ contentType }) => contentType,
  },
  text: { takes: TEXT, compile: textual, read: (part) => part.text() },
  json: {
    takes: 'JSON',
    compile: (value) => {
      checkJson('json', value);
      return valueMatcher(value);
    },
    read: readJson,
  },
  body: {
    takes: 'bytes, a predicate or an asymmetric matcher',
    compile: (value) => {
      if (types.isUint8Array(value)) return bytesMatcher(Buffer.from(value));
      return typeof value === 'function' || isAsymmetric(value) ? valueMatcher(value) : undefined;
    },
    read: ({ bytes }) => bytes,
  },
  size: {
    takes: 'a number of bytes, a predicate or an asymmetric matcher',
    compile: (value) =>
      Number.isInteger(value) || typeof value === 'function' || isAsymmetric(value) ? valueMatcher(value) : undefined,
    read: ({ bytes }) => bytes.length,
  },
};

function readJson(part: Part): unknown {
  try {
    return part.json();
  } catch {
    return new Described('(not JSON)');
  }
}

function compilePart(value: unknown, name: string): ValueMatcher | undefined {
  if (isValuePattern(value))
    return partMatcher(value, [['', { matcher: valueMatcher(value), read: (it) => it.text() }]]);
  if (!isPlainObject(value) || types.isRegExp(value)) return undefined;
  const conditions = Object.entries(value).map(([key, expected]): [string, Condition] => {
    const aspect = Object.hasOwn(ASPECTS, key) ? ASPECTS[key] : undefined;
    const matcher = aspect?.compile(expected);
    if (aspect === undefined || matcher === undefined) throw wrongAspect(name, key, expected, aspect);
    return [key, { matcher: key === 'json' ? readable(matcher) : matcher, read: aspect.read }];
  });
  return conditions.length === 0 ? undefined : partMatcher(value, conditions);
}

function wrongAspect(name: string, key: string, value: unknown, aspect: Aspect | undefined): Error {
  const keys = Object.keys(ASPECTS);
  if (aspect !== undefined) {
    const why = `the ${key} of a part is ${aspect.takes}`;
    return invalidPattern({ multipart: { [name]: { [key]: value } } }, why, EXAMPLE);
  }
  const nearest = nearestWord(key, keys);
  const why = `a part has no '${key}'; ${nearest === undefined ? `it has ${keys.join(', ')}` : `the nearest is '${nearest}'`}`;
  return invalidPattern({ multipart: { [name]: { [key]: value } } }, why, EXAMPLE);
}

interface Condition {
  readonly matcher: ValueMatcher;
  readonly read: (part: Part) => unknown;
}

/** All conditions on one part; the key '' is the part as a whole. */
function partMatcher(
  expected: unknown,
  conditions: readonly (readonly [key: string, condition: Condition])[],
): ValueMatcher {
  return {
    expected,
    matches: (part) => conditions.every(([, { matcher, read }]) => matcher.matches(read(part as Part))),
    compare: (part): Comparison => {
      if (part === ABSENT) return differs(expected, ABSENT);
      return joined(
        conditions.map(([key, { matcher, read }]) => {
          const { distance, differences } = matcher.compare(read(part as Part));
          const path = key === '' ? [] : [key];
          return { distance, differences: differences.map((one) => ({ ...one, path: [...path, ...one.path] })) };
        }),
      );
    },
  };
}
