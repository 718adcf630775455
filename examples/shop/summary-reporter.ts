import { join, relative } from 'node:path';
import type { FullConfig, Reporter, TestCase, TestResult } from '@playwright/test/reporter';

/** Summary of one exchange; fixtures.ts attaches a list of these to each test. */
export interface Traffic {
  readonly host: string;
  /** `HTTP/2`, `HTTP/1.1` or `WebSocket`. */
  readonly protocol: string;
  /** Who answered: `upstream`, `stub`, `refused`, or `failed` where nobody did. */
  readonly source: string;
  readonly mutated: boolean;
  /** The code of the error, if there was one. */
  readonly error: string | undefined;
}

/** Prints what Waylay saw in all tests together, as `npm run demo` ends with. */
export default class SummaryReporter implements Reporter {
  readonly #htmlReport: string;
  readonly #traffic: Traffic[] = [];
  #tests = 0;
  #folder = '.';

  constructor(options: { htmlReport: string }) {
    this.#htmlReport = options.htmlReport;
  }

  onBegin(config: FullConfig): void {
    if (config.configFile !== undefined) this.#folder = join(config.configFile, '..');
  }

  onTestEnd(_test: TestCase, result: TestResult): void {
    const attachment = result.attachments.find(({ name }) => name === 'traffic');
    if (attachment?.body === undefined) return;
    this.#tests += 1;
    this.#traffic.push(...(JSON.parse(attachment.body.toString()) as Traffic[]));
  }

  onEnd(): void {
    const mutated = this.#traffic.filter((exchange) => exchange.mutated).length;
    console.log(`
Waylay intercepted ${this.#traffic.length} requests in ${this.#tests} tests
  answers      ${this.#count((exchange) => exchange.source)} (${mutated} of them mutated)
  protocols    ${this.#count((exchange) => exchange.protocol)}
  hosts        ${this.#count((exchange) => exchange.host)}
  errors       ${this.#count((exchange) => exchange.error) || 'none'}

HTML report: ${relative('.', join(this.#folder, this.#htmlReport, 'index.html'))}`);
  }

  /** `118 upstream, 9 stub`: how often each value occurs, the most frequent first. */
  #count(value: (exchange: Traffic) => string | undefined): string {
    const counts = new Map<string, number>();
    for (const exchange of this.#traffic) {
      const key = value(exchange);
      if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return [...counts]
      .sort(([, a], [, b]) => b - a)
      .map(([key, count]) => `${count} ${key}`)
      .join(', ');
  }
}
