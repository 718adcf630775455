import { Described } from '../values/format.js';
import type { Field } from './field.js';

const expected = new Described('a request');
const actual = new Described('CONNECT (a connection whose requests, if any, were not seen)');

/**
 * The journal also has connections that were relayed unread or that failed before a request came.
 * Only a pattern that names the method CONNECT means them.
 */
export const NO_TUNNEL: Field = {
  name: 'method',
  needsBody: false,
  plain: true,
  onHandshake: () => true,
  test: ({ request }) => request.method !== 'CONNECT',
  explain: ({ request }) => {
    const pass = request.method !== 'CONNECT';
    const differences = pass ? [] : [{ path: [], expected, actual }];
    // Being a request, and no tunnel, says nothing of how near it is.
    const weight = pass ? 0 : 1;
    return { field: 'method', expected, actual: request.method, pass, distance: pass ? 0 : 1, weight, differences };
  },
};
