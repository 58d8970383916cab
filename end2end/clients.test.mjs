// The document generates clients that work: openapi-python-client and openapi-typescript make them, and a small program
// with each reads the running server.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ADMIN, Caller } from './people.mjs';
import { Server } from './server.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const run = promisify(execFile);
let server, folder, environment;

before(async () => {
  server = await Server.start('clients');
  const admin = await Caller.signIn(server.url, ADMIN);
  const api = `${server.url}/api/v1`;
  environment = { ...process.env, EVENTIFY_API: api, EVENTIFY_TOKEN: admin.token };
  folder = await mkdtemp(path.join(tmpdir(), 'eventify-clients-'));
  const document = await fetch(`${api}/openapi.json`).then((answer) => answer.text());
  await writeFile(path.join(folder, 'openapi.json'), document);
});
after(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('a client in Python', { timeout: 180_000 }, async (t) => {
  // Made by bin/test, which installs the generator at its version.
  const python = process.env.OPENAPI_PYTHON;
  assert.ok(python, 'OPENAPI_PYTHON names the Python that has openapi-python-client: run bin/test browser');
  const config = path.join(folder, 'config.yml');
  // What it has no reader for is handed over as bytes.
  const bytes = ['text/csv', 'image/jpeg', 'image/png', 'image/webp'].map((kind) => `  ${kind}: application/octet-stream`);
  const names = ['project_name_override: eventify-client', 'package_name_override: eventify_client', 'post_hooks: []'];
  await writeFile(config, [...names, 'content_type_overrides:', ...bytes, ''].join('\n'));
  const made = path.join(folder, 'python');
  const generate = ['-m', 'openapi_python_client', 'generate', '--path', path.join(folder, 'openapi.json'), '--config', config];
  const generated = await run(python, [...generate, '--output-path', made, '--meta', 'setup'], { cwd: folder });
  assert.doesNotMatch(generated.stdout + generated.stderr, /warning|unable|error/i, 'it says nothing of the document');
  const env = { ...environment, PYTHONPATH: made };
  const { stdout } = await run(python, [path.join(HERE, 'clients/program.py')], { env });
  t.diagnostic(stdout.trim());
  assert.match(stdout, /^read \d+ \d+ \d+/);
});

test('a client in TypeScript', { timeout: 180_000 }, async (t) => {
  await symlink(path.join(HERE, 'node_modules'), path.join(folder, 'node_modules'));
  await cp(path.join(HERE, 'clients/program.ts'), path.join(folder, 'program.ts'));
  await writeFile(path.join(folder, 'package.json'), '{ "type": "module" }');
  const bin = (name) => path.join(HERE, 'node_modules/.bin', name);
  await run(bin('openapi-typescript'), ['openapi.json', '-o', 'schema.d.ts'], { cwd: folder });
  const options = ['--strict', '--target', 'es2022', '--module', 'esnext', '--moduleResolution', 'bundler'];
  await run(bin('tsc'), [...options, 'program.ts'], { cwd: folder }).catch((error) => assert.fail(error.stdout));
  const { stdout } = await run(process.execPath, ['program.js'], { cwd: folder, env: environment });
  t.diagnostic(stdout.trim());
  assert.match(stdout, /^read \d+ \d+ \d+/);
});
