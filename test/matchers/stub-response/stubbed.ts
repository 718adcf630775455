/** A proxy with rules over it, and timers that fire when the test says so. */

import { onTestFinished } from 'vitest';
import { Rules } from '../../../matchers/rules.js';
import type { RulesOptions } from '../../../matchers/rules-options.js';
import type { Journal } from '../../../src/journal/journal.js';
import type { ProxyOptions } from '../../../src/options.js';
import { startProxy } from '../../../src/proxy.js';
import { systemClock } from '../../../src/runtime/clock.js';
import { publicAuthority } from '../../servers.js';
import { FakeTimer } from '../wire.js';

/** The proxy, as clients need it, and what is said to it. */
export interface Stubbed {
  readonly rules: Rules;
  /** The rules' own. */
  readonly timer: FakeTimer;
  /** The proxy's. */
  readonly coreTimer: FakeTimer;
  readonly journal: Journal;
  readonly port: number;
  readonly ca: { readonly pem: string };
  stop(): Promise<void>;
}

export async function stubbed(
  options: Omit<RulesOptions, 'journal'> = {},
  proxyOptions: ProxyOptions = {},
): Promise<Stubbed> {
  const timer = new FakeTimer();
  const coreTimer = new FakeTimer();
  let rules: Rules | undefined;
  const proxy = await startProxy(
    { trustedRoots: publicAuthority.pem, ...proxyOptions },
    {
      clock: { now: systemClock.now, startTimer: coreTimer.start },
      interceptor: (journal) => {
        rules = new Rules({ startTimer: timer.start, ...options, journal });
        return rules.interceptor;
      },
    },
  );
  onTestFinished(() => proxy.stop());
  return {
    rules: rules as Rules,
    timer,
    coreTimer,
    journal: proxy.journal,
    port: proxy.port,
    ca: { pem: proxy.caPem },
    stop: () => proxy.stop(),
  };
}

/** Resolves when the condition holds: what it waits for is an event of a socket, so each turn looks again. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
