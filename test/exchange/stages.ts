import { changeStages } from '../../src/exchange/change-stages.js';
import { Holder } from '../../src/exchange/holder.js';
import { Shaper } from '../../src/exchange/shaper.js';
import type { Stage } from '../../src/exchange/stage.js';
import type { ResponseChange, Shape } from '../../src/interceptor.js';
import { Exchange } from '../../src/journal/exchange.js';
import { Request } from '../../src/journal/message.js';
import { ManualClock } from '../manual-clock.js';
import { ClientDouble } from './client-double.js';
import type { Part, Taker } from './said.js';

/** Neighbours of a stage of a response, with a clock that stands still. */
abstract class StageOfResponse {
  readonly log: string[] = [];
  readonly clock = new ManualClock();
  readonly client = new ClientDouble(this.log);
  abstract readonly taker: Taker;

  protected readonly source = { resume: () => this.log.push('more'), abort: () => this.log.push('abort') };

  /** Puts a stage between the source and the client. */
  protected put<S extends Stage>(stage: S): S {
    stage.source = this.source;
    this.client.source = stage;
    return stage;
  }

  advance(milliseconds: number): void {
    this.clock.advance(milliseconds);
  }

  room(has: boolean): void {
    this.client.room = has;
  }
}

/** The stages of a change between an upstream and a client; where the change comes later, a holder in their place until then. */
export class ChangerStage extends StageOfResponse {
  taker: Stage;

  constructor(part: Part, change: ResponseChange | Promise<ResponseChange | undefined>, method: string) {
    super();
    const exchange = new Exchange({
      id: 1,
      request: new Request(method, 'https://shop.test/', [], '1.1', 1024),
      client: { address: '192.0.2.2', port: 40_000, tls: undefined },
      destination: { host: 'shop.test', port: 443, source: 'connect' },
      websocket: false,
      start: 0,
    });
    const options = { captureLimit: 1024, upstreamErrors: 'mirror' } as const;
    const context = { options, clock: this.clock };
    const changer = (decided: ResponseChange): Stage => {
      const place = { source: this.source, next: this.client };
      const { first, last } = changeStages(context, exchange, decided, place);
      this.client.source = last;
      return first;
    };
    if (!(change instanceof Promise)) this.taker = changer(change);
    else {
      const holder = this.put(new Holder(this.client));
      this.taker = holder;
      void change.then((decided) => {
        if (decided !== undefined) this.taker = changer(decided);
        holder.release(decided === undefined ? this.client : this.taker);
      });
    }
    part.into(this.taker);
  }
}

/** A shaper before a client. */
export class ShaperStage extends StageOfResponse {
  readonly taker: Shaper;

  constructor(shape: Shape) {
    super();
    this.taker = this.put(new Shaper(shape, this.clock, this.client));
  }
}
