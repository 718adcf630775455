/** Runs Playwright as a child of a test, as if nothing ran around it, and reads its JSON report. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { JSONReport, JSONReportSuite, JSONReportTest, JSONReportTestResult } from '@playwright/test/reporter';
import { commandFile } from '../../../scripts/command.mjs';

export interface ChildOptions {
  cwd: string;
  /** Set on top of this process's environment. */
  env?: Record<string, string>;
}

/** A program that runs, and all that it has printed. */
export interface Child {
  /** Resolves with the exit code when it has ended and its output has been read. */
  readonly ended: Promise<number | null>;
  /** Resolves when the output matches; rejects where the program ends before that. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  output(): string;
  /** Ends the program as Ctrl+C does. */
  interrupt(): void;
}

const running = new Set<Child>();

/** Ends what still runs: where a test gave up waiting, its children do not go on without it. */
export async function endPlaywrights(): Promise<void> {
  for (const child of running) child.interrupt();
  await Promise.all([...running].map(({ ended }) => ended));
}

/** Starts `playwright` with the arguments. */
export function startPlaywright(args: readonly string[], { cwd, env }: ChildOptions): Child {
  // Playwright's variables for this run and its workers are not for a run inside of one.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(TEST_|PW_|PLAYWRIGHT_|CI$)/.test(name));
  const child = spawn(process.execPath, [commandFile('@playwright/test', 'playwright'), ...args], {
    cwd,
    env: { ...Object.fromEntries(inherited), FORCE_COLOR: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const started: Child = {
    ended,
    output: () => output,
    interrupt: () => child.kill('SIGINT'),
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output);
          if (match) resolve(match);
        };
        child.stdout.on('data', look);
        look();
        void ended.then((code) => reject(new Error(`playwright ${args.join(' ')} ended with ${code}:\n${output}`)));
      }),
  };
  running.add(started);
  void ended.then(() => running.delete(started));
  return started;
}

/** Runs `playwright` to its end, and gives its JSON report, which `--reporter` has to ask for. */
export async function runPlaywright(
  args: readonly string[],
  { reportFile, ...options }: ChildOptions & { reportFile: string },
): Promise<JSONReport> {
  const child = startPlaywright(args, {
    ...options,
    env: { ...options.env, PLAYWRIGHT_JSON_OUTPUT_FILE: reportFile },
  });
  const code = await child.ended;
  try {
    return JSON.parse(await readFile(reportFile, 'utf8'));
  } catch (cause) {
    throw new Error(`playwright ${args.join(' ')} ended with ${code}:\n${child.output()}`, { cause });
  }
}

/** A test of a report, with the titles of the file and the groups that it is in. */
export interface ReportedTest {
  /** `file › group › test`. */
  readonly title: string;
  readonly test: JSONReportTest;
  /** One an attempt. */
  readonly results: readonly JSONReportTestResult[];
}

/** All tests of a report. */
export function testsOf({ suites, errors }: JSONReport): ReportedTest[] {
  if (suites.length === 0) throw new Error(`no test ran: ${errors.map(({ message }) => message).join('\n')}`);
  const walk = ({ title, specs, suites = [] }: JSONReportSuite, above: readonly string[]): ReportedTest[] => {
    const path = [...above, title];
    const own = specs.flatMap((spec) =>
      spec.tests.map((test) => ({ title: [...path, spec.title].join(' › '), test, results: test.results })),
    );
    return [...own, ...suites.flatMap((suite) => walk(suite, path))];
  };
  return suites.flatMap((suite) => walk(suite, []));
}

/** The text of a result's attachment. */
export async function attached({ attachments }: JSONReportTestResult, name: string): Promise<string | undefined> {
  const found = attachments.find((each) => each.name === name);
  if (found === undefined) return undefined;
  return found.body === undefined
    ? readFile(found.path as string, 'utf8')
    : Buffer.from(found.body, 'base64').toString();
}
