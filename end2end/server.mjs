// Starts the server under test: a free port, a temporary data folder, demo data. Without a PostgreSQL for tests
// (`database.mjs`) or DATABASE_URL it brings its own, which is private.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Database, psql, SECRET_KEY } from './database.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const STARTS_WITHIN = 60_000;
const STOPS_WITHIN = 30_000;

/** The limits as they are shipped, for `Server.start`, which lifts them otherwise: tests do in a minute what people do in days. */
export const SHIPPED_LIMITS = { EVENTIFY_RATE_PER_MINUTE: undefined, EVENTIFY_LOGIN_FAILURES: undefined };

/** Logs and screenshots end up here. */
export const ARTIFACTS = path.join(HERE, 'artifacts');

/** Asks `probe` again and again until it answers something truthy; `what` says in the error what never came. */
export async function until(what, probe, within = 15_000) {
  const end = Date.now() + within;
  let last;
  for (;;) {
    try {
      const answer = await probe();
      if (answer) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`after ${within} ms still not: ${what} (last: ${last?.message ?? last})`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The path of a file of the site, without its contents' hash. */
export const withoutHash = (address) => new URL(address).pathname.replace(/\.[0-9a-f]{16}\./, '.');

// A signal ends this process without its `exit` handlers, unless somebody asks for them.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

/** A running server; `stop()` ends it as systemd would. */
export class Server {
  #child;
  #data;
  #database;
  #env;
  #exit;

  /** Every page of the Command Center, as the program itself lists them. */
  static pages() {
    return JSON.parse(execFileSync(path.resolve(process.env.EVENTIFY_BIN), ['pages'], { encoding: 'utf8' }));
  }

  /** `name` tells the log's name; `env` overrides settings. */
  static async start(name, env = {}) {
    const server = new Server();
    await server.#start(name, env);
    return server;
  }

  async #start(name, env) {
    const { EVENTIFY_BIN: bin, LEPTOS_SITE_ROOT: site } = process.env;
    for (const needed of [bin, site]) {
      if (!needed || !existsSync(needed)) throw new Error('run bin/test browser, or set EVENTIFY_BIN and LEPTOS_SITE_ROOT');
    }
    this.#data = await mkdtemp(path.join(tmpdir(), 'eventify-e2e-'));
    await chmod(this.#data, 0o755); // PostgreSQL's user must reach its folder in it
    this.#database = await Database.copy(this.#data);
    this.url = `http://127.0.0.1:${await freePort()}`;
    mkdirSync(ARTIFACTS, { recursive: true });
    this.log = path.join(ARTIFACTS, `server-${name}.log`);
    await this.#run(env, 'w');
  }

  /** The program itself, at its address and with its data. */
  async #run(env, flags) {
    const { EVENTIFY_BIN: bin, LEPTOS_SITE_ROOT: site } = process.env;
    this.#env = env;
    const listen = new URL(this.url).host;
    const log = openSync(this.log, flags);
    this.#child = spawn(path.resolve(bin), ['serve', '--demo'], {
      cwd: this.#data,
      stdio: ['ignore', log, log],
      env: {
        ...process.env,
        LEPTOS_SITE_ROOT: path.resolve(site),
        EVENTIFY_LISTEN: listen,
        EVENTIFY_DATA: this.#data,
        EVENTIFY_SECRET_KEY: SECRET_KEY,
        ...(this.#database && { DATABASE_URL: this.#database.address }),
        EVENTIFY_DEV_MAILBOX: 'true',
        EVENTIFY_RATE_PER_MINUTE: '100000',
        EVENTIFY_LOGIN_FAILURES: '1000',
        EVENTIFY_DRAIN_SECONDS: '0',
        ...env,
      },
    });
    closeSync(log);
    this.#exit = once(this.#child, 'exit');
    // However this process ends, the server does not outlive it.
    process.once('exit', this.#kill);
    await until('the server is ready', () => {
      if (this.#child.exitCode !== null) {
        throw new Error(`the server left with ${this.#child.exitCode}:\n${this.tail()}`);
      }
      return fetch(`${this.url}/readyz`).then((answer) => answer.ok);
    }, STARTS_WITHIN).catch((error) => {
      this.#kill();
      throw new Error(`${error.message}\n${this.tail()}`);
    });
  }

  #kill = () => void this.#child.kill('SIGKILL');

  /** The last lines of its log. */
  tail(lines = 15) {
    return readFileSync(this.log, 'utf8').trim().split('\n').slice(-lines).join('\n');
  }

  /** What it logged as an error, and panics. */
  faults() {
    const lines = readFileSync(this.log, 'utf8').split('\n');
    return lines.filter((line) => line.includes('"level":"ERROR"') || line.includes('panicked at'));
  }

  /** Where a file of the site is (`/pkg/live.js`): its address holds its contents' hash. */
  async file(name) {
    const { files } = await (await fetch(`${this.url}/names.json`)).json();
    return files[name];
  }

  /** Changes its database, as its owner. */
  sql(text) {
    psql(this.#database?.address ?? this.#privateAddress(), text);
  }

  #privateAddress() {
    const [, , , , socket] = readFileSync(path.join(this.#data, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n');
    return `postgres://postgres@${encodeURIComponent(socket)}/eventify`;
  }

  /** Ends the program and keeps its data: nobody answers at its address until `resume()`. */
  async halt() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGTERM');
      const slow = setTimeout(this.#kill, STOPS_WITHIN);
      await this.#exit;
      clearTimeout(slow);
    }
    process.removeListener('exit', this.#kill);
  }

  /** Starts it again where it was. */
  async resume() {
    await this.#run(this.#env, 'a');
  }

  /** SIGTERM; answers the exit code. */
  async stop() {
    await this.halt();
    this.#database?.drop();
    await rm(this.#data, { recursive: true, force: true });
    return this.#child.exitCode;
  }
}

async function freePort() {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
