// A database with the demo for each server of a run. Whoever comes first makes one that is the template of all: to copy it
// takes a tenth of a second, to make it takes eight.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A PostgreSQL where databases may be made, as `bin/pg` starts one. Without it each server brings its own. */
const CLUSTER = process.env.EVENTIFY_TEST_DATABASE_URL;
const LOCK = 0x657665323065;
const TEMPLATES = 'eventify_e2e_template_';
const PSQL = ['-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1'];
const QUIET = { ...process.env, PGOPTIONS: '-c client_min_messages=warning' };

/** The server's key, of the template as of its copies: the one opens what the other has sealed. */
export const SECRET_KEY = '5e'.repeat(32);

/** Runs SQL as the owner of the database at `address`; answers what it selects. */
export function psql(address, sql) {
  return execFileSync('psql', [...PSQL, address], { input: sql, encoding: 'utf8', env: QUIET }).trim();
}

let copies = 0;

/** A copy of the demo, for one server. */
export class Database {
  #name = `eventify_e2e_${process.pid}_${++copies}`;

  /** Puts the demo's files into the folder `data`; answers null where there is no PostgreSQL to make databases in. */
  static async copy(data) {
    return CLUSTER ? alone(() => new Database(data)) : null;
  }

  constructor(data) {
    const { name, files } = template();
    psql(CLUSTER, `drop database if exists ${this.#name} with (force); create database ${this.#name} template ${name};`);
    // However this process ends, the copy does not outlive it.
    process.once('exit', this.drop);
    cpSync(files, data, { recursive: true });
  }

  get address() {
    return addressOf(this.#name);
  }

  drop = () => {
    process.removeListener('exit', this.drop);
    psql(CLUSTER, `drop database if exists ${this.#name} with (force)`);
  };
}

function addressOf(database) {
  const address = new URL(CLUSTER);
  address.pathname = `/${database}`;
  return address.href;
}

/** The template's name, and where its files are. It is of this program and of this hour: the demo's times are counted from
 * when it was made. */
function template() {
  const bin = path.resolve(process.env.EVENTIFY_BIN);
  const of = [bin, statSync(bin).mtimeMs, tmpdir(), Math.floor(Date.now() / 3_600_000)];
  const name = TEMPLATES + createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 12);
  const files = path.join(tmpdir(), name);
  const made = psql(CLUSTER, `select datistemplate from pg_database where datname = '${name}'`) === 't';
  if (!made || !existsSync(files)) fill(bin, name, files);
  return { name, files };
}

function fill(bin, name, files) {
  const old = psql(CLUSTER, `select datname from pg_database where datname like '${TEMPLATES}%'`);
  for (const one of old.split('\n').filter(Boolean)) {
    psql(CLUSTER, `alter database ${one} is_template false; drop database ${one} with (force);`);
    rmSync(path.join(tmpdir(), one), { recursive: true, force: true });
  }
  rmSync(files, { recursive: true, force: true });
  mkdirSync(files);
  psql(CLUSTER, `create database ${name}`);
  const env = { ...process.env, DATABASE_URL: addressOf(name), EVENTIFY_DATA: files, EVENTIFY_SECRET_KEY: SECRET_KEY };
  execFileSync(bin, ['seed-demo'], { cwd: files, env, stdio: 'pipe' });
  // Last: a half-filled one is never taken for made.
  psql(CLUSTER, `alter database ${name} is_template true`);
}

/** Does `work` while no other process does any. */
async function alone(work) {
  const session = spawn('psql', [...PSQL, CLUSTER], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    session.stdin.write(`select pg_advisory_lock(${LOCK});\n`);
    const { done } = await session.stdout[Symbol.asyncIterator]().next();
    if (done) throw new Error('no lock in EVENTIFY_TEST_DATABASE_URL');
    return work();
  } finally {
    session.stdin.end();
  }
}
