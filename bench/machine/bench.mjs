// @ts-check
/** The upstreams, contestants and load of scenarios, each a process. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/command.mjs';
import { selfSigned } from '../upstream/certificate.mjs';
import { nginxConfiguration } from '../upstream/nginx.mjs';
import { hasMitmproxy, hasNginx } from './peers.mjs';
import { CORES, processorTime, Started } from './processes.mjs';

/** @typedef {import('../contestants/contestant.mjs').Job} Job */
/** @typedef {import('../load.mjs').LoadConfig} LoadConfig */
/** @typedef {{ https: number, http: number }} Ports */
/** @typedef {{ requests: number, seconds: number, p50?: number, p99?: number, cpu: number }} Loaded `cpu`: µs a request */

/** A proxy that is running; without a process, the client goes to the upstream itself. */
export class Contestant {
  /**
   * @param {string} name
   * @param {Started} [process]
   * @param {number} [port]
   * @param {number} [pid]
   */
  constructor(name, process, port, pid) {
    this.name = name;
    this.process = process;
    this.port = port;
    this.pid = pid ?? process?.pid ?? 0;
  }

  stop() {
    return this.process?.stop();
  }
}

export class Bench {
  #folder = mkdtempSync(join(tmpdir(), 'waylay-bench-'));
  /** @type {Set<{ stop(): unknown, kill(): unknown }>} */
  #running = new Set();
  #count = 0;

  /**
   * @param {object} settings
   * @param {number} settings.rounds
   * @param {number} settings.seconds
   * @param {readonly string[] | undefined} [settings.only] contestants
   * @param {string | undefined} [settings.against] the folder of another Waylay that has been built, called `before`
   */
  constructor(settings) {
    this.rounds = settings.rounds;
    this.seconds = settings.seconds;
    this.only = settings.only;
    this.against = settings.against;
  }

  async open() {
    this.identity = selfSigned();
    const started = new Started(CORES.rest, process.execPath, [
      join(root, 'bench/upstream/node.mjs'),
      JSON.stringify({ key: this.identity.key, cert: this.identity.cert }),
    ]);
    this.#running.add(started);
    /** Reads uploads to their end and streams as much as it is asked for. @type {Ports} */
    this.node = await started.told();
    /** Answers fixed bodies at the least cost. @type {Ports} */
    this.upstream = hasNginx ? await this.#nginx(this.identity) : this.node;
  }

  /** @param {import('../upstream/certificate.mjs').Identity} identity */
  async #nginx(identity) {
    const ports = { https: await freePort(), http: await freePort() };
    mkdirSync(this.folder('nginx'));
    const path = nginxConfiguration(this.folder('nginx'), identity, ports);
    const nginx = new Started(CORES.rest, 'nginx', ['-c', path, '-p', this.folder('nginx')]);
    this.#running.add({
      // It does not look at its input.
      kill: () => nginx.child.kill(),
      stop() {
        nginx.child.kill();
        return nginx.ended;
      },
    });
    await accepting(ports.http);
    return ports;
  }

  /** @param {string} name */
  folder(name) {
    return join(this.#folder, name);
  }

  /** @param {string} name */
  takesPart(name) {
    if (name === 'mitmproxy' && !hasMitmproxy) return false;
    if (name === 'before') return this.against !== undefined;
    return this.only === undefined || this.only.includes(name) || name === 'waylay';
  }

  /**
   * Starts a contestant; undefined where it does not take part.
   *
   * @param {string} name
   * @param {Job} [job]
   * @param {Ports} [upstream]
   * @returns {Promise<Contestant | undefined>}
   */
  async contestant(name, job = { kind: 'forward' }, upstream = this.ports) {
    if (!this.takesPart(name)) return undefined;
    if (name === 'direct') return new Contestant(name);
    const folder = mkdtempSync(join(this.#folder, `${name}-`));
    const file = join(root, 'bench/contestants', `${name === 'before' ? 'waylay' : name}.mjs`);
    const project = name === 'before' ? this.against : root;
    const config = { job, folder, project, upstream: { ...upstream, ca: this.identity?.ca } };
    const started = new Started(CORES.proxy, process.execPath, [
      ...this.nodeOptions(name),
      file,
      JSON.stringify(config),
    ]);
    this.#running.add(started);
    started.ended.then(() => this.#running.delete(started));
    const { port, pid } = await started.told();
    return new Contestant(name, started, port, pid);
  }

  /**
   * A profile is written where the environment asks for it.
   *
   * @param {string} name
   */
  nodeOptions(name) {
    const folder = process.env.BENCH_PROFILE;
    if (folder === undefined) return [];
    this.#count += 1;
    return [
      '--cpu-prof',
      `--cpu-prof-dir=${folder}`,
      `--cpu-prof-name=${name}-${process.pid}-${this.#count}.cpuprofile`,
    ];
  }

  /** @returns {Ports} */
  get ports() {
    if (this.upstream === undefined) throw new Error('The bench is not open.');
    return this.upstream;
  }

  /**
   * Loads a contestant, and says what that cost it.
   *
   * @param {Contestant} contestant
   * @param {Omit<LoadConfig, 'proxy' | 'target'> & { host?: string }} load
   * @param {Ports} [upstream]
   * @returns {Promise<Loaded>}
   */
  async load(contestant, load, upstream = this.ports) {
    const target = { host: load.host ?? 'localhost', port: load.tls === false ? upstream.http : upstream.https };
    const config = { ...load, target, ...(contestant.port !== undefined && { proxy: contestant.port }) };
    if (config.requests === undefined) config.seconds ??= this.seconds;
    const client = new Started(CORES.rest, process.execPath, [join(root, 'bench/load.mjs'), JSON.stringify(config)]);
    this.#running.add(client);
    try {
      await client.told();
      const before = contestant.pid === 0 ? Number.NaN : processorTime(contestant.pid);
      client.tell('go');
      const result = await client.told(300);
      const after = contestant.pid === 0 ? Number.NaN : processorTime(contestant.pid);
      return { ...result, cpu: (after - before) / result.requests };
    } finally {
      await client.stop();
      this.#running.delete(client);
    }
  }

  /** Ends without a wait. */
  abandon() {
    for (const running of this.#running) running.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async close() {
    for (const running of this.#running) await running.stop();
    this.#running.clear();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** @returns {Promise<number>} */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

/** @param {number} port */
async function accepting(port) {
  const { dial } = await import('../load/sockets.mjs');
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      (await dial({ host: '127.0.0.1', port })).destroy();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`Nothing listens on port ${port}.`);
}
