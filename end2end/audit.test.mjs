// Proofs of the audit log, checked in the browser with the network off.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { assertCalm, launch, newPage, open, overflow, violations, visit } from './browser.mjs';
import { ADMIN, Caller } from './people.mjs';
import { ARTIFACTS, Server, until, withoutHash } from './server.mjs';

let server, browser, admin, context, page;

before(async () => {
  server = await Server.start('audit');
  browser = await launch();
  admin = await Caller.signIn(server.url, ADMIN);
  await admin.ok('POST', '/admin/roles', { name: 'Night crew' });
  await until('the log is sealed', async () => (await admin.get('/admin/audit/chain')).unsealed === 0);
  context = await open(browser, server, { as: ADMIN, acceptDownloads: true });
  page = await newPage(context);
});
after(async () => {
  await browser?.close();
  const code = await server?.stop();
  assert.equal(code, 0, 'SIGTERM ends the server calmly');
  assert.deepEqual(server.faults(), [], 'the server logged no error');
});

/** Exports what the list shows, and answers the file's path and content. */
async function exported() {
  await visit(page, '/audit?object_type=role');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export proof' }).click()]);
  assert.equal(download.suggestedFilename(), 'audit-proof.json');
  const file = path.join(ARTIFACTS, 'audit-proof.json');
  await download.saveAs(file);
  return { file, proof: JSON.parse(readFileSync(file, 'utf8')) };
}

/** Opens the page, cuts the network, and hands the file in; answers what the page says of it. */
async function verdict(file) {
  await visit(page, '/audit/verify');
  await context.setOffline(true);
  const asked = [];
  // The frame looks for its stream of events again when the network goes.
  const note = (request) => withoutHash(request.url()) === '/live.js' || asked.push(request.url());
  page.on('request', note);
  await page.getByLabel('File', { exact: true }).setInputFiles(file);
  const said = page.locator('.note').filter({ hasText: 'proof' });
  await said.waitFor();
  page.off('request', note);
  assert.deepEqual(asked, [], 'nothing was asked of anybody');
  return said;
}

test('a good proof holds and a changed one names its entry, without a network', async () => {
  const { file, proof } = await exported();
  assert.ok(proof.entries.length > 0, 'a role was made');
  let said = await verdict(file);
  await page.screenshot({ path: path.join(ARTIFACTS, 'audit-proof-holds.png'), fullPage: true });
  assert.match(await said.innerText(), /This proof holds/);
  assert.match(await said.innerText(), /signed by this installation/);
  assert.deepEqual(await violations(page), []);
  await context.setOffline(false);

  const { seq } = proof.entries[0];
  const changed = structuredClone(proof);
  changed.entries[0].actor_label = 'somebody.else@example.com';
  const bad = path.join(ARTIFACTS, 'audit-proof-changed.json');
  writeFileSync(bad, JSON.stringify(changed));
  said = await verdict(bad);
  assert.match(await said.innerText(), /This proof does not hold/);
  assert.match(await said.innerText(), new RegExp(`Entry ${seq}: its content is not what was recorded`));
  await page.screenshot({ path: path.join(ARTIFACTS, 'audit-proof-changed.png'), fullPage: true });
  assert.deepEqual(await overflow(page, 390), []);
  await page.setViewportSize({ width: 1440, height: 900 });
  await context.setOffline(false);
});

test('what is pasted is checked, too', async () => {
  const { proof } = await exported();
  proof.entries.shift();
  await visit(page, '/audit/verify');
  await context.setOffline(true);
  await page.getByLabel('Or paste what it says').fill(JSON.stringify(proof));
  await page.getByRole('button', { name: 'Check proof' }).click();
  const said = page.locator('.note').filter({ hasText: 'This proof does not hold' });
  await said.waitFor();
  assert.match(await said.innerText(), /Entry \d+: it was exported and is missing/);
  await page.getByLabel('Or paste what it says').fill('seq,id');
  await page.getByRole('button', { name: 'Check proof' }).click();
  await page.getByText('This is not a proof').waitFor();
  await context.setOffline(false);
  assertCalm(page, /ERR_INTERNET_DISCONNECTED/, /net::ERR_/);
});
