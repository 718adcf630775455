import type { Waylay } from '../../fixtures/standalone.js';
import { type RunResult, run } from '../tools.js';
import { bareEnvironment } from './proxy.js';

export interface CurlResult extends RunResult {
  readonly body: string;
  /** The status of the last response; 0 where there was none. */
  readonly status: number;
  /** `1.1` or `2`; `0` where there was no response. */
  readonly httpVersion: string;
  /** The proxy's answer to CONNECT; 0 where there was none. */
  readonly connectStatus: number;
}

/** Runs curl through the proxy, with nothing set but the address and what `args` say. */
export async function curl({ url }: Pick<Waylay, 'url'>, ...args: string[]): Promise<CurlResult> {
  const result = await run(
    'curl',
    [
      ...['-q', '--silent', '--show-error', '--proxy', url, '--noproxy', ''],
      ...['--write-out', '\n%{http_code} %{http_version} %{http_connect}', ...args],
    ],
    { env: bareEnvironment },
  );
  const end = result.stdout.lastIndexOf('\n');
  const [status = '', httpVersion = '', connectStatus = ''] = result.stdout.slice(end + 1).split(' ');
  return {
    ...result,
    body: result.stdout.slice(0, end),
    status: Number(status),
    httpVersion,
    connectStatus: Number(connectStatus),
  };
}
