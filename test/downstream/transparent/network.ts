/**
 * A network of a test file's own. The test's process becomes its router: it moves into a network namespace that nobody
 * else is in, and that is gone with it. The client is another namespace behind a veth, which lives as long as a child
 * that ends with its standard input, however this process ends. Nothing has a name, so nothing can be left behind.
 *
 *     client 10.77.0.2, fd77::2  ---  10.77.0.1, fd77::1 router, with Waylay;  servers on its loopback
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import koffi from 'koffi';
import { type RunOptions, type RunResult, run, tool } from '../../tools.js';

/** Where the router is for the client. */
export const ROUTER = '10.77.0.1';
/** Addresses that servers may listen on: those of the router's loopback interface. */
export const SERVERS = ['203.0.113.10', '203.0.113.20', '2001:db8::10'] as const;
/** Addresses that the client has a way to, and where nobody is. */
export const NOWHERE = ['198.51.100.99', '2001:db8:99::1'] as const;

const CLONE_NEWNET = 0x40000000; // sched.h
const NEEDED = ['ip', 'nft', 'nsenter', 'unshare', 'curl'];

/** The reason why this machine has no such network; undefined where it can. */
export async function whyNoNetwork(): Promise<string | undefined> {
  if (process.platform !== 'linux') return `network namespaces are Linux', and this is ${process.platform}`;
  const missing = NEEDED.filter((name) => !tool(name));
  if (missing.length > 0) return `needs ${missing.join(', ')}, which is not on PATH`;
  const { code, stderr } = await run('unshare', ['--net', 'true']);
  return code === 0 ? undefined : `the kernel allows no network namespace: ${stderr.trim()}`;
}

/** The network, as the router sees it. */
export class Network {
  readonly #client: number;

  private constructor(client: number) {
    this.#client = client;
  }

  /** Moves this process into the router's namespace, for the rest of its life. */
  static async enter(): Promise<Network> {
    const unshare = koffi.load(null).func('int unshare(int flags)');
    // Moves this thread alone: it is the one that opens Node's sockets and starts its children.
    if (unshare(CLONE_NEWNET) !== 0) throw new Error(`unshare: errno ${koffi.errno()}`);
    const holder = spawn('unshare', ['--net', 'sh', '-c', 'echo ready; exec cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    // It is no reason for this process to stay.
    holder.unref();
    holder.stdout.destroy();
    (holder.stdin as Socket).unref();
    const network = new Network(holder.pid ?? 0);
    await network.#setUp();
    return network;
  }

  async #setUp(): Promise<void> {
    const pid = String(this.#client);
    await must(
      'ip',
      ['-batch', '-'],
      [
        'link set lo up',
        ...SERVERS.map((address) => `addr add ${address} dev lo`),
        `link add clients type veth peer name eth0 netns ${pid}`,
        `addr add ${ROUTER}/24 dev clients`,
        'addr add fd77::1/64 dev clients nodad',
        // An address that the link made for itself would be announced a second later, on which browsers end their connections.
        'link set clients addrgenmode none up',
      ],
    );
    await must(
      'nsenter',
      ['--net', '--target', pid, 'ip', '-batch', '-'],
      [
        'link set lo up',
        'addr add 10.77.0.2/24 dev eth0',
        'addr add fd77::2/64 dev eth0 nodad',
        'link set eth0 addrgenmode none up',
        `route add default via ${ROUTER}`,
        'route add default via fd77::1',
      ],
    );
  }

  /** Has the router redirect what comes from the client: all of TCP, or what the expression says. */
  async redirect(port: number, what = ''): Promise<void> {
    await this.nft(`
      table inet waylay {
        chain prerouting {
          type nat hook prerouting priority dstnat
          iifname "clients" ${what} meta l4proto tcp redirect to :${port}
        }
      }`);
  }

  /** Loads rules in the router's namespace, in place of those before. */
  async nft(rules: string): Promise<void> {
    await must('nft', ['-f', '-'], ['flush ruleset', rules]);
  }

  /** Runs a program in the client's namespace. */
  client(command: string, args: readonly string[], options?: RunOptions): Promise<RunResult> {
    const [enter = '', ...rest] = this.clientCommand(command, args);
    return run(enter, rest, options);
  }

  /** Runs a program there. */
  clientCommand(command: string, args: readonly string[]): string[] {
    return ['nsenter', '--net', '--target', String(this.#client), '--', command, ...args];
  }

  /** Runs a program in the router's namespace, which is this process's. */
  router(command: string, args: readonly string[]): Promise<RunResult> {
    return run(command, args, { env: NO_PROXY });
  }

  /** Runs curl in the client's namespace, with nothing set but what `args` say. */
  async curl(...args: string[]): Promise<RunResult> {
    return this.client('curl', ['-q', '--silent', '--show-error', '--max-time', '20', ...args], { env: NO_PROXY });
  }
}

const NO_PROXY = Object.fromEntries(
  ['http_proxy', 'https_proxy', 'all_proxy', 'CURL_CA_BUNDLE', 'SSL_CERT_FILE'].flatMap((name) => [
    [name, undefined],
    [name.toUpperCase(), undefined],
  ]),
);

async function must(command: string, args: string[], lines: string[]): Promise<void> {
  const { code, stderr } = await run(command, args, { input: `${lines.join('\n')}\n` });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}
