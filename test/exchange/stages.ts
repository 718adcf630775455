import { type ChangedResponse, ResponseChanger } from '../../src/exchange/response-changer.js';
import { ShapedResponse, type ShapedTarget } from '../../src/exchange/shaped-response.js';
import { NO_FIELDS } from '../../src/http/headers.js';
import type { ResponseHead } from '../../src/http/response-head.js';
import type { ResponseChange, Shape } from '../../src/interceptor.js';
import { Request, Response } from '../../src/journal/message.js';
import { ManualClock } from '../manual-clock.js';
import { ClientDouble } from './client-double.js';
import type { Part, Taker } from './said.js';

/** What a stage of a response stands between, with a clock that stands still. */
abstract class StageOfResponse {
  readonly log: string[] = [];
  readonly clock = new ManualClock();
  readonly client = new ClientDouble(this.log);
  abstract readonly taker: Taker & { resume(): void; stop(): void };

  protected get target(): ShapedTarget {
    const { client, log } = this;
    return {
      head: (...head) => client.head(...head),
      data: (chunk) => client.data(chunk),
      end: (trailers) => client.end(trailers),
      fail: (error) => client.fail(error),
      broken: ({ kind }) => log.push(`broken: ${kind}`),
      failed: (cause) => log.push(`failed: ${(cause as Error).message}`),
      more: () => log.push('more'),
    };
  }

  advance(milliseconds: number): void {
    this.clock.advance(milliseconds);
  }

  room(has: boolean): void {
    this.client.source = this.taker;
    this.client.room = has;
  }
}

/** A changer between an upstream and a client. */
export class ChangerStage extends StageOfResponse {
  readonly taker: ResponseChanger & Taker;

  constructor(part: Part, change: ResponseChange | Promise<ResponseChange | undefined>, method: string) {
    super();
    const { head, trailersFollow } = headOf(part);
    const request = new Request(method, 'https://shop.test/', [], '1.1', 1024);
    const original = new Response(request, head.status, '', head.headers, '1.1', 1024);
    const client: ChangedResponse = {
      ...this.target,
      changed: () => original,
    };
    const changer = new ResponseChanger({ head, trailersFollow, request }, this.clock, client);
    // Its own head is given to it when it is made.
    this.taker = Object.assign(changer, { head: () => {} });
    changer.start(change);
  }
}

/** A shaper before a client. */
export class ShaperStage extends StageOfResponse {
  readonly taker: ShapedResponse;

  constructor(shape: Shape) {
    super();
    this.taker = new ShapedResponse(shape, this.clock, this.target);
  }
}

function headOf(part: Part): { head: ResponseHead; trailersFollow: boolean } {
  let result = { head: { status: 0, statusText: '', headers: NO_FIELDS } as ResponseHead, trailersFollow: false };
  part.into({
    head: (head, trailersFollow = false) => {
      result = { head, trailersFollow };
    },
    data: () => true,
    end: () => {},
    fail: () => {},
  });
  return result;
}
