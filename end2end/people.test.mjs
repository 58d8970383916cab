// End users: found, shut out, let in again, and what they ask of their own data.
import assert from 'node:assert/strict';
import { assertCalm, REFUSED, visit } from './browser.mjs';
import { harness, heading, path, scenario, useHarness } from './harness.mjs';
import { ADMIN } from './people.mjs';

useHarness('people');

/** Some end users of the demo who may sign in, in the order of their names. */
const some = async (count, from = 0) =>
  (await harness.admin.get('/users?status=active&sort=name&limit=100')).items.slice(from, from + count);
const row = (page, user) => page.getByRole('row').filter({ has: page.locator(`a[href="/users/${user.id}"]`) });
// An event manager: sees end users, and decides nothing about them.
const READER = 'meera@demo.eventify.test';
const MODERATOR = 'nia@demo.eventify.test';

scenario('somebody is banned from the list, shows as banned, and is let in again', { as: MODERATOR }, async (page) => {
  const [user] = await some(1);
  await visit(page, `/users?q=${encodeURIComponent(user.phone)}`);
  await row(page, user).getByText('Active').waitFor();
  await row(page, user).getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Ban', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Ban the selected users?' });
  await dialog.getByRole('button', { name: 'Ban', exact: true }).click();
  await dialog.getByText(/^Enter an? /).first().waitFor();
  await dialog.getByLabel('Reason').fill('Sold the same seat twice');
  await dialog.getByRole('button', { name: 'Ban', exact: true }).click();
  await page.getByText('1 user banned').waitFor();
  await row(page, user).getByText('Banned').waitFor();

  await page.getByRole('link', { name: user.full_name }).click();
  await page.getByText('This user is banned').waitFor();
  await page.getByText('Sold the same seat twice').first().waitFor();
  await page.getByRole('button', { name: 'Unban' }).click();
  const lift = page.getByRole('dialog', { name: `Lift the ban of ${user.full_name}?` });
  await lift.getByLabel('Reason').fill('It was somebody else');
  await lift.getByRole('button', { name: 'Unban' }).click();
  await page.getByText(`${user.full_name} is no longer banned`).waitFor();
  await page.getByText('This user is banned').waitFor({ state: 'detached' });
  await page.getByRole('link', { name: /^Bans/ }).click();
  await page.getByRole('row', { name: /Sold the same seat twice/ }).getByText('Lifted').waitFor();
  await page.getByRole('link', { name: 'Activity' }).click();
  await page.getByText('The ban was lifted').first().waitFor();
  assert.equal((await harness.admin.get(`/users/${user.id}`)).user.status, 'active');
  assertCalm(page);
});

scenario('a ban with an end must end later, and says when', { as: MODERATOR }, async (page) => {
  const [user] = await some(1, 1);
  await visit(page, `/users/${user.id}`);
  await page.getByLabel(`More for ${user.full_name}`).click();
  await page.getByRole('button', { name: 'Ban…' }).click();
  const dialog = page.getByRole('dialog', { name: `Ban ${user.full_name}?` });
  await dialog.getByLabel('Reason').fill('Shouted at the stewards');
  await dialog.getByLabel(/^Until/).fill('2020-01-01T12:00');
  await dialog.getByRole('button', { name: 'Ban', exact: true }).click();
  await dialog.getByText(/future/).first().waitFor();
  await dialog.getByLabel(/^Until/).fill('2099-01-01T12:00');
  await dialog.getByRole('button', { name: 'Ban', exact: true }).click();
  await page.getByText('This user is banned').waitFor();
  await page.getByText(/1 Jan 2099, 12:00/).first().waitFor();
  await page.getByLabel(`More for ${user.full_name}`).click();
  await page.getByRole('button', { name: 'Change ban…' }).waitFor();
  assertCalm(page, REFUSED);
});

/** The demo's open requests of a kind, oldest first. */
const asked = async (kind) => (await harness.admin.get(`/privacy/requests?status=open&request_type=${kind}`)).items;

scenario('many are banned at once; who was erased meanwhile is named', { as: ADMIN }, async (page) => {
  const [{ request, user_name: name }] = await asked('erasure');
  const first = name.split(' ')[0];
  await visit(page, `/users?q=${first}&status=active`);
  const count = await page.locator('main tbody tr').count();
  assert.ok(count > 1, `${count} of the name ${first}`);
  await page.getByLabel('Select all on this page').check();
  await page.getByText(`${count} selected`).first().waitFor();
  await harness.admin.ok('POST', `/privacy/requests/${request.id}/run`, {});
  await page.getByRole('button', { name: 'Ban', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Ban the selected users?' });
  await dialog.getByLabel('Reason').fill('One ring of sellers');
  await dialog.getByRole('button', { name: 'Ban', exact: true }).click();
  await page.getByText(`${count - 1} users banned`).waitFor();
  await page.getByText(/users banned · 1 skipped/).waitFor();
  await page.getByText(new RegExp(`${name}: .*erased`)).first().waitFor();
  await page.getByText('Nothing matches').waitFor();
  await visit(page, `/users?q=${first}&status=banned`);
  assert.ok((await page.locator('main tbody tr').count()) >= count - 1);
  await visit(page, `/users/${request.user_id}`);
  await heading(page, /Erased user/).waitFor();
  assert.equal(await page.getByLabel(/^More for /).count(), 0, 'nobody is left to be banned');
  assertCalm(page, REFUSED);
});

scenario('requests about their data are rejected with a reason, gathered, and erased by name', { as: ADMIN }, async (page) => {
  const [refused, gathered] = await asked('export');
  const [erased] = await asked('erasure');
  const line = ({ request }) => page.getByRole('row').filter({ has: page.locator(`a[href="/users/${request.user_id}"]`) });
  const dialog = page.getByRole('dialog');
  await visit(page, '/privacy');
  await line(refused).getByRole('button', { name: /^Reject/ }).click();
  await dialog.getByLabel('Reason').fill('Please prove first that it is you');
  await dialog.getByRole('button', { name: 'Reject' }).click();
  await line(refused).getByText('Rejected').waitFor();

  await line(gathered).getByRole('button', { name: /^Approve/ }).click();
  await dialog.getByRole('button', { name: 'Prepare copy' }).click();
  await page.getByText('The copy is being prepared').waitFor();
  await line(gathered).getByText(/Running|Completed/).waitFor();

  await line(erased).getByRole('button', { name: /^Approve/ }).click();
  await dialog.getByRole('button', { name: 'Erase user' }).click();
  await dialog.getByText(/must be exactly/i).first().waitFor();
  await dialog.getByLabel(/to confirm/).fill(erased.user_name);
  await dialog.getByRole('button', { name: 'Erase user' }).click();
  await line(erased).getByText('Completed').waitFor();
  await page.getByRole('link', { name: 'Erased user' }).last().click();
  await heading(page, /Erased user/).waitFor();
  assertCalm(page);
});

scenario('the palette leads to an end user, who may only read sees no acts', async () => ({ as: READER }), async (page) => {
  const [user] = await some(1, 3);
  await visit(page, '/');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill(user.full_name);
  await page.getByRole('option').filter({ hasText: user.full_name }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/users\/[0-9a-f-]{36}$/);
  await heading(page, new RegExp(user.full_name)).waitFor();
  assert.equal(await page.getByLabel(/^More for /).count(), 0);
  await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link', { name: 'Users' }).click();
  await page.waitForURL(/\/users$/);
  await page.locator('main tbody tr').first().waitFor();
  assert.equal(await page.locator('main tbody .sel').count(), 0, 'nothing to tick where nothing can be done');
  assert.equal(await page.getByRole('link', { name: 'Privacy requests' }).count(), 0);
  assert.equal(path(page), '/users');
  assertCalm(page);
});
