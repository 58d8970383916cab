// Webhooks from end to end: an endpoint is made in the browser, and a server of somebody else's gets what happens.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { assertCalm, hydrated, launch, newPage, open, visit } from './browser.mjs';
import { ADMIN, Caller } from './people.mjs';
import { Server, until } from './server.mjs';

let server, browser, admin, receiver;

/** Somebody else's server: keeps what it gets; answers 204, or what `status` says. */
class Receiver {
  got = [];
  status = 204;

  async start() {
    this.http = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      this.got.push({ headers: request.headers, body });
      response.writeHead(this.status).end(this.status === 204 ? '' : 'not now');
    });
    this.http.listen(0, '127.0.0.1');
    await once(this.http, 'listening');
    this.url = `http://127.0.0.1:${this.http.address().port}/hooks`;
    return this;
  }
  of(type) {
    return this.got.filter((message) => JSON.parse(message.body).type === type);
  }
}

/** Whether a message is signed with this secret, by the Standard Webhooks specification. */
function signed({ headers, body }, secret) {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const expected = `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
  return headers['webhook-signature'].split(' ').includes(expected);
}

before(async () => {
  receiver = await new Receiver().start();
  const env = { EVENTIFY_WEBHOOK_ALLOW_PRIVATE: 'true' };
  server = await Server.start('webhooks', env);
  browser = await launch();
  admin = await Caller.signIn(server.url, ADMIN);
});
after(async () => {
  await browser?.close();
  const code = await server?.stop();
  receiver?.http.close();
  assert.equal(code, 0, 'SIGTERM ends the server calmly');
  assert.deepEqual(server.faults(), [], 'the server logged no error');
});

test('an endpoint is made, told, seen in the log, and told again', async () => {
  const context = await open(browser, server, { as: ADMIN });
  const page = await newPage(context);
  await visit(page, '/webhooks');
  await page.getByRole('link', { name: 'New endpoint' }).first().click();
  await page.getByRole('heading', { level: 1, name: 'New endpoint' }).waitFor();
  await page.getByRole('textbox', { name: 'URL' }).fill(receiver.url);
  await page.getByRole('textbox', { name: 'Description' }).fill('The box office wall');
  await page.getByRole('button', { name: 'Create endpoint' }).click();
  await page.getByRole('alert').filter({ hasText: 'choose at least one' }).waitFor();
  // Of each group the count is in sight; what is in it opens in place.
  const partners = page.locator('summary').filter({ hasText: /^Partners 0 of 9$/ });
  await partners.click();
  await page.getByRole('checkbox', { name: /A partner was created/ }).check();
  await page.locator('summary').filter({ hasText: /^Partners 1 of 9$/ }).waitFor();
  await page.getByRole('button', { name: 'Create endpoint' }).click();
  const secret = await page.locator('.secret code').innerText();
  assert.match(secret, /^whsec_/);
  await page.getByRole('link', { name: /Done, I.ve saved it/ }).click();
  await page.getByText('No messages yet').waitFor();
  assert.ok(!(await page.content()).includes(secret), 'the secret is not shown again');

  receiver.status = 503;
  const partner = { name: 'Told Of Venue', type: 'venue', contact_name: 'C', contact_email: 'told@partner.example.com' };
  const made = await admin.ok('POST', '/partners', partner);
  const [first] = await until('it arrives', () => receiver.of('partner.created').length && receiver.of('partner.created'));
  assert.ok(signed(first, secret), 'the signature fits');
  assert.deepEqual(JSON.parse(first.body).data, { partner_id: made.id });
  receiver.status = 204;
  await until('the second attempt is taken', () => receiver.of('partner.created').length === 2, 30_000);
  assert.equal(receiver.of('partner.created')[1].headers['webhook-id'], first.headers['webhook-id']);

  await page.reload();
  await hydrated(page);
  await page.getByRole('row').filter({ hasText: 'Delivered' }).getByRole('link', { name: 'partner.created' }).click();
  await page.getByRole('heading', { level: 1, name: /partner\.created/ }).waitFor();
  await page.getByText('Answered 503.').waitFor();
  await page.getByText('Accepted with 204').waitFor();
  await page.locator('pre').filter({ hasText: made.id }).waitFor();
  await page.getByRole('button', { name: 'Send again' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Send this partner.created again?' });
  await dialog.getByRole('button', { name: 'Send again' }).click();
  await until('it is sent again', () => receiver.of('partner.created').length === 3);
  assert.equal(receiver.of('partner.created')[2].headers['webhook-id'], first.headers['webhook-id']);
  assertCalm(page);
  await context.close();
});

test('a new secret is shown once, and both sign; a disabled endpoint is told nothing', async () => {
  const input = { url: `${receiver.url}/second`, event_types: ['*'] };
  const { endpoint, secret: first } = await admin.ok('POST', '/webhooks/endpoints', input);
  const context = await open(browser, server, { as: ADMIN });
  const page = await newPage(context);
  await visit(page, `/webhooks/${endpoint.id}`);
  await page.getByRole('button', { name: 'Rotate secret' }).first().click();
  await page.getByRole('dialog', { name: 'Rotate the secret of this endpoint?' }).getByRole('button', { name: 'Rotate secret' }).click();
  const second = await page.locator('.secret code').innerText();
  await page.getByRole('button', { name: /Done, I.ve saved it/ }).click();
  await page.locator('.secret').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Send test' }).click();
  const [message] = await until('the test arrives', () => receiver.of('webhook.test').length && receiver.of('webhook.test'));
  assert.ok(signed(message, first) && signed(message, second), 'both secrets sign');

  await page.getByRole('button', { name: 'Disable' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Disable this endpoint?' });
  await dialog.getByLabel('Reason').fill('They are moving house');
  await dialog.getByRole('button', { name: 'Disable' }).click();
  await page.getByText('They are moving house').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Send test' }).count(), 0);
  const host = new URL(receiver.url).host;
  await page.getByLabel('More for this endpoint').click();
  await page.getByRole('button', { name: 'Delete endpoint…' }).click();
  const farewell = page.getByRole('dialog', { name: /Delete the endpoint at/ });
  await farewell.getByRole('textbox').fill(host);
  await farewell.getByRole('button', { name: 'Delete endpoint' }).click();
  await page.getByRole('heading', { level: 1, name: 'Webhooks' }).waitFor();
  assert.equal((await admin.call('GET', `/webhooks/endpoints/${endpoint.id}`)).status, 404);
  assertCalm(page);
  await context.close();
});
