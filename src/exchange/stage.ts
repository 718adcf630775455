import { PassingSink, type Source } from '../http/sink.js';

/**
 * A stage on a response's way from its source to its client: what comes from before it is handed on, changed or held; that
 * there is room again, and that nobody wants more, is handed back.
 *
 *     source ─► [holder] ─► [changer] ─► [shaper] ─► recorder ─► the client's sink
 *            ◄──────────────── resume, abort ─────────────────
 */
export abstract class Stage extends PassingSink implements Source {
  /** The source before it; set where it is put into its place. */
  source: Source = NOTHING;

  resume(): void {
    this.source.resume();
  }

  abort(): void {
    this.source.abort();
  }
}

const NOTHING: Source = { resume: () => {}, abort: () => {} };
