/** The key `graphql`: an operation's name, type, variables and text. */

import { types } from 'node:util';
import { parse, print } from '@0no-co/graphql.web';
import { Described, isAsymmetric, isPlainObject, quote } from '../values/format.js';
import { invalidPattern } from '../values/invalid-pattern.js';
import { nearestWord } from '../values/text-distance.js';
import { type Comparison, differs, joined } from '../values/value.js';
import { checkJson } from './body-fields.js';
import { type Field, field, nearest, type ValueMatcher, valueMatcher } from './field.js';
import { type GraphqlOperation, hasGraphqlBody, readGraphql } from './graphql-operation.js';
import { isValuePattern } from './named-values.js';

const EXAMPLE = `{ graphql: 'AddToCart' } or { graphql: { operationName: 'AddToCart', variables: { quantity: 2 } } }`;

const TYPES = ['query', 'mutation', 'subscription'];

/** A GraphQL operation; of a batch, any one. */
export function graphqlField(value: unknown): Field {
  const matcher = operationMatcher(value);
  return field({
    name: 'graphql',
    needsBody: true,
    needsBodyOf: hasGraphqlBody,
    weight: 2,
    matcher: {
      expected: value,
      matches: (actual) => Array.isArray(actual) && actual.some((operation) => matcher.matches(operation)),
      compare: (actual) =>
        Array.isArray(actual) ? nearest(matcher, actual, actual) : differs(matcher.expected, actual),
    },
    read: (request) => {
      const reading = readGraphql(request);
      return 'operations' in reading ? reading.operations : new Described(`(no GraphQL request: ${reading.problem})`);
    },
  });
}

/** Judges one operation. */
function operationMatcher(value: unknown): ValueMatcher {
  // An asymmetric matcher is asked for the operation, as expect.objectContaining would be.
  if (typeof value === 'function' || isAsymmetric(value)) return valueMatcher(value);
  if (typeof value === 'string' || types.isRegExp(value)) return aspects(value, { operationName: value });
  if (!isPlainObject(value)) {
    throw invalidPattern({ graphql: value }, 'graphql is the name of an operation, or an object', EXAMPLE);
  }
  return aspects(value, value);
}

const ASPECTS = {
  // null: an anonymous operation.
  operationName: (value: unknown) => {
    if (typeof value === 'string' && !/^[_A-Za-z]\w*$/.test(value)) {
      throw /[{\s]/.test(value)
        ? invalidPattern(
            { graphql: value },
            `an operation's text is no name`,
            `{ graphql: { query: ${quote(value)} } }`,
          )
        : invalidPattern({ graphql: value }, `an operation's name has letters, digits and _ only`, EXAMPLE);
    }
    return value === null || isValuePattern(value) ? valueMatcher(value) : undefined;
  },
  operationType: (value: unknown) => {
    if (typeof value !== 'string' || TYPES.includes(value))
      return isValuePattern(value) ? valueMatcher(value) : undefined;
    const write = `{ graphql: { operationType: '${nearestWord(value, TYPES) ?? 'mutation'}' } }`;
    throw invalidPattern({ graphql: { operationType: value } }, `a type is one of ${TYPES.join(', ')}`, write);
  },
  variables: (value: unknown) => {
    checkJson('variables', value);
    return valueMatcher(value);
  },
  query: (value: unknown) =>
    typeof value === 'string' ? documentMatcher(value) : isValuePattern(value) ? valueMatcher(value) : undefined,
};

type AspectName = keyof typeof ASPECTS;

function aspects(expected: unknown, value: Readonly<Record<string, unknown>>): ValueMatcher {
  const matchers = Object.entries(value).map(([key, one]): [AspectName, ValueMatcher] => {
    if (!Object.hasOwn(ASPECTS, key)) {
      const near = nearestWord(key, Object.keys(ASPECTS));
      const why = near === undefined ? `the keys are ${Object.keys(ASPECTS).join(', ')}` : `the nearest is '${near}'`;
      throw invalidPattern({ graphql: { [key]: one } }, `an operation has no '${key}'; ${why}`, EXAMPLE);
    }
    const matcher = ASPECTS[key as AspectName](one);
    if (matcher === undefined) {
      throw invalidPattern(
        { graphql: { [key]: one } },
        `the ${key} of an operation is a string, RegExp, predicate or asymmetric matcher`,
        EXAMPLE,
      );
    }
    return [key as AspectName, matcher];
  });
  if (matchers.length === 0) throw invalidPattern({ graphql: expected }, 'it says nothing', EXAMPLE);
  return {
    expected,
    matches: (operation) => matchers.every(([key, { matches }]) => matches((operation as GraphqlOperation)[key])),
    compare: (operation) => joined(matchers.map(([key, matcher]) => compareAspect(key, matcher, operation))),
  };
}

function compareAspect(key: AspectName, matcher: ValueMatcher, operation: unknown): Comparison {
  const { [key]: actual, problem } = operation as GraphqlOperation;
  const { distance, differences } = matcher.compare(actual);
  return {
    distance,
    differences: differences.map((one) => {
      const place = { ...one, path: [key, ...one.path] };
      return actual === null && problem !== undefined ? { reason: problem, ...place } : place;
    }),
  };
}

/** The same document: white space, commas and comments do not count (GraphQL, section 2.1). */
function documentMatcher(document: string): ValueMatcher {
  let printed: string;
  try {
    printed = print(parse(document, { noLocation: true }));
  } catch (error) {
    const why = `its query is not valid GraphQL (${(error as Error).message})`;
    throw invalidPattern({ graphql: { query: document } }, why, '{ graphql: { query: /addToCart/ } }');
  }
  const text = valueMatcher(document);
  const matches = (actual: unknown) =>
    actual === document || (typeof actual === 'string' && printOf(actual) === printed);
  return { expected: document, matches, compare: (actual) => (matches(actual) ? joined([]) : text.compare(actual)) };
}

function printOf(document: string): string | undefined {
  try {
    return print(parse(document, { noLocation: true }));
  } catch {
    return undefined;
  }
}
