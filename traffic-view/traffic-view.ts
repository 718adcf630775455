/** The traffic of one test as a page that people read. */
import type { Har } from '../src/journal/har/har-format.js';
import { cutText } from './cut.js';
import { fitInto } from './fit.js';
import { pageHtml } from './page.js';

/** The page takes no more bytes than this, whatever there is to show: 10 MB. */
export const MOST_BYTES = 10_000_000;

/** The contents of the page. */
export interface TrafficViewInput {
  /** The test's. */
  readonly title: string;
  /** Masked already: all of it may be shown. Fields with an underscore are optional. */
  readonly har: Har;
  /** Reports of failed expectations with their near misses, several lines each; they stand on top. Default none. */
  readonly problems?: readonly string[];
  /** One line each. Default none. */
  readonly warnings?: readonly string[];
  /** Lines about what was left open when the test ended. Default none. */
  readonly leaks?: readonly string[];
}

/**
 * One HTML document that shows the exchanges of a test as a waterfall, with their details. It loads nothing and sends
 * nothing, so it opens from a file as well as from a report, offline. It takes at most {@link MOST_BYTES}: long bodies
 * are cut, and it says so where they are. Nothing in the data becomes markup. Never throws on what an archive has.
 *
 * @example
 * writeFileSync('traffic.html', trafficView({ title: 'pays', har: waylay.har() }));
 */
export function trafficView({ title, har, problems = [], warnings = [], leaks = [] }: TrafficViewInput): string {
  const notices = { problems, warnings, leaks, ids: new Set(har.log.entries.map(({ _id }, at) => _id ?? at + 1)) };
  const view = { title: cutText(title, 500), started: '', entries: [] };
  const frame = pageHtml(view, { ...notices, omitted: har.log.entries.length });
  const { entries, omitted, origin } = fitInto(har, MOST_BYTES - Buffer.byteLength(frame) - 1000);
  const started = Number.isNaN(origin) ? '' : new Date(origin).toISOString();
  return pageHtml({ ...view, started, entries }, { ...notices, omitted });
}
