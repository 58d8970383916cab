// The API as programs see it: its document, its event stream, its headers.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { ADMIN, Caller, PASSWORD } from './people.mjs';
import { Server } from './server.mjs';

let server, admin, document;

before(async () => {
  server = await Server.start('api');
  admin = await Caller.signIn(server.url, ADMIN);
  document = await fetch(`${server.url}/api/v1/openapi.json`).then((answer) => answer.json());
});
after(async () => {
  const code = await server?.stop();
  assert.equal(code, 0, 'SIGTERM ends the server calmly');
  assert.deepEqual(server.faults(), [], 'the server logged no error');
});

test('the OpenAPI document is valid', async () => {
  const result = await new Validator().validate(structuredClone(document));
  const wrong = (result.errors ?? []).map((error) => `${error.instancePath}: ${error.message}`);
  assert.ok(result.valid, wrong.slice(0, 10).join('\n'));
  assert.match(document.openapi, /^3\.1\./);
  assert.ok(Object.keys(document.paths).length > 30, 'it lists the operations');
});

test('every example in the document fits its schema', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
  addFormats(ajv);
  // Formats of our own say something to people, not to validators.
  ajv.addFormat('password', true);
  const root = 'https://eventify.test/openapi.json';
  ajv.addSchema({ $id: root, components: document.components });
  const wrong = [];
  let examples = 0;
  const check = (where, schema, example) => {
    examples += 1;
    const absolute = JSON.parse(JSON.stringify(schema), (key, value) => key === '$ref' ? root + value : value);
    let fits;
    try {
      fits = ajv.compile(absolute);
    } catch (error) {
      wrong.push(`${where}: the schema does not compile: ${error.message}`);
      return;
    }
    if (!fits(example)) wrong.push(`${where}: ${ajv.errorsText(fits.errors)} in ${JSON.stringify(example)}`);
  };
  // Media types and parameters stand beside their schema; schemas list examples of themselves.
  const walk = (node, where) => {
    if (node === null || typeof node !== 'object') return;
    if (node.schema && 'example' in node) check(where, node.schema, node.example);
    if (Array.isArray(node.examples)) node.examples.forEach((example, i) => check(`${where}/examples/${i}`, node, example));
    for (const [key, value] of Object.entries(node)) {
      if (key !== 'example' && key !== 'examples') walk(value, `${where}/${key}`);
    }
  };
  walk(document, '#');
  assert.ok(examples > 50, `only ${examples} examples found`);
  assert.deepEqual(wrong, []);
});

test('every write and every answer with a body has an example', () => {
  const without = [];
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const bodies = [operation.requestBody, ...Object.values(operation.responses)];
      for (const body of bodies) {
        const content = body?.content?.['application/json'];
        if (content && !('example' in content)) without.push(`${method} ${path}`);
      }
    }
  }
  assert.deepEqual(without, []);
});

test('the event stream delivers a write and resumes without loss or repetition', async () => {
  const newRole = (name) => admin.ok('POST', '/admin/roles', { name: `${name} ${Date.now()}` });
  const stream = await Stream.open(admin, 'admin.action.*');
  const start = await stream.next();
  assert.ok(Number.isInteger(Number(start.id)), 'the stream says where it stands before anything happens');

  const first = await newRole('Stream one');
  const heard = await stream.next();
  assert.equal(heard.data.type, 'admin.action.logged');
  assert.equal(heard.data.payload.action, 'role.created');
  assert.equal(heard.data.payload.object_id, first.id);
  assert.equal(heard.data.payload.actor_label, ADMIN);
  assert.equal(Number(heard.id), heard.data.seq, 'the id is the published sequence');
  stream.close();

  const missed = [];
  for (const name of ['Stream two', 'Stream three', 'Stream four']) missed.push((await newRole(name)).id);
  const resumed = await Stream.open(admin, 'admin.action.*', heard.id);
  assert.equal((await resumed.next()).id, heard.id, 'it goes on after the last id');
  const got = [];
  for (let i = 0; i < 3; i++) got.push(await resumed.next());
  // What happens while it is open follows what was missed.
  const live = await newRole('Stream five');
  got.push(await resumed.next());
  assert.deepEqual(got.map((event) => event.data.payload.object_id), [...missed, live.id]);
  const sequences = got.map((event) => event.data.seq);
  assert.deepEqual(sequences, [...new Set(sequences)].sort((a, b) => a - b), 'in order, none twice');
  resumed.close();

  // A second reader that saw nothing gets the very same by replay.
  const replay = await admin.get(`/bus/events?type=admin.action.logged&after=${heard.id}`);
  assert.deepEqual(replay.items.map((event) => event.seq), sequences);
});

test('the event stream is for staff, and tells only what the caller may see', async () => {
  const anonymous = await fetch(`${server.url}/api/v1/bus/stream`);
  assert.equal(anonymous.status, 401);
  await anonymous.body.cancel();
  const manager = await Caller.signIn(server.url, 'meera@demo.eventify.test');
  const theirs = await Stream.open(manager, 'admin.action.*,role.*');
  const ours = await Stream.open(admin, 'role.*');
  await Promise.all([theirs.next(), ours.next()]);
  await admin.ok('POST', '/admin/roles', { name: `Unseen ${Date.now()}` });
  assert.equal((await ours.next()).data.type, 'role.changed');
  // Ours has it; theirs had the same chance and kept silent.
  assert.deepEqual(theirs.waiting(), []);
  theirs.close();
  ours.close();
});

test('pages carry the security headers and a policy without inline code', async () => {
  const answer = await fetch(`${server.url}/sign-in`);
  assert.equal(answer.status, 200);
  const html = await answer.text();
  const policy = Object.fromEntries(
    answer.headers.get('content-security-policy').split(';').map((part) => {
      const [name, ...values] = part.trim().split(/\s+/);
      return [name, values];
    }),
  );
  const scripts = policy['script-src'].join(' ');
  const nonce = scripts.match(/'nonce-([^']+)'/)?.[1];
  assert.ok(nonce?.length >= 16, `a nonce in script-src: ${scripts}`);
  for (const [name, values] of Object.entries(policy)) {
    assert.ok(!values.includes("'unsafe-inline'"), `${name} has 'unsafe-inline'`);
    assert.ok(!values.includes("'unsafe-eval'"), `${name} has 'unsafe-eval'`);
    assert.ok(!values.includes('*'), `${name} lets everything in`);
  }
  for (const name of ['default-src', 'frame-ancestors', 'base-uri', 'form-action', 'object-src']) {
    assert.ok(policy[name], `${name} is set`);
  }
  assert.deepEqual(policy['frame-ancestors'], ["'none'"]);
  const inline = [...html.matchAll(/<script\b([^>]*)>/g)].filter(([, attributes]) => !attributes.includes(' src='));
  for (const [tag, attributes] of inline) assert.ok(attributes.includes(`nonce="${nonce}"`), `${tag} carries the nonce`);
  assert.doesNotMatch(html, /<[^>]+\sstyle=/, 'no style attributes');
  assert.doesNotMatch(html, /<[^>]+\son[a-z]+=/, 'no inline handlers');
  const again = await fetch(`${server.url}/sign-in`);
  assert.ok(!again.headers.get('content-security-policy').includes(nonce), 'every answer has its own nonce');
  await again.body.cancel();
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(answer.headers.get('x-frame-options'), 'DENY');
  assert.equal(answer.headers.get('cross-origin-opener-policy'), 'same-origin');
  assert.match(answer.headers.get('referrer-policy'), /^(no-referrer|same-origin)$/);
  assert.ok(answer.headers.get('permissions-policy'));
});

test('what only the signed-in may read is kept by no cache', async () => {
  const input = { email: ADMIN, password: PASSWORD, session: 'cookie' };
  const signedIn = await fetch(`${server.url}/api/v1/auth/login`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(input),
  });
  const cookie = signedIn.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
  assert.ok(signedIn.headers.getSetCookie().every((line) => /HttpOnly/.test(line) && /SameSite=Lax/.test(line)));
  for (const path of ['/team', '/api/v1/auth/me']) {
    const answer = await fetch(server.url + path, { headers: { cookie } });
    assert.equal(answer.status, 200, path);
    assert.match(answer.headers.get('cache-control') ?? 'absent', /no-store/, `${path}: Cache-Control`);
    await answer.body.cancel();
  }
});

test('a write from another site is refused', async () => {
  const form = new URLSearchParams({ email: ADMIN, password: 'x' });
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }]) {
    const answer = await fetch(`${server.url}/sign-in`, { method: 'POST', body: form, headers, redirect: 'manual' });
    assert.equal(answer.status, 403, JSON.stringify(headers));
    assert.equal((await answer.json()).code, 'origin_mismatch');
  }
});

/** A server-sent event stream, read one event at a time. */
class Stream {
  #reader;
  #abort = new AbortController();
  #text = '';
  #events = [];

  static async open(caller, types, lastEventId) {
    const stream = new Stream();
    const headers = { authorization: `Bearer ${caller.token}` };
    if (lastEventId) headers['last-event-id'] = lastEventId;
    const url = `${caller.url}/api/v1/bus/stream?types=${encodeURIComponent(types)}`;
    const answer = await fetch(url, { headers, signal: stream.#abort.signal });
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type'), /^text\/event-stream/);
    stream.#reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    return stream;
  }

  /** What has arrived and was not taken yet. */
  waiting() {
    return this.#events;
  }

  /** The next event, comments aside; fails after 10 s. */
  async next() {
    const late = setTimeout(() => this.#abort.abort(new Error('no event within 10 s')), 10_000);
    try {
      while (this.#events.length === 0) {
        const { value, done } = await this.#reader.read();
        if (done) throw new Error('the stream ended');
        this.#text += value.replaceAll('\r', '');
        const blocks = this.#text.split('\n\n');
        this.#text = blocks.pop();
        this.#events.push(...blocks.map(parse).filter((event) => event.id !== undefined));
      }
      return this.#events.shift();
    } finally {
      clearTimeout(late);
    }
  }

  close() {
    this.#abort.abort();
  }
}

function parse(block) {
  const event = {};
  for (const line of block.split('\n')) {
    const [, field, value] = line.match(/^(\w*):? ?(.*)$/);
    if (field === 'data') event.data = JSON.parse(value);
    else if (field === 'id' || field === 'event') event[field] = value;
  }
  return event;
}
