/** Input and output of a stage, each with a text that a play is compared by. */
import { UpstreamError, type WaylayError } from '../../src/errors.js';
import { NO_FIELDS, type RawHeaders } from '../../src/http/headers.js';
import type { ResponseHead } from '../../src/http/response-head.js';

/** Something that came out. */
export interface Said {
  readonly said: string;
}

/** The part of a response's sink that every stage has. */
export interface Taker {
  head(head: ResponseHead, trailersFollow?: boolean): void;
  data(chunk: Buffer): boolean;
  end(trailers: RawHeaders): void;
  fail(error: WaylayError): void;
  informational?(head: ResponseHead): void;
}

/** A part of a response: what goes in may come out. */
export interface Part extends Said {
  /** Puts it in; false where the stage asks to hold on. */
  readonly into: (stage: Taker) => boolean;
}

/** A response's head; `fields` are in pairs, as they are on the wire. */
export function head(status: number, fields: RawHeaders = NO_FIELDS, more: { trailersFollow?: true } = {}): Part {
  const { trailersFollow } = more;
  return {
    said: headSaid({ status, statusText: '', headers: fields }, trailersFollow),
    into: (stage) => {
      stage.head({ status, statusText: '', headers: fields }, trailersFollow);
      return true;
    },
  };
}

/** A head that is known to be all. */
export function headOnly(status: number, fields: RawHeaders = NO_FIELDS): Part {
  const whole = { status, statusText: '', headers: fields, headOnly: true };
  return {
    said: headSaid(whole),
    into: (stage) => {
      stage.head(whole);
      return true;
    },
  };
}

/** A 1xx other than 101. */
export function informational(status: number): Part {
  return {
    said: `informational ${status}`,
    into: (stage) => {
      stage.informational?.({ status, statusText: '', headers: NO_FIELDS });
      return true;
    },
  };
}

/** A chunk of a body. */
export function data(text: string): Part {
  return { said: `data ${text}`, into: (stage) => stage.data(Buffer.from(text)) };
}

/** The end, with its trailers. */
export function end(trailers: RawHeaders = NO_FIELDS): Part {
  return {
    said: ['end', ...trailers].join(' '),
    into: (stage) => {
      stage.end(trailers);
      return true;
    },
  };
}

/** The failure of the upstream. */
export function fail(
  code: 'WAYLAY_UPSTREAM_TRUNCATED' | 'WAYLAY_UPSTREAM_TIMEOUT' | 'WAYLAY_INTERNAL' = 'WAYLAY_UPSTREAM_TRUNCATED',
): Part {
  return {
    said: `fail ${code}`,
    into: (stage) => {
      stage.fail(new UpstreamError(code, 'The upstream failed.', { authority: 'shop.test' }));
      return true;
    },
  };
}

/** A failure's answer before a byte has gone out: the head, the sentence, the end. */
export function errorAnswer(status: number, code: string): readonly Said[] {
  return [{ said: `head ${status} Waylay-Error ${code}` }, { said: `data ${code}` }, end()];
}

export function headSaid({ status, headers, headOnly }: ResponseHead, trailersFollow?: boolean): string {
  const at = headers.indexOf('Waylay-Error');
  const shown = at < 0 ? headers : headers.slice(at, at + 2);
  return [
    'head',
    status,
    ...shown,
    ...(headOnly ? ['and no more'] : []),
    ...(trailersFollow ? ['+ trailers'] : []),
  ].join(' ');
}

const said = (text: string): Said => ({ said: text });

/** The client's connection is broken off. */
export const breakOff = (kind: string): Said => said(`break off: ${kind}`);
/** The client is left hanging. */
export const hang = said('hang');
/** A function of the test threw this, and the client sees its response fail. */
export const threw = (message: string): Said => said(`fail WAYLAY_HANDLER: ${message}`);
/** The request's head goes to the upstream. */
export const request = (line: string): Said => said(`request ${line}`);
/** A chunk of the request's body goes to the upstream. */
export const requestData = (text: string): Said => said(`request data ${text}`);
/** The request's body ends at the upstream. */
export const requestEnd = said('request end');
/** The upstream is asked to hold on. */
export const holdOn = said('hold on');
/** The upstream is asked for more. */
export const more = said('more');
/** The upstream hears that nobody wants its response. */
export const abort = said('abort');
/** The request is broken off towards the upstream. */
export const requestBroken = (kind: string): Said => said(`request broken: ${kind}`);
/** An upstream's connection that was claimed is given back. */
export const released = said('released');
