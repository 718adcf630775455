/** The acts of a test's rules on an exchange. Only those that some rule or expectation concerns have one. */
import type { CapturedBody } from '../http/captured-body.js';

/** A stub or a mutation that took part in an exchange. */
export interface ExchangeRule {
  /** The kind of the rule. */
  readonly kind: 'stub' | 'mutation';
  /** The pattern on one line, as the test wrote it; what is secret in it is masked. */
  readonly pattern: string;
  /**
   * The place where the test wrote it: `test/checkout.spec.ts:12`, relative to the working directory where it is inside;
   * undefined where that is not known.
   */
  readonly place: string | undefined;
}

/** A rule or expectation that takes part in exchanges and can say what it is; asked when somebody wants to know. */
export interface Participant {
  readonly described: ExchangeRule;
}

/** A message that is kept beside those of the exchange. */
interface Recorded {
  readonly captured: CapturedBody;
}

/** The rules that took part in one exchange, and its messages on the other side of their changes. */
export class Intervention<Request extends Recorded, Response extends Recorded> {
  readonly #participants: Participant[] = [];
  /** See `Exchange.forwardedRequest`. */
  forwarded: Request | undefined;
  /** See `Exchange.originalResponse`. */
  original: Response | undefined;
  /** The body of {@link original}, where the client gets the same one. */
  untouchedBody: CapturedBody | undefined;
  /** An expectation is met by it, or would not be without it. */
  expected = false;

  add(participant: Participant): void {
    if (!this.#participants.includes(participant)) this.#participants.push(participant);
  }

  /** The rule that answered first, then those that changed something. */
  get rules(): readonly ExchangeRule[] {
    const rules = this.#participants.map(({ described }) => described);
    const stubs = rules.filter(({ kind }) => kind === 'stub');
    return stubs.length === 0 ? rules : [...stubs, ...rules.filter(({ kind }) => kind !== 'stub')];
  }

  /** Bodies that are kept beside those of the exchange. */
  bodiesBeside(request: Recorded): readonly CapturedBody[] {
    const { forwarded, original } = this;
    return [
      ...(forwarded === undefined || forwarded.captured === request.captured ? [] : [forwarded.captured]),
      ...(original === undefined || original.captured === this.untouchedBody ? [] : [original.captured]),
    ];
  }
}
