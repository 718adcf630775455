/** Reads the GraphQL operations of a request (GraphQL over HTTP; GraphQL multipart request specification). */
import { parse } from '@0no-co/graphql.web';
import { isMultipart, readMultipart } from '../../src/http/multipart.js';
import type { Request } from '../../src/journal/message.js';
import { isObject } from '../values/format.js';

/** One operation of a GraphQL request. */
export interface GraphqlOperation {
  /** The name that the request selects, else that of its only operation; null for an anonymous one. */
  readonly operationName: string | null;
  /** Null where it cannot be told, as of a persisted query, which is sent without its text. */
  readonly operationType: 'query' | 'mutation' | 'subscription' | null;
  /** The variables sent; empty where there are none. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** The document as sent; null where a persisted query was sent without. */
  readonly query: string | null;
  /** The reason why something of it cannot be told. */
  readonly problem?: string;
}

/** The operations, several where they were sent as a batch, or why there are none. */
export type GraphqlParseResult = { readonly operations: readonly GraphqlOperation[] } | { readonly problem: string };

/** The encoding that a body of this content type can be read in. */
type Encoding = 'json' | 'graphql' | 'multipart' | 'parameters' | 'none';

function encodingOf(contentType: string | undefined): Encoding {
  if (isMultipart(contentType)) return 'multipart';
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/graphql') return 'graphql';
  if (type === 'application/x-www-form-urlencoded') return 'parameters';
  // `text/plain` is what clients send that want no preflight.
  return type === '' || type === 'text/plain' || /[/+]json$/.test(type) ? 'json' : 'none';
}

/** True if the operations, if any, are in the request's body. */
export function hasGraphqlBody(request: Request): boolean {
  return request.method !== 'GET' && encodingOf(request.header('content-type')) !== 'none';
}

/** The operations of a request; throws what reading its body throws. */
export function readGraphql(request: Request): GraphqlParseResult {
  const { searchParams } = request.parsedUrl;
  if (request.method === 'GET') return readParameters(searchParams, 'its URL has neither query nor extensions');
  const contentType = request.header('content-type');
  switch (encodingOf(contentType)) {
    case 'json':
      return readJson(request.text(), 'its body');
    case 'graphql': {
      const operationName = searchParams.get('operationName');
      return {
        operations: [readOperation({ query: request.text(), ...(operationName !== null && { operationName }) })],
      };
    }
    case 'parameters':
      return readParameters(request.form(), 'its form has neither query nor extensions');
    case 'multipart': {
      const result = readMultipart(contentType, request.bytes());
      if ('problem' in result) return { problem: `no multipart form: ${result.problem}` };
      const operations = result.parts.find(({ name }) => name === 'operations');
      return operations === undefined
        ? { problem: `its form has no part 'operations'` }
        : readJson(operations.text(), `its part 'operations'`);
    }
    case 'none':
      return { problem: `its content type is ${contentType}` };
  }
}

function readParameters(parameters: URLSearchParams, none: string): GraphqlParseResult {
  if (!parameters.has('query') && !parameters.has('extensions')) return { problem: none };
  const request: Record<string, unknown> = {};
  for (const name of ['query', 'operationName']) {
    const value = parameters.get(name);
    if (value !== null && value !== '') request[name] = value;
  }
  for (const name of ['variables', 'extensions']) {
    const text = parameters.get(name);
    if (text === null || text === '') continue;
    const value = parseJson(text);
    if (!isObject(value)) return { problem: `its ${name} are no JSON object` };
    request[name] = value;
  }
  return { operations: [readOperation(request)] };
}

function readJson(text: string, what: string): GraphqlParseResult {
  const body = parseJson(text);
  if (body === undefined) return { problem: text === '' ? `${what} is empty` : `${what} is not JSON` };
  const batch = Array.isArray(body) ? body : [body];
  if (batch.length === 0 || !batch.every(isRequest)) {
    return { problem: `${what} is JSON with neither query, operationName nor extensions` };
  }
  return { operations: batch.map(readOperation) };
}

function isRequest(value: unknown): value is Record<string, unknown> {
  return (
    isObject(value) &&
    (typeof value.query === 'string' || typeof value.operationName === 'string' || isObject(value.extensions))
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The part that is needed of an operation's node (GraphQL, section 2.3). */
interface OperationNode {
  readonly kind: 'OperationDefinition';
  readonly operation: 'query' | 'mutation' | 'subscription';
  readonly name?: { readonly value: string };
}

function operationsOf(document: string): readonly OperationNode[] {
  const definitions: readonly { readonly kind: string }[] = parse(document, { noLocation: true }).definitions;
  return definitions.filter((node): node is OperationNode => node.kind === 'OperationDefinition');
}

function readOperation(request: Readonly<Record<string, unknown>>): GraphqlOperation {
  const operationName = typeof request.operationName === 'string' ? request.operationName : null;
  const variables = isObject(request.variables) ? request.variables : {};
  if (typeof request.query !== 'string' || request.query === '') {
    const problem = 'a persisted query, which is sent without its text: its type cannot be told';
    return { operationName, operationType: null, variables, query: null, problem };
  }
  const { query } = request;
  const unknown = (problem: string) => ({ operationName, operationType: null, variables, query, problem });
  let operations: readonly OperationNode[];
  try {
    operations = operationsOf(query);
  } catch (error) {
    return unknown(`its query is not valid GraphQL (${error instanceof Error ? error.message : String(error)})`);
  }
  const [first, second] = operations;
  if (first === undefined) return unknown('its document has no operation');
  if (operationName === null && second !== undefined) {
    return unknown(`its document has ${operations.length} operations, and operationName selects none`);
  }
  const selected = operationName === null ? first : operations.find(({ name }) => name?.value === operationName);
  if (selected === undefined) return unknown(`its document has no operation '${operationName}'`);
  return { operationName: selected.name?.value ?? null, operationType: selected.operation, variables, query };
}
