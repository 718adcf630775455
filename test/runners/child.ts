/** Test runs by a runner of their own, and what came of them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { commandFile } from '../../scripts/command.mjs';
import { run } from '../tools.js';

/** One test's result. */
export interface Outcome {
  readonly status: string;
  /** Its failures, one after the other. */
  readonly failure: string;
}

export interface ChildRun {
  /** By full name. */
  readonly tests: Readonly<Record<string, Outcome>>;
  /** Errors of files that could not be run. */
  readonly fileFailures: string;
  readonly output: string;
  /** With which the runner ended. */
  readonly code: number | null;
}

/** The JSON of both runners. */
interface Report {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { fullName: string; status: string; failureMessages: readonly string[] }[];
  }[];
}

/** Runs Jest or Vitest in a folder, with arguments beside those for the report. */
export async function runChild(
  runner: 'jest' | 'vitest',
  cwd: string,
  args: readonly string[],
  variables: Record<string, string> = {},
): Promise<ChildRun> {
  const folder = mkdtempSync(join(tmpdir(), 'waylay-runner-'));
  const report = join(folder, 'report.json');
  const reporting = runner === 'jest' ? ['--json'] : ['--reporter=default', '--reporter=json'];
  try {
    // The runner that runs this must not be taken for one that the child is part of.
    const env = {
      VITEST: undefined,
      JEST_WORKER_ID: undefined,
      NODE_ENV: undefined,
      NODE_OPTIONS: undefined,
      CI: '1',
      ...variables,
    };
    const { code, stdout, stderr } = await run(
      process.execPath,
      [commandFile(runner, runner), ...args, ...reporting, `--outputFile=${report}`],
      { cwd, env, timeout: 100_000 },
    );
    const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report;
    const tests = testResults.flatMap(({ assertionResults }) =>
      assertionResults.map(({ fullName, status, failureMessages }): [string, Outcome] => [
        fullName.trim(),
        { status, failure: failureMessages.join('\n') },
      ]),
    );
    return {
      tests: Object.fromEntries(tests),
      fileFailures: stripVTControlCharacters(testResults.map(({ message }) => message).join('\n')),
      output: stdout + stderr,
      code,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The names of the tests that passed, and of those that did not. */
export function sorted({ tests }: ChildRun): { passed: string[]; failed: string[] } {
  const named = (status: string) =>
    Object.entries(tests)
      .filter(([, test]) => test.status === status)
      .map(([name]) => name);
  return { passed: named('passed'), failed: named('failed') };
}
