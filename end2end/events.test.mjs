// Events: from a draft to the day it is cancelled, by those who run it everywhere and by those of one partner.
import assert from 'node:assert/strict';
import { assertCalm, REFUSED, visit } from './browser.mjs';
import { find, harness, heading, path, scenario, useHarness } from './harness.mjs';
import { ADMIN } from './people.mjs';

useHarness('events');

const TITLE = 'Lamps on the River';

/** A day ahead, as a field for a day and time takes it. */
const inDays = (days, hour) => `${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)}T${hour}:00`;

scenario('an event is drafted, sells, is published, has a guest, and is cancelled', { as: ADMIN }, async (page) => {
  await visit(page, '/events');
  await page.getByRole('link', { name: 'New event' }).click();
  await heading(page, 'New event').waitFor();
  await page.getByRole('button', { name: 'Create draft' }).click();
  await page.getByText('Enter a title').first().waitFor();
  await page.getByLabel('Title').fill(TITLE);
  await page.getByLabel('Description').fill('A thousand lamps, one river.');
  await find(page, 'Partner', 'Blue Lot', 'Blue Lotus Presents');
  await find(page, 'Venue', 'Lantern Court', 'Lantern Courtyard');
  await page.getByLabel('Starts').fill(inDays(60, '19'));
  await page.getByLabel('Ends').fill(inDays(60, '23'));
  await page.locator('#event-capacity').fill('40');
  await page.getByRole('button', { name: 'Create draft' }).click();
  await heading(page, new RegExp(TITLE)).waitFor();
  await page.getByText(/19:00 – 23:00 IST \(GMT\+5:30\) · in \d+ days · Lantern Courtyard/).waitFor();
  const id = path(page).split('/').at(-1);
  const made = await harness.admin.get(`/events/${id}`);
  assert.equal(made.start_at.slice(11, 16), '13:30', 'seven in the evening there is half past one in UTC');

  await page.getByRole('link', { name: 'Ticket types', exact: true }).click();
  await page.getByRole('button', { name: 'Add ticket type' }).first().click();
  const type = page.getByRole('dialog', { name: 'Add ticket type' });
  await type.getByLabel('Name').fill('Boat seat');
  await type.getByLabel('Price in INR').fill('₹1,499.50');
  await type.getByLabel('Quantity').fill('12');
  await type.getByRole('button', { name: 'Add ticket type' }).click();
  await page.getByRole('row', { name: /Boat seat/ }).getByText('₹1,499.50').waitFor();
  // For the next one nothing of it is left.
  await page.getByRole('button', { name: 'Add ticket type' }).first().click();
  assert.deepEqual(await type.locator('input:not([type=checkbox]), textarea').evaluateAll((fields) => fields.map((field) => field.value)), ['', '', '', '', '4', '', '']);
  await type.getByLabel('Name').fill('Half typed');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Add ticket type' }).first().click();
  assert.equal(await type.getByLabel('Name').inputValue(), '', 'what was left behind is gone as well');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Publish' }).click();
  const publish = page.getByRole('dialog', { name: /Publish/ });
  await publish.getByText('Boat seat goes on sale: ₹1,499.50, 12 seats').waitFor();
  await publish.getByRole('button', { name: 'Publish event' }).click();
  await page.locator('.page-head .badge[data-tone="info"]').filter({ hasText: 'Published' }).waitFor();

  await page.getByRole('link', { name: /^Guests/ }).click();
  await page.getByRole('button', { name: 'Add guest' }).click();
  const guest = page.getByRole('dialog', { name: /Add a guest to/ });
  await guest.getByLabel('Seats').fill('2');
  await guest.getByLabel('Full name').fill('Nandini Rao');
  await guest.getByLabel('Email').fill('nandini@example.com');
  await guest.getByRole('button', { name: 'Add guest' }).click();
  const row = page.getByRole('row', { name: /Nandini Rao/ });
  await row.getByText('Going').waitFor();
  await page.getByText('Tickets sent to nandini@example.com').waitFor();
  // A guest opens beside the list, under an address of its own.
  await row.getByRole('link', { name: 'Nandini Rao' }).click();
  const panel = page.getByRole('complementary', { name: 'Nandini Rao' });
  await panel.getByRole('heading', { name: /Tickets 2/ }).waitFor();
  assert.match(page.url(), /[?&]guest=/);
  await panel.getByRole('button', { name: 'Resend tickets' }).click();
  await page.getByText('Tickets sent to nandini@example.com', { exact: true }).waitFor();
  await panel.getByText('resent tickets to Nandini Rao').waitFor();
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });

  // Somebody without email or phone: the page says so, and takes one.
  await page.getByRole('button', { name: 'Add guest' }).first().click();
  assert.deepEqual(
    await guest.locator('input').evaluateAll((fields) => fields.map((field) => field.value)), ['1', '', '', '', ''], 'the dialog opens fresh');
  await guest.getByLabel('Full name').fill('Rohit');
  await guest.getByRole('button', { name: 'Add guest' }).click();
  const rohit = page.getByRole('row', { name: /Rohit/ });
  await rohit.getByText("No email or phone: can't be notified").waitFor();
  assert.match(await page.locator('main tbody tr').first().innerText(), /Rohit/, 'the newest first');
  await rohit.getByRole('link', { name: 'Rohit' }).click();
  await page.getByRole('button', { name: 'Add contact' }).click();
  const contact = page.getByRole('dialog', { name: /email or phone for Rohit/ });
  await contact.getByLabel('Phone').fill('+91 98450 99887');
  await contact.getByRole('button', { name: 'Save and send tickets' }).click();
  await page.getByText('Tickets sent to +91 98450 99887').waitFor();
  await page.getByRole('complementary', { name: 'Rohit' }).waitFor();
  await page.keyboard.press('j');
  await page.getByRole('complementary', { name: 'Nandini Rao' }).waitFor();

  // Pasted from a spreadsheet: wrong cells are mended where they stand.
  await page.getByRole('link', { name: 'Import guests' }).click();
  await page.getByLabel('Rows from a spreadsheet').fill('Name\tEmail\tSeats\nArjun Das\tarjun@example\t3\nNandini Rao\tnandini@example.com\t1\nMira Sen\tmira@example.com\tmany\n');
  await page.getByRole('button', { name: 'Check list' }).click();
  await page.getByText('2 rows to fix').waitFor();
  await page.getByText('1 already guests, skipped').waitFor();
  assert.equal(await page.getByRole('button', { name: /^Import/ }).isDisabled(), true);
  await page.getByLabel('Row 2, email').fill('arjun@example.com');
  await page.getByRole('button', { name: 'Check again' }).click();
  await page.getByText('1 row to fix').waitFor();
  await page.getByRole('button', { name: 'Import 1 guest, leave 1 row out' }).click();
  await page.getByText('1 guest imported. Their tickets are on their way').waitFor();
  await page.getByLabel('Row 4, seats').waitFor();
  await page.getByRole('link', { name: /^Guests/ }).click();
  await page.getByRole('row', { name: /Arjun Das/ }).waitFor();

  const more = page.getByLabel(`More for ${TITLE}`);
  await more.click();
  await page.getByRole('button', { name: 'Cancel event…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Cancel this event?' });
  await dialog.getByText('6 tickets will be voided. 3 guests will be notified').waitFor();
  await dialog.getByLabel('Reason').fill('The river is too high');
  await dialog.getByRole('button', { name: 'Cancel event' }).click();
  await dialog.getByText(/exactly/).first().waitFor();
  await dialog.getByLabel(/to confirm/).fill(TITLE);
  await dialog.getByRole('button', { name: 'Cancel event' }).click();
  await page.getByText('This event was cancelled').waitFor();
  await page.getByText('The river is too high').first().waitFor();
  await page.getByRole('row', { name: /Nandini Rao/ }).getByText('Event cancelled').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Cancel event…' }).count(), 0);
  assertCalm(page, REFUSED);
});

scenario('from record to record one still goes after a look at the lists on their tabs', { as: ADMIN }, async (page) => {
  await visit(page, '/events');
  await page.locator('main tbody th a').first().click();
  await page.getByText(/^1 of \d+$/).waitFor();
  await page.getByRole('link', { name: /^Guests/ }).click();
  await page.getByRole('region', { name: 'Guests' }).getByRole('table').waitFor();
  await page.getByText(/^1 of \d+$/).waitFor();
  await page.getByRole('link', { name: 'Overview' }).last().click();
  await page.getByRole('heading', { name: 'Seats by source' }).waitFor();
  await page.getByText(/^1 of \d+$/).waitFor();
  await page.keyboard.press(']');
  await page.getByText(/^2 of \d+$/).waitFor();
  assertCalm(page);
});

scenario('an event moves by the clock of its place, and what somebody else saved is not lost', { as: ADMIN }, async (page) => {
  const input = { title: 'Moved by hand', organizer_partner_id: (await harness.admin.get('/partners?q=blue')).items[0].id, city: 'Oslo', venue_text: 'The quay', timezone: 'Europe/Oslo', start_at: `${inDays(30, '18')}:00Z`, end_at: `${inDays(30, '20')}:00Z`, capacity: 30 };
  const event = await harness.admin.ok('POST', '/events', input);
  await visit(page, `/events/${event.id}`);
  await page.getByLabel(/^More for/).click();
  await page.getByRole('button', { name: 'Change date or venue…' }).click();
  const dialog = page.getByRole('dialog', { name: /Reschedule/ });
  await dialog.getByLabel('Starts').fill(inDays(31, '12'));
  await dialog.getByLabel('Ends').fill(inDays(31, '15'));
  await dialog.getByRole('button', { name: 'Reschedule' }).click();
  await page.getByText(/12:00 – 15:00 CES?T \(GMT\+[12]\)/).first().waitFor();

  await page.getByRole('link', { name: 'Edit' }).click();
  await heading(page, /Edit Moved by hand/).waitFor();
  const now = await harness.admin.get(`/events/${event.id}`);
  await harness.admin.ok('PATCH', `/events/${event.id}`, { capacity: 55, version: now.version });
  await page.getByLabel('Category').fill('Picnic');
  await page.getByRole('button', { name: 'Save changes' }).click();
  const conflict = page.getByRole('dialog', { name: /saved changes/ });
  await conflict.getByText('55').first().waitFor();
  await conflict.getByRole('button', { name: 'Save merged version' }).click();
  await heading(page, /^Moved by hand/).waitFor();
  const saved = await harness.admin.get(`/events/${event.id}`);
  assert.deepEqual([saved.capacity, saved.mood], [55, 'Picnic']);
  assertCalm(page, REFUSED, /409/);
});

scenario('who runs the events of one partner sees those and no others', async () => {
  const colleague = await harness.admin.newColleague('Ottilie Scope', 'author');
  const role = await harness.admin.role('event_manager');
  const partner = (await harness.admin.get('/partners?q=marigold')).items[0];
  await harness.admin.ok('POST', `/admin/users/${colleague.id}/assignments`, { role_id: role.id, partner_id: partner.id });
  return { as: colleague.email };
}, async (page) => {
  await visit(page, '/events');
  await page.getByRole('link', { name: 'An Evening of Hindustani Strings' }).waitFor();
  assert.equal(await page.getByRole('link', { name: /Nordlys/ }).count(), 0);
  await page.getByRole('link', { name: 'An Evening of Hindustani Strings' }).click();
  await heading(page, /Hindustani/).waitFor();
  await page.getByLabel(/^More for/).click();
  await page.getByRole('button', { name: 'Cancel event…' }).waitFor();
  assertCalm(page);
});

scenario('markup in a title and a description is text: in the tab, in the form, and once saved', { as: ADMIN }, async (page) => {
  const title = '</title><meta http-equiv=refresh content="0;url=/gallery"><b>&amp;';
  const about = '</textarea><h1 id="out">Out</h1> & "more"\nsecond line';
  const [partner] = (await harness.admin.get('/partners?q=Blue+Lotus')).items;
  const event = await harness.admin.ok('POST', '/events', {
    title, description: about, organizer_partner_id: partner.id, city: 'Pune', venue_text: 'The hall', capacity: 20,
    timezone: 'Asia/Kolkata', start_at: `${inDays(50, '12')}:00Z`, end_at: `${inDays(50, '15')}:00Z`,
  });
  assert.equal(await visit(page, `/events/${event.id}`), 200);
  await heading(page, title).waitFor();
  assert.equal(await page.title(), `${title} · Eventify`);
  await visit(page, `/events/${event.id}/edit`);
  assert.equal(await page.locator('#out').count(), 0);
  const field = page.locator('textarea[name=description]');
  assert.equal(await field.inputValue(), about);
  await field.fill(`${about}</textarea>`);
  await page.getByRole('button', { name: /^Save/ }).click();
  // Made by the browser this time, which escapes nothing.
  await page.waitForURL(`**/events/${event.id}`);
  await page.waitForFunction((shown) => document.title === shown, `${title} · Eventify`);
  assert.equal((await harness.admin.get(`/events/${event.id}`)).description, `${about}</textarea>`);
  await page.locator(`a[href="/events/${event.id}/edit"]`).first().click();
  await field.waitFor();
  assert.equal(await field.inputValue(), `${about}</textarea>`);
  assertCalm(page);
});

scenario('the chosen tab is always in sight, and what is needed rarely is behind More', { as: ADMIN }, async (page) => {
  const event = (await harness.admin.get('/events?status=published&limit=1')).items[0];
  const strip = page.getByRole('navigation', { name: event.title, exact: true });
  const list = strip.locator('> ul');
  await page.setViewportSize({ width: 1440, height: 900 });
  await visit(page, `/events/${event.id}`);
  const heights = await list.locator('> li').evaluateAll((tabs) => new Set(tabs.map((tab) => tab.offsetTop)).size);
  assert.equal(heights, 1, 'all of them stand on one line');
  assert.equal(await strip.getByRole('link', { name: 'Streams' }).isVisible(), false);
  await strip.getByText('More', { exact: true }).click();
  await strip.getByRole('link', { name: 'Streams' }).click();
  await strip.locator('> ul [aria-current]').filter({ hasText: 'Streams' }).waitFor();

  await page.setViewportSize({ width: 390, height: 844 });
  for (const [tab, name] of [['money', 'Money'], ['activity', 'Activity'], ['guests', 'Guests']]) {
    await visit(page, `/events/${event.id}?tab=${tab}`);
    const current = list.locator('[aria-current]');
    await current.filter({ hasText: name }).waitFor();
    const [around, inside] = [await list.boundingBox(), await current.boundingBox()];
    assert.ok(inside.x >= around.x - 1 && inside.x + inside.width <= around.x + around.width + 1, `${name} is in sight`);
  }
  assertCalm(page);
});
