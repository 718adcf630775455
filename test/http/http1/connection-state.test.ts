import { expect, test } from 'vitest';
import { ConnectionState } from '../../../src/http/http1/connection-state.js';

type Step = (state: ConnectionState) => void;

const ask: Step = (state) => state.request(true, false);
const askOnce: Step = (state) => state.request(false, false);
const askToSwitch: Step = (state) => state.request(true, true);
const sent: Step = (state) => state.requestEnd();
const interim: Step = (state) => state.informational();
const answer: Step = (state) => state.response(true);
const answerOnce: Step = (state) => state.response(false);
const answerToTheEnd: Step = (state) => state.response(true, true);
const data: Step = (state) => state.responseData();
const upload: Step = (state) => state.requestData();
const answered: Step = (state) => state.responseEnd();
const switched: Step = (state) => state.switchProtocols();
const clientFin: Step = (state) => state.clientFin();
const serverFin: Step = (state) => state.serverFin();
const clientError: Step = (state) => state.clientError();
const serverError: Step = (state) => state.serverError();

test.each<[string, Step[], string, boolean]>([
  ['nothing', [], 'idle idle', true],
  ['a request on its way', [ask, upload], 'body responding', true],
  ['a request that is complete', [ask, sent], 'done responding', true],
  ['interim responses', [ask, sent, interim, interim], 'done responding', true],
  ['a response on its way', [ask, sent, answer, data], 'done body', true],
  ['an exchange that is complete', [ask, sent, answer, data, answered], 'idle idle', true],
  ['two exchanges', [ask, sent, answer, answered, ask, sent], 'done responding', true],
  ['a response before the request is complete', [ask, answer, answered], 'body done', true],
  ['the rest of that request', [ask, answer, answered, upload, sent], 'idle idle', true],
  ['a client that asks to close', [askOnce, sent], 'must-close responding', false],
  ['its response', [askOnce, sent, answer, answered], 'must-close must-close', false],
  ['a server that is going to close', [ask, sent, answerOnce, answered], 'must-close must-close', false],
  ['its end', [ask, sent, answerOnce, answered, serverFin], 'must-close closed', false],
  ['a body that ends with the connection', [ask, sent, answerToTheEnd, data, serverFin], 'must-close closed', false],
  ['a body that is cut', [ask, sent, answer, data, serverFin], 'must-close error', false],
  ['no response', [ask, sent, serverFin], 'must-close error', false],
  ['a server that closes between requests', [ask, sent, answer, answered, serverFin], 'must-close closed', false],
  ['a client that closes between requests', [clientFin], 'closed must-close', false],
  ['a client that closes its side and waits', [ask, sent, clientFin, answer, answered], 'closed must-close', false],
  ['a request that is cut', [ask, upload, clientFin], 'error responding', false],
  ['an upgrade that is asked for', [askToSwitch, sent], 'might-switch responding', true],
  ['an upgrade that is accepted', [askToSwitch, sent, switched], 'switched switched', false],
  ['an upgrade accepted before the request is complete', [askToSwitch, switched, sent], 'switched switched', false],
  ['an upgrade that is declined', [askToSwitch, sent, answer, answered], 'idle idle', true],
  ['an upgrade that nobody asked for', [ask, sent, switched], 'must-close error', false],
  ['a request before the one before it is complete', [ask, ask], 'error responding', false],
  ['a response without a request', [answer], 'idle body', false],
  ['a second response', [ask, sent, answer, answered, answer, answered, answer], 'must-close error', false],
  ['data without a head', [data], 'must-close error', false],
  ['a request that cannot be read, refused', [clientError, answerOnce, answered], 'error must-close', false],
  ['a response that cannot be read', [ask, sent, serverError], 'must-close error', false],
])('%s', (_, steps, states, another) => {
  const state = new ConnectionState();
  for (const step of steps) step(state);
  expect(`${state.client} ${state.server}`).toBe(states);
  expect(state.canCarryAnother).toBe(another);
  expect(state.isSwitched).toBe(states === 'switched switched');
  expect(state.isIdle).toBe(states === 'idle idle');
});
