import type { ResponseSink, Source } from '../http/sink.js';
import type { ResponseChange } from '../interceptor.js';
import type { Exchange } from '../journal/exchange.js';
import { Changer } from './changer.js';
import type { StageContext } from './context.js';
import { Shaper } from './shaper.js';
import type { Stage } from './stage.js';

/** Puts the stages of a change between a source and what takes it now: `first` takes it instead, `last` hears of room. */
export function changeStages(
  context: StageContext,
  exchange: Exchange,
  change: ResponseChange,
  { source, next }: { source: Source; next: ResponseSink },
): { first: Stage; last: Stage } {
  const { shape } = change;
  const shaper = shape && new Shaper(shape, context.clock, next);
  const changer = new Changer(context, exchange, change, shaper ?? next);
  changer.source = source;
  if (shaper === undefined) return { first: changer, last: changer };
  shaper.source = changer;
  return { first: changer, last: shaper };
}
