// What stands around every page: the menu with what waits, the clock, lists and their filters, the palette and its keys.
import assert from 'node:assert/strict';
import { assertCalm, newPage, visit } from './browser.mjs';
import { harness, heading, path, scenario, useHarness } from './harness.mjs';
import { ADMIN } from './people.mjs';
import { until } from './server.mjs';

useHarness('frame');

const MANAGER = 'meera@demo.eventify.test';
const menu = (page) => page.getByRole('navigation', { name: 'Main' });
const palette = async (page, text) => {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: /^Search pages/ }).fill(text);
};

scenario('times are told by the clock of the reader, which the browser says once', { as: 'priya@demo.eventify.test', timezoneId: 'Asia/Tokyo' }, async (page) => {
  // Of a browser that has said nothing yet the clocks are the organisation's, which are not the browser's, and named.
  await page.context().clearCookies({ name: 'evf_zone' });
  assert.match(await (await page.request.get('/account')).text(), />\d+ \w+ 20\d\d, \d\d:\d\d IST</);
  await visit(page, '/account');
  const zone = page.getByLabel('Time zone');
  // This page stays as it is; the next one is told by it.
  await until('the account knows the zone', async () => {
    await visit(page, '/account');
    return (await zone.inputValue()) === 'Asia/Tokyo';
  });
  const time = page.locator('main time').first();
  const moment = new Date(await time.getAttribute('datetime'));
  const hour = moment.toLocaleTimeString('en-GB', { timeZone: 'Asia/Tokyo', hour: '2-digit', minute: '2-digit' });
  assert.ok((await time.innerText()).endsWith(hour), `${await time.innerText()} is ${hour} in Tokyo`);
  assert.match(await time.getAttribute('title'), /UTC$/, 'UTC on hover');
  await zone.selectOption('Europe/Oslo');
  await page.getByRole('button', { name: 'Save time zone' }).click();
  await page.getByText('Time zone saved').waitFor();
  const there = moment.toLocaleTimeString('en-GB', { timeZone: 'Europe/Oslo', hour: '2-digit', minute: '2-digit' });
  await until('what was chosen holds', async () => (await time.innerText()).endsWith(there));
  await page.reload();
  await until('and stays', async () => (await zone.inputValue()) === 'Europe/Oslo');
  assertCalm(page);
});

scenario('the menu counts what waits, of what one may see', { as: ADMIN }, async (page) => {
  const waiting = await harness.admin.get('/overview/waiting');
  assert.ok(waiting.requests > 0 && waiting.documents > 0, JSON.stringify(waiting));
  await visit(page, '/');
  assert.deepEqual(await menu(page).locator('h2').allInnerTexts().then((all) => all.map((text) => text.toLowerCase())), ['events', 'people', 'finance', 'settings', 'system']);
  const count = (link) => menu(page).getByRole('link', { name: link }).locator('.count');
  assert.equal((await count(/^Events/).innerText()).split(/\s/)[0], String(waiting.requests));
  assert.equal((await count(/^Document review/).innerText()).split(/\s/)[0], String(waiting.documents));
  for (const [link, waits] of [[/^Fraud signals/, waiting.fraud_signals], [/^Reconciliation/, waiting.exceptions]]) {
    assert.equal(await count(link).count(), waits > 0 ? 1 : 0, `${link}`);
    if (waits > 0) assert.equal((await count(link).innerText()).split(/\s/)[0], String(waits));
  }
  await visit(page, '/jobs');
  const here = () => menu(page).getByRole('link', { name: /^Jobs/ }).boundingBox();
  await until('the entry of the page that is open is in sight', async () => {
    const box = await here();
    return box.y > 0 && box.y + box.height < page.viewportSize().height;
  });
  await visit(page, '/');
  await page.getByRole('link', { name: /^Answer: / }).click();
  await heading(page, 'Events').waitFor();
  await page.locator('.segs [aria-current]').filter({ hasText: 'Requests' }).waitFor();
  assert.ok((await page.locator('main tbody th a').count()) > 0);
  assertCalm(page);
});

scenario('events open on what comes; their parts, days and totals', { as: MANAGER }, async (page) => {
  await visit(page, '/events');
  await page.locator('.segs [aria-current]').filter({ hasText: 'Upcoming' }).waitFor();
  assert.ok((await page.locator('main tr.heading').count()) > 1, 'under their days');
  await page.getByText(/^\d+ events$/).waitFor();
  await page.getByRole('link', { name: 'Past', exact: true }).click();
  await page.waitForURL(/when=past/);
  await page.locator('main tbody').getByText('Ended').first().waitFor();
  const search = page.getByRole('searchbox', { name: 'Search' });
  await search.pressSequentially('zzz-nothing');
  await page.getByText('Nothing matches').waitFor();
  assert.match(page.url(), /when=past/, 'the part stays');
  assert.equal(await search.inputValue(), 'zzz-nothing', 'and what was typed');
  assertCalm(page);
});

scenario('on a phone the rows come first and the filters behind one button, without script too', { as: MANAGER, javaScriptEnabled: false, viewport: { width: 390, height: 844 } }, async (page) => {
  await page.goto('/events?when=all');
  assert.ok(!(await page.locator('select[name=status]').isVisible()), 'folded');
  const first = await page.locator('main tbody th a').first().boundingBox();
  assert.ok(first.y < 844, 'the first row is on the screen');
  await page.locator('details.filters > summary').click();
  await page.locator('select[name=status]').selectOption('cancelled');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByText('Status: Cancelled').waitFor();
  await page.setViewportSize({ width: 1440, height: 900 });
  assert.ok(await page.locator('select[name=status]').isVisible(), 'in sight where there is room');
});

scenario('rows are numbered from page to page', { as: ADMIN }, async (page) => {
  await visit(page, '/users?limit=25');
  await page.getByText(/^1–25 of \d+ users$|^Showing users 1–25$/).waitFor();
  await page.getByRole('link', { name: 'Next', exact: true }).click();
  await page.getByText(/^(Showing users )?26–50/).waitFor();
  assertCalm(page);
});

scenario('the palette finds people by phone, tickets by code and events by their organiser, and acts', { as: ADMIN }, async (page) => {
  const user = (await harness.admin.get('/users?status=active')).items.find((user) => user.phone && user.full_name);
  const ticket = (await harness.admin.get('/tickets?status=issued')).items[0];
  const { short_code: code } = await harness.admin.get(`/tickets/${ticket.id}/code`);
  const event = (await harness.admin.get('/events?status=published')).items.find((event) => event.organizer_name);
  const option = (text) => page.getByRole('option').filter({ hasText: text });
  await visit(page, '/');
  await palette(page, user.phone.slice(3));
  await option(user.full_name).first().waitFor();
  await page.keyboard.press('Escape');
  await palette(page, code.toLowerCase().replace('-', ''));
  await option(code).waitFor();
  await page.keyboard.press('Escape');
  await palette(page, event.organizer_name);
  await option(event.title).first().waitFor();
  await option(event.title).first().click();
  await heading(page, event.title).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByText('Recent', { exact: true }).waitFor();
  await option(event.title).first().waitFor();
  await page.getByRole('combobox', { name: /^Search pages/ }).fill('theme: dark');
  await page.keyboard.press('Enter');
  await page.locator('html[data-theme="dark"]').waitFor();
  await palette(page, 'theme: system');
  await page.keyboard.press('Enter');
  await palette(page, 'invite ola.nordmann@example.com');
  await option('Invite ola.nordmann@example.com to the team').click();
  assert.equal(await page.getByLabel('Email').inputValue(), 'ola.nordmann@example.com');
  // Guests are invited and added to the events that were opened lately.
  await palette(page, 'add Rohit Sen');
  await option(`Add Rohit Sen to ${event.title}`).click();
  const added = page.getByRole('dialog', { name: `Add a guest to ${event.title}` });
  assert.equal(await added.getByLabel('Full name').inputValue(), 'Rohit Sen');
  await page.keyboard.press('Escape');
  await palette(page, 'invite 98450 12345');
  await option(`Invite 98450 12345 to ${event.title}`).click();
  const invited = page.getByRole('dialog', { name: `Invite to ${event.title}` });
  assert.equal(await invited.getByLabel('Or phone').inputValue(), '98450 12345');
  await page.keyboard.press('Escape');
  await palette(page, `cancel ticket ${code}`);
  await option('Cancel ticket').click();
  const dialog = page.getByRole('dialog', { name: /Cancel the ticket of/ });
  await dialog.getByLabel('Reason').fill('Bought twice');
  await dialog.getByRole('button', { name: 'Cancel ticket' }).click();
  await page.getByText(/^Ticket of .* cancelled$/).waitFor();
  assert.equal((await harness.admin.get(`/tickets/status/${ticket.id}`)).status, 'revoked');
  assertCalm(page);
});

scenario('what is typed into the palette that is opened again at once is searched for', { as: ADMIN }, async (page) => {
  await visit(page, '/');
  await palette(page, 'people');
  // Closed, opened and typed into before the browser has said that it was closed.
  const close = (typed) => page.evaluate((typed) => new Promise((said) => {
    const dialog = document.querySelector('dialog.palette');
    const input = dialog.querySelector('input');
    dialog.addEventListener('close', () => setTimeout(said), { once: true });
    dialog.close();
    if (typed === null) return;
    document.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true, bubbles: true }));
    input.value = typed;
    input.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }), typed);
  await close('event bus');
  await page.getByRole('option').filter({ hasText: 'Event bus' }).first().waitFor();
  assert.equal(await page.getByRole('combobox', { name: /^Search pages/ }).inputValue(), 'event bus');
  await close(null);
  await page.keyboard.press('Control+k');
  assert.equal(await page.getByRole('combobox', { name: /^Search pages/ }).inputValue(), '', 'opened later it begins anew');
  assertCalm(page);
});

scenario('what is typed into the palette stays while the account is asked for again', { as: 'priya@demo.eventify.test' }, async (page) => {
  await visit(page, '/account');
  let answer;
  const held = new Promise((resolve) => (answer = resolve));
  await page.route('**/api/v1/auth/me', async (route) => {
    await held;
    await route.continue();
  });
  const asked = page.waitForRequest('**/api/v1/auth/me');
  await page.getByLabel('Time zone').selectOption('Europe/Paris');
  await page.getByRole('button', { name: 'Save time zone' }).click();
  await asked;
  await palette(page, 'event');
  await page.getByRole('option').filter({ hasText: 'Events' }).first().waitFor();
  const answered = page.waitForResponse('**/api/v1/auth/me');
  answer();
  await answered;
  await page.getByText('Time zone saved').waitFor();
  assert.equal(await page.getByRole('combobox', { name: /^Search pages/ }).inputValue(), 'event');
  await page.getByRole('option').filter({ hasText: 'Events' }).first().waitFor();
  assertCalm(page);
});

scenario('every key is on one sheet, and j, k, [ and ] go on, through every tab', { as: ADMIN }, async (page) => {
  await visit(page, '/events?when=all');
  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await sheet.getByText('Next row').waitFor();
  await page.keyboard.press('Escape');
  await sheet.waitFor({ state: 'hidden' });
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  const second = await page.evaluate(() => document.activeElement.textContent);
  assert.equal(second, await page.locator('main tbody th a').nth(1).innerText());
  await page.keyboard.press('Enter');
  await heading(page, second).waitFor();
  const place = page.locator('.siblings');
  await place.filter({ hasText: /^2 of \d+$/ }).waitFor();
  await page.getByRole('navigation', { name: second }).getByRole('link', { name: /^Guests/ }).click();
  await page.waitForURL(/tab=guests/);
  await place.filter({ hasText: /^2 of \d+$/ }).waitFor();
  await page.getByRole('navigation', { name: second }).getByRole('link', { name: /^Ticket types/ }).click();
  await page.waitForURL(/tab=types/);
  await page.getByRole('columnheader', { name: 'On sale' }).waitFor();
  await place.filter({ hasText: /^2 of \d+$/ }).waitFor();
  await page.keyboard.press(']');
  await place.filter({ hasText: /^3 of \d+$/ }).waitFor();
  // Rows without a link of their own are gone through by their buttons.
  await visit(page, '/ip-allowlist');
  await visit(page, '/account/security');
  await page.keyboard.press('j');
  assert.ok(await page.evaluate(() => !!document.activeElement.closest('tbody tr')), 'a row has the focus');
  assertCalm(page);
});

scenario('the matrix of roles is folded, counts, and says only what differs', { as: ADMIN }, async (page) => {
  await visit(page, '/roles');
  assert.ok(!(await page.getByText('See team members').isVisible()), 'groups are folded');
  assert.equal(await page.getByText('Manage feature flags').count(), 0, 'what does not exist is not shown');
  await page.getByLabel('Show the permissions of Team').check();
  await page.getByText('See team members').waitFor();
  await page.getByLabel('Show all permissions').check();
  const shown = () => page.locator('.matrix tbody tr:not(.matrix-group):visible').count();
  const all = await shown();
  const same = await page.locator('.matrix tbody').first().evaluate((group) => [...group.rows].slice(1).map((row) => 'same' in row.dataset));
  assert.deepEqual(same, same.toSorted((one, other) => one - other), 'what differs comes first');
  await page.getByLabel(/^Only differences/).check();
  await until('fewer rows', async () => (await shown()) < all);
  assert.equal(await page.locator('.matrix td input').count(), 0, 'ticks, not boxes');
  assertCalm(page);
});

scenario('a menu is gone through by key, and gives the focus back', { as: ADMIN }, async (page) => {
  const staff = await harness.admin.staff('ravi@demo.eventify.test');
  await visit(page, `/team/${staff.id}`);
  const more = page.getByLabel(`More for ${staff.full_name}`);
  const focused = () => page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.ariaLabel);
  await more.focus();
  await page.keyboard.press('ArrowDown');
  await until('the first act', async () => (await focused()) === 'Change role…');
  await page.keyboard.press('End');
  await until('the last', async () => (await focused()) === 'Revoke access…');
  await page.keyboard.press('ArrowDown');
  await until('round', async () => (await focused()) === 'Change role…');
  await page.keyboard.press('Escape');
  await until('back on the button', async () => (await focused()) === `More for ${staff.full_name}`);
  assert.equal(await page.getByRole('button', { name: 'Revoke access…' }).isVisible(), false, 'closed');
  // An act opens its dialog; closing that leads back to the button too.
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: `Revoke access of ${staff.full_name}?` }).waitFor();
  await page.keyboard.press('Escape');
  await until('back again', async () => (await focused()) === `More for ${staff.full_name}`);
  assertCalm(page);
});

scenario('a long form says at once all that is wrong, with the way to each field', { as: ADMIN }, async (page) => {
  await visit(page, '/events/new');
  await page.getByLabel('Starts').fill('2027-01-15T19:00');
  await page.getByLabel('Ends').fill('2027-01-15T18:00');
  await page.getByRole('button', { name: 'Create draft' }).click();
  const summary = page.getByRole('alert').filter({ hasText: 'fields need attention' });
  await summary.waitFor();
  const said = (await summary.getByRole('link').allInnerTexts()).map((text) => text.trim());
  assert.deepEqual(said, ['Enter a title', 'End must be after the start', 'Enter a city', 'Choose a partner', 'Enter the number of seats']);
  assert.match(await summary.innerText(), /5 fields need attention:/);
  await summary.getByRole('link', { name: 'Choose a partner' }).click();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'event-organizer_partner_id');
  const beside = async (name) => (await page.locator(`#event-${name}-error`).innerText()).trim();
  assert.deepEqual([await beside('title'), await beside('end_at')], said.slice(0, 2), 'the field says the same');
  // Who else organises is another question: the first one's fault is gone, there and back.
  await page.getByRole('radio', { name: 'Host' }).check();
  await page.getByRole('radio', { name: 'Partner' }).check();
  assert.equal(await page.locator('#event-organizer_partner_id-error').count(), 0);
  assert.match(await summary.innerText(), /4 fields need attention:/);
  assertCalm(page);
});

scenario('what the server says of a field is said at the field, and over the form as the way there', { as: ADMIN }, async (page) => {
  await visit(page, '/team/invite');
  await page.getByLabel('Full name').fill('Meera Iyer');
  await page.getByLabel('Email').fill(MANAGER);
  await page.getByRole('radio', { name: /^Author/ }).check();
  await page.getByRole('button', { name: 'Send invitation' }).click();
  const summary = page.getByRole('alert').filter({ hasText: '1 field needs attention:' });
  await summary.waitFor();
  const taken = 'Another account has this email address.';
  assert.equal((await summary.innerText()).split(taken).length, 2, 'once over the form');
  assert.equal((await page.locator('main').innerText()).split(taken).length, 3, 'and once at the field');
  await summary.getByRole('link', { name: taken }).click();
  assert.equal(await page.evaluate(() => document.activeElement.name), 'email');
  assertCalm(page, /409/);
});

scenario('what is on the page works while it is asked for again', { as: MANAGER }, async (page) => {
  const event = (await harness.admin.get('/events?status=published')).items[0];
  await visit(page, `/events/${event.id}?tab=types`);
  const add = page.getByRole('button', { name: 'Add ticket type' }).first();
  const dialog = page.getByRole('dialog', { name: 'Add ticket type' });
  const send = dialog.getByRole('button', { name: 'Add ticket type' });
  const record = (url) => url.pathname === `/api/v1/events/${event.id}`;
  let answer;
  const held = new Promise((resolve) => (answer = resolve));
  await page.route(record, async (route) => {
    await held;
    await route.continue();
  });
  await add.click();
  await dialog.getByLabel('Name').fill('Balcony');
  await dialog.getByLabel(/^Price in/).fill('900');
  const asked = page.waitForRequest((request) => record(new URL(request.url())));
  await send.click();
  await asked;
  // The next one is begun before the page has come with the first.
  await add.click();
  await send.click();
  await dialog.getByText('Enter a name').first().waitFor();
  await dialog.getByLabel('Name').fill('Gallery');
  const came = page.waitForResponse((response) => record(new URL(response.url())));
  answer();
  // It comes while the next one is typed, which stays; both are there once that is done.
  await came;
  await dialog.getByLabel('Name').pressSequentially(' of the west wing', { delay: 80 });
  await dialog.getByLabel(/^Price in/).fill('700');
  assert.equal(await dialog.getByLabel('Name').inputValue(), 'Gallery of the west wing');
  await send.click();
  await dialog.waitFor({ state: 'hidden' });
  for (const name of [/Balcony/, /Gallery/]) {
    await page.getByRole('cell', { name }).or(page.getByRole('rowheader', { name })).first().waitFor();
  }
  assertCalm(page);
});
