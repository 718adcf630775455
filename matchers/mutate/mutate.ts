import type { Exchange } from '../../src/exchange/exchange.js';
import { Rule, type RuleHandle } from '../rule.js';
import type { Change } from './change.js';

/** A registered mutation. */
export type MutationHandle = RuleHandle;

/** Changes the exchanges whose requests its pattern selects. */
export class Mutation extends Rule {
  readonly change: Change;

  constructor(init: ConstructorParameters<typeof Rule>[0] & { change: Change }) {
    super(init);
    this.change = init.change;
  }

  /** Counts the exchange. */
  take(exchange: Exchange): void {
    this.record(exchange);
  }
}
