/** Makes an archive fit into the page: what is cut first, and what last. */
import type { Har } from '../src/journal/har/har-format.js';
import { type FittableBody, fittableBody } from './body.js';
import { fairLimit } from './cut.js';
import { type EntryLimits, startOf, viewEntry } from './entries.js';
import { scriptBytes } from './escape.js';
import { type FittableMessages, fittableMessages } from './frames.js';
import type { AnyEntry } from './har-entry.js';
import type { ViewBody, ViewEntry } from './view.js';

/** The limits, from what is usual to what is left of exchanges where there are tens of thousands. */
const LIMITS: readonly EntryLimits[] = [
  { urlLength: 4000, valueLength: 4000, bodies: true },
  { urlLength: 1000, valueLength: 160, bodies: true },
  { urlLength: 250, valueLength: 0, bodies: false },
];

/** The size of what is not the body itself: its type, its notes. */
const AROUND_A_BODY = 600;

/** Rows that fit, and how many did not. */
export interface Fitted {
  readonly entries: readonly ViewEntry[];
  readonly omitted: number;
  /** The time when the first exchange began, in milliseconds since the Unix epoch; NaN where there is none. */
  readonly origin: number;
}

/** The archive's exchanges in no more than so many bytes of the page. Bodies get what everything else leaves. */
export function fitInto(har: Har, budget: number): Fitted {
  const all: readonly AnyEntry[] = har.log.entries;
  const origin = all.reduce(
    (first, entry) => (startOf(entry) < first ? startOf(entry) : first),
    startOf(all[0] ?? NONE),
  );
  const { entries, used, bodies } = rows(all, origin, budget);
  const parts = bodies ? all.map((entry) => fittablePartsOf(entry, origin)) : [];
  const each = parts.flatMap((one) =>
    Object.values<FittableBody | FittableMessages | undefined>({ ...one }).filter((part) => part !== undefined),
  );
  const limit = fairLimit(
    each.map(({ size }) => size),
    budget - used,
  );
  return {
    entries: entries.map((entry, at) => fitted(entry, parts[at], limit)),
    omitted: all.length - entries.length,
    origin,
  };
}

const NONE = { startedDateTime: '' } as AnyEntry;

interface Rows {
  readonly entries: ViewEntry[];
  readonly used: number;
  readonly bodies: boolean;
}

/** The rows with as much of every exchange as leaves room for all; where even little is too much, the first ones. */
function rows(all: readonly AnyEntry[], origin: number, budget: number): Rows {
  let entries: ViewEntry[] = [];
  let used = 0;
  let bodies = true;
  for (const limits of LIMITS) {
    const share = limits.bodies ? budget * 0.8 : budget;
    bodies = limits.bodies;
    entries = [];
    used = 0;
    for (const [at, entry] of all.entries()) {
      const row = viewEntry(entry, at, origin, limits);
      const size = scriptBytes(row) + (bodies ? bodiesOf(entry) * AROUND_A_BODY : 0) + 1;
      if (used + size > share) break;
      used += size;
      entries.push(row);
    }
    if (entries.length === all.length) break;
  }
  return { entries, used, bodies };
}

function bodiesOf(entry: AnyEntry): number {
  const { request, response, _webSocketMessages: messages } = entry;
  const { _forwardedRequest: forwarded, _originalResponse: original } = entry;
  const present = [
    request.postData,
    response.status > 0 && response.content.size > 0,
    forwarded?.postData,
    original && !original._sameBody && original.content.size > 0,
    messages,
  ];
  return present.filter(Boolean).length;
}

interface FittableParts {
  readonly request?: FittableBody | undefined;
  readonly response?: FittableBody | undefined;
  readonly forwarded?: FittableBody | undefined;
  readonly original?: FittableBody | undefined;
  readonly messages?: FittableMessages | undefined;
}

function fittablePartsOf(entry: AnyEntry, origin: number): FittableParts {
  const { request, response, _webSocketMessages: messages } = entry;
  const { _forwardedRequest: forwarded, _originalResponse: original } = entry;
  return {
    request: request.postData && fittableBody(request.postData, request.bodySize),
    response: response.status > 0 ? fittableBody(response.content, response.content.size) : undefined,
    forwarded: forwarded?.postData && fittableBody(forwarded.postData, forwarded.bodySize),
    original: original && !original._sameBody ? fittableBody(original.content, original.content.size) : undefined,
    messages: messages && messages.length > 0 ? fittableMessages(messages, origin) : undefined,
  };
}

function fitted(entry: ViewEntry, parts: FittableParts = {}, limit: number): ViewEntry {
  const body = (part: FittableBody | undefined): { body?: ViewBody | undefined } =>
    part === undefined ? {} : { body: part.fit(limit) };
  return {
    ...entry,
    request: { ...entry.request, ...body(parts.request) },
    response: entry.response && { ...entry.response, ...body(parts.response) },
    forwarded: entry.forwarded && { ...entry.forwarded, ...body(parts.forwarded) },
    original: entry.original && { ...entry.original, ...body(parts.original) },
    messages: parts.messages?.fit(limit),
  };
}
