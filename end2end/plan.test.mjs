// The day: bars of a plan and events of the calendar are moved by pointer and by keyboard, undone and saved; offers are answered
// by a link, units go out and come back, and the crew and the artists have their documents.
import assert from 'node:assert/strict';
import { assertCalm, newPage, open, screenshot, violations, visit } from './browser.mjs';
import { harness, scenario, useHarness } from './harness.mjs';
import { ADMIN } from './people.mjs';

useHarness('plan');

/** The plan of the demo's next events that has nothing to fix, and the set on it that is first on its stage. */
async function planned() {
  for (const { id } of (await harness.admin.get('/events?status=published&limit=100')).items) {
    const plan = await harness.admin.get(`/events/${id}/plan`);
    const set = plan.entries.find((entry) => entry.title === 'The Salt Coast');
    if (set && !plan.clashes.some((clash) => clash.severity === 'must_fix')) return { id, set };
  }
  return assert.fail('the demo plans an event');
}

const startOf = async (event, set) => {
  const plan = await harness.admin.get(`/events/${event}/plan`);
  return Date.parse(plan.entries.find((entry) => entry.id === set.id).starts_at);
};
const MINUTE = 60_000;

scenario('a bar is dragged, moved by keyboard, undone and saved', { as: ADMIN }, async (page) => {
  const { id, set } = await planned();
  await visit(page, `/events/${id}/plan`);
  const bar = page.locator(`[data-entry="${set.id}"]`);
  const says = (words) => page.locator('.plan-board + [role=status]').filter({ hasText: words }).waitFor({ state: 'attached' });
  await bar.scrollIntoViewIfNeeded();
  // A quarter of an hour earlier, by pointer: read out on the way, looked at when it is let go.
  const hour = await bar.locator('xpath=..').evaluate((track) => track.clientWidth / Number(track.dataset.hours));
  const box = await bar.boundingBox();
  await page.mouse.move(box.x + 12, box.y + 12);
  await page.mouse.down();
  await page.mouse.move(box.x + 12 - hour / 4, box.y + 14, { steps: 5 });
  await bar.getByText(/\d\d:\d\d to \d\d:\d\d, Main Stage/).waitFor();
  await page.mouse.up();
  await page.getByText('1 change not saved').waitFor();
  assert.equal(await startOf(id, set), Date.parse(set.starts_at), 'nothing is written before it is saved');
  // And five minutes more by keyboard.
  await page.waitForFunction((id) => document.activeElement?.closest('[data-entry]')?.dataset.entry === id, set.id);
  await page.keyboard.press('m');
  await says(/^Moving/);
  await page.keyboard.press('ArrowLeft');
  await says(/^\d\d:\d\d to \d\d:\d\d, Main Stage\.$/);
  await page.keyboard.press('Enter');
  await says(/, Main Stage\. (No clashes|Check|Note)/);
  assert.deepEqual(await violations(page), []);
  await screenshot(page, 'plan-moved');
  // The last step is taken back, done again and taken back; the one before stays.
  await page.waitForFunction((id) => document.activeElement?.closest('[data-entry]')?.dataset.entry === id, set.id);
  await page.keyboard.press('Control+z');
  await says(/^Undone: The Salt Coast/);
  await page.getByRole('button', { name: 'Redo' }).click();
  await says(/^Again: The Salt Coast/);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Save changes' }).click();
  await page.getByText('1 change saved').waitFor();
  await page.getByText('1 change not saved').waitFor({ state: 'detached' });
  assert.equal(await startOf(id, set), Date.parse(set.starts_at) - 15 * MINUTE);
  // A click opens the same bar, here on a board that nothing is on its way to any more.
  await visit(page, `/events/${id}/plan`);
  await bar.locator('a').click();
  const dialog = page.getByRole('dialog', { name: 'The Salt Coast' });
  await dialog.getByLabel('Note').fill('Needs a piano');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.locator(`#entry-${set.id}`).getByText('Needs a piano').waitFor();
  assertCalm(page);
});

const phone = { viewport: { width: 390, height: 844 }, javaScriptEnabled: false };

scenario('on a phone a plan has one button to add, and its rows line up', { as: ADMIN, viewport: phone.viewport }, async (page) => {
  const { id } = await planned();
  await visit(page, `/events/${id}/plan`);
  await page.getByText('Add', { exact: true }).click();
  await page.getByRole('button', { name: 'Crew shift' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add crew shift' });
  await dialog.getByLabel('Where in the venue').waitFor();
  await page.keyboard.press('Escape');
  for (const [path, table] of [['plan', '.plan-list'], ['run-sheet', '.run-sheet']]) {
    await visit(page, `/events/${id}/${path}`);
    const sides = (what, side) => page.locator(`${table} tbody tr:not(.lane) ${what}`).evaluateAll(
      (all, side) => [...new Set(all.map((one) => Math.round(one.getBoundingClientRect()[side])))], side);
    assert.equal((await sides('th', 'left')).length, 1, `${path}: what it is begins at one line`);
    assert.equal((await sides('th + td + td', 'right')).length, 1, `${path}: how it is ends at one line`);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
    await screenshot(page, `${path}-phone`);
  }
  assert.deepEqual(await violations(page), []);
  assertCalm(page);
});

scenario('an offer is accepted, another declined, by a link and without script', phone, async (page) => {
  const { id, set } = await planned();
  const at = (hours) => new Date(Date.parse(set.starts_at) + hours * 60 * MINUTE).toISOString();
  const member = await harness.admin.ok('POST', '/staff', { full_name: 'Nadia Khan', email: 'nadia@example.com', rate_minor: 40_000 });
  const offers = [];
  for (const [role, from, to] of [['Cloakroom', -3, 0], ['Runner', 1, 4]]) {
    const offer = { event_id: id, staff_id: member.id, role, starts_at: at(from), ends_at: at(to) };
    offers.push(await harness.admin.ok('POST', '/staff/assignments', offer));
  }
  const link = new URL((await harness.admin.get(`/staff/${member.id}/link`)).url).pathname;
  await page.goto(link);
  await page.getByRole('heading', { level: 1, name: '2 offers for you, Nadia' }).waitFor();
  await screenshot(page, 'crew-offers');
  await page.getByRole('region', { name: 'Cloakroom' }).getByRole('button', { name: 'Accept' }).click();
  await page.getByRole('heading', { level: 1, name: '1 offer for you, Nadia' }).waitFor();
  await page.getByRole('region', { name: 'Runner' }).getByRole('button', { name: 'Decline' }).click();
  await page.getByRole('heading', { level: 1, name: 'Your shifts, Nadia' }).waitFor();
  const all = (await harness.admin.get(`/staff/assignments/${id}`)).items;
  const status = (offer) => all.find((one) => one.id === offer.id)?.status;
  assert.deepEqual(offers.map(status), ['accepted', 'declined']);
  assertCalm(page);
});

const DAY = 24 * 60 * MINUTE;

/** Two venues with an event each, in a week that no other test has; the second one two days after the first. */
async function twoVenues(tag, weeks, publish = false) {
  const partner = (await harness.admin.get('/partners?status=active')).items[0];
  // A Wednesday about seven months from now and so many weeks, 13:30 UTC.
  const base = new Date(Date.now() + (210 + weeks * 7) * DAY);
  base.setUTCHours(13, 30, 0, 0);
  base.setUTCDate(base.getUTCDate() + ((3 - base.getUTCDay() + 7) % 7));
  const events = [];
  for (const [name, days] of [['Alpha', 0], ['Beta', 2]]) {
    const venue = await harness.admin.ok('POST', '/venues', { name: `${name} hall ${tag}`, city: 'Pune' });
    const start = new Date(base.getTime() + days * DAY);
    const event = await harness.admin.ok('POST', '/events', {
      title: `${name} night ${tag}`, organizer_partner_id: partner.id, venue_id: venue.id, timezone: 'Asia/Kolkata',
      start_at: start.toISOString(), end_at: new Date(start.getTime() + 3 * 60 * MINUTE).toISOString(), capacity: 50,
    });
    if (publish) await harness.admin.ok('POST', `/events/${event.id}/publish`, {});
    events.push({ ...event, venue });
  }
  return { events, week: `/calendar?view=week&day=${base.toISOString().slice(0, 10)}` };
}

const dayOf = (event, days = 0) => new Date(Date.parse(event.start_at) + days * DAY).toISOString().slice(0, 10);
const eventNow = (event) => harness.admin.get(`/events/${event.id}`);

/** The cell of a day in the lane of an event. */
const cellIn = (page, lane, day) => page.locator(`tr:has([data-event="${lane.id}"]) td[data-day="${day}"]`);

async function drag(page, from, to) {
  const [a, b] = [await from.boundingBox(), await to.boundingBox()];
  await page.mouse.move(a.x + a.width / 2, a.y + 8);
  await page.mouse.down();
  await page.mouse.move(a.x + a.width / 2 + 10, a.y + 12, { steps: 3 });
  await page.mouse.move(b.x + b.width / 2, b.y + b.height / 2, { steps: 8 });
}

scenario('a shift is offered from the plan, and who moves the event is told what goes along', { as: ADMIN }, async (page) => {
  const { events: [alpha] } = await twoVenues('six', 10);
  const member = await harness.admin.ok('POST', '/staff', { full_name: 'Omkar Jadhav', email: 'omkar@example.com' });
  for (const role of ['Cloakroom', 'Runner']) {
    const shift = { role, headcount: 1, starts_at: alpha.start_at, ends_at: alpha.end_at };
    await harness.admin.ok('POST', `/events/${alpha.id}/shifts`, shift);
  }
  // The first of two forms: who is chosen in it is not asked for by the other.
  await visit(page, `/events/${alpha.id}/plan`);
  await page.getByRole('button', { name: 'Offer shift' }).first().click();
  const offer = page.getByRole('dialog', { name: /^Offer a shift: (Cloakroom|Runner)$/ });
  await offer.getByRole('button', { name: 'Offer shift' }).click();
  await offer.getByText('Choose who').first().waitFor();
  await offer.getByRole('radio', { name: /^Omkar Jadhav/ }).check();
  assert.deepEqual(await violations(page), []);
  await offer.getByRole('button', { name: 'Offer shift' }).click();
  await page.getByText('Shift offered').waitFor();
  const [offered] = (await harness.admin.get(`/staff/assignments/${alpha.id}`)).items;
  assert.deepEqual([offered.staff_id, offered.status], [member.id, 'offered']);
  // Whoever is on a shift is not offered it again; of a shift of two, the other one is.
  const two = await harness.admin.ok('POST', `/events/${alpha.id}/shifts`, {
    role: 'Usher', headcount: 2, starts_at: alpha.start_at, ends_at: alpha.end_at,
  });
  await harness.admin.ok('POST', '/staff/assignments', {
    event_id: alpha.id, staff_id: member.id, shift_id: two.id, status: 'pencilled',
  });
  await harness.admin.ok('POST', '/staff', { full_name: 'Leela Bhat', email: 'leela@example.com', area: 'Bandra West' });
  await visit(page, `/events/${alpha.id}/plan`);
  await page.locator(`#shift-${two.id}`).getByRole('button', { name: 'Offer shift' }).click();
  const second = page.getByRole('dialog', { name: 'Offer a shift: Usher' });
  await second.getByRole('radio', { name: /^Leela Bhat ?Free at that time · Lives in Bandra West · No other shifts that week$/ }).waitFor();
  assert.equal(await second.getByRole('radio', { name: /^Omkar Jadhav/ }).count(), 0);
  await page.keyboard.press('Escape');

  await visit(page, `/events/${alpha.id}#event-move`);
  const move = page.getByRole('dialog', { name: 'Reschedule Alpha night six' });
  await move.getByLabel('Starts').fill(`${dayOf(alpha, 1)}T18:00`);
  await move.getByText(/^\d entries of its plan move with it\. Crew are notified of their new hours\.$/).waitFor();
  assert.deepEqual(await violations(page), []);
  await screenshot(page, 'event-reschedule');
  assertCalm(page);
});

scenario('an event is dragged to another day and venue, asked about, moved and moved back', { as: ADMIN }, async (page) => {
  const { events: [alpha, beta], week } = await twoVenues('one', 0);
  await harness.admin.ok('POST', '/production/schedules', {
    event_id: alpha.id, title: 'Load-in', kind: 'load_in', starts_at: alpha.start_at, ends_at: alpha.end_at,
  });
  await visit(page, week);
  const target = cellIn(page, beta, dayOf(alpha, 1));
  await drag(page, page.locator(`[data-event="${alpha.id}"] a`), target);
  await target.and(page.locator('[data-target]')).waitFor();
  await screenshot(page, 'calendar-dragged');
  await page.mouse.up();
  const dialog = page.getByRole('dialog', { name: 'Move Alpha night one?' });
  await dialog.getByText('1 entry of its plan moves with it. Crew are notified of their new hours.').waitFor();
  await dialog.getByText('Beta hall one').waitFor();
  assert.deepEqual(await violations(page), []);
  await screenshot(page, 'calendar-asks');
  assert.equal((await eventNow(alpha)).start_at, alpha.start_at, 'nothing moves before it was asked');
  await dialog.getByRole('button', { name: 'Move event' }).click();
  const foot = page.getByRole('region', { name: 'What was moved' });
  await foot.getByText('Alpha night one moved').waitFor();
  const moved = await eventNow(alpha);
  assert.equal(Date.parse(moved.start_at), Date.parse(alpha.start_at) + DAY);
  assert.equal(moved.venue_id, beta.venue.id);
  await foot.getByRole('button', { name: 'Undo' }).click();
  await foot.waitFor({ state: 'detached' });
  const back = await eventNow(alpha);
  assert.deepEqual([back.start_at, back.venue_id], [alpha.start_at, alpha.venue.id]);
  // The click that ends a drag opened nothing; one that is none opens the plan.
  assert.match(page.url(), /\/calendar/);
  await page.locator(`[data-event="${alpha.id}"] a`).click();
  await page.waitForURL(`**/events/${alpha.id}/plan`);
  assertCalm(page);
});

scenario('M moves an event in the calendar, and a venue that is taken refuses it', { as: ADMIN }, async (page) => {
  const { events: [alpha, beta], week } = await twoVenues('two', 2, true);
  await visit(page, week);
  const says = (words) => page.locator('.calendar-lanes ~ [role=status]').filter({ hasText: words }).waitFor({ state: 'attached' });
  const link = page.locator(`[data-event="${alpha.id}"] a`);
  await link.focus();
  await page.keyboard.press('m');
  await says(/^Moving/);
  await page.keyboard.press('ArrowRight');
  await says(/Alpha hall two/);
  await page.keyboard.press('Escape');
  await says(/^Back where it was/);
  // Onto the other one, two days on and a lane below: refused with what is there.
  await page.keyboard.press('m');
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown']) await page.keyboard.press(key);
  await says(/Beta hall two/);
  await page.keyboard.press('Enter');
  await page.getByText('“Beta night two” is there at that time.').first().waitFor();
  assert.equal(await page.getByRole('dialog').count(), 0);
  // A week later is free: Enter asks, and Enter in the dialog's button moves it.
  await link.focus();
  await page.keyboard.press('m');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Move Alpha night two?' });
  await dialog.getByText('Guests with an email or phone are notified.').waitFor();
  await dialog.getByRole('button', { name: 'Move event' }).press('Enter');
  await page.getByRole('region', { name: 'What was moved' }).waitFor();
  assert.equal(Date.parse((await eventNow(alpha)).start_at), Date.parse(alpha.start_at) + 7 * DAY);
  assert.equal((await eventNow(beta)).start_at, beta.start_at);
  assertCalm(page);
});

scenario('in the calendar a bar goes over the days of its event, and none lies on another', { as: ADMIN }, async (page) => {
  const { events: [alpha], week } = await twoVenues('three', 4);
  const end = new Date(Date.parse(alpha.end_at) + DAY).toISOString();
  await harness.admin.ok('POST', '/events', {
    title: 'Long weekend three', organizer_partner_id: alpha.organizer_partner_id, venue_id: alpha.venue.id, timezone: 'Asia/Kolkata',
    start_at: new Date(Date.parse(alpha.end_at) + 60 * MINUTE).toISOString(), end_at: end, capacity: 50,
  });
  for (const [view, path] of [['week', week], ['month', week.replace('view=week', 'view=month')]]) {
    await visit(page, path);
    assert.equal(await page.locator('.cal-days').isVisible(), false);
    const seen = await page.locator('.calendar').evaluate((table) => {
      table.parentElement.scrollLeft = 0;
      const box = (one) => { const { left, right, top, bottom } = one.getBoundingClientRect(); return { left, right, top, bottom }; };
      const [names, first] = table.querySelectorAll('thead th');
      const rows = [...table.tBodies[0].rows].map((row) => ({
        row: box(row),
        bars: [...row.querySelectorAll('.cal-event')].map((bar) => ({
          ...box(bar), days: Number(bar.dataset.days), beside: bar.classList.contains('beside'), words: box(bar.querySelector('.words')),
        })),
      }));
      const region = table.parentElement;
      return { names: box(names), first: box(first), rows, hidden: region.scrollWidth - region.clientWidth };
    });
    assert.ok(seen.first.left >= seen.names.right - 1, 'the first day is beside the names');
    const column = seen.first.right - seen.first.left;
    for (const { row, bars } of seen.rows) {
      for (const [at, bar] of bars.entries()) {
        assert.ok(Math.abs(bar.right - bar.left - bar.days * column) < 4 + bar.days, `${view}: as wide as its days`);
        const { words } = bar;
        assert.ok(words.bottom <= bar.bottom + 1 && words.left >= seen.names.right - 2 && words.right <= row.right + 1, 'its words stay in its row');
        assert.ok(bar.beside ? words.left >= bar.right - 2 || words.right <= bar.left + 2 : words.right <= bar.right, 'they are in it or beside it');
        assert.ok(bar.left >= seen.names.right - 2 && bar.right <= row.right + 2 && bar.top >= row.top && bar.bottom <= row.bottom + 1);
        for (const other of bars.slice(at + 1)) {
          const [a, b] = [bar, other].map((one) => ({ left: Math.min(one.left, one.words.left), right: Math.max(one.right, one.words.right) }));
          const beside = a.right <= b.left + 2 || b.right <= a.left + 2;
          assert.ok(beside || bar.bottom <= other.top || other.bottom <= bar.top, `${view}: none lies on another`);
        }
      }
    }
    assert.ok(seen.rows.flatMap(({ bars }) => bars).length >= 2);
    assert.ok(seen.hidden <= 0, `${view}: all of its days are on the screen`);
    await screenshot(page, `calendar-${view}-bars`);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  const hidden = await page.locator('.calendar-lanes').evaluate((region) => region.scrollWidth - region.clientWidth);
  assert.ok(hidden <= 0, 'a month fits a smaller desk too');
  assert.equal(await page.locator('.cal-event', { hasText: 'Long weekend three' }).getAttribute('data-days'), '2');
  assert.deepEqual(await violations(page), []);
  assertCalm(page);
});

scenario('on a phone the calendar is a list of days, and what is over is folded', { as: ADMIN, viewport: { width: 390, height: 844 } }, async (page) => {
  await visit(page, '/calendar');
  assert.equal(await page.locator('.calendar-lanes').isVisible(), false);
  const days = await page.locator('.cal-days h2:visible').allTextContents();
  assert.ok(days.length > 0, 'the demo has events this month');
  const shown = await page.locator('.cal-days li:visible').count();
  const folded = page.locator('.cal-days summary');
  if (await folded.count()) {
    await folded.click();
    assert.ok((await page.locator('.cal-days li:visible').count()) !== shown, 'it opens, or closes');
  }
  for (const link of await page.locator('.cal-days li:visible a').all()) assert.ok((await link.boundingBox()).height >= 44);
  await screenshot(page, 'calendar-phone');
  await page.locator('.cal-days li:visible a').first().click();
  await page.waitForURL('**/plan');
  assertCalm(page);
});

scenario('N, C and T work without the board, and not while somebody types', { as: ADMIN }, async (page) => {
  const { events: [alpha] } = await twoVenues('three', 4);
  // Something that is on now, and something on the event's own day.
  const at = (minutes) => new Date(Date.now() + minutes * MINUTE).toISOString();
  const add = (title, from, to) => harness.admin.ok('POST', '/production/schedules', {
    event_id: alpha.id, title, kind: 'load_in', starts_at: from, ends_at: to,
  });
  const now = await add('Build', at(-5), at(60));
  const show = await add('Show', alpha.start_at, alpha.end_at);
  await visit(page, `/events/${alpha.id}/plan?day=${dayOf(alpha)}`);
  await page.keyboard.press('n');
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  await page.keyboard.press('t');
  assert.ok(page.url().includes(dayOf(alpha)), 'what is typed into a dialog is no key of the board');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  // The browser takes the focus out of a closed dialog with its next picture.
  await page.waitForFunction(() => !document.activeElement.closest('dialog'));
  await page.keyboard.press('c');
  await page.getByRole('status').filter({ hasText: 'No clashes on this day.' }).waitFor({ state: 'attached' });
  // What others change is drawn meanwhile: what was said is still there, and the focus stays at its bar.
  await page.locator(`.plan-track > [data-entry="${show.id}"] a`).focus();
  const soundcheck = await add('Soundcheck', alpha.start_at, alpha.end_at);
  await page.locator(`.plan-track > [data-entry="${soundcheck.id}"]`).waitFor();
  await page.waitForFunction((id) => document.activeElement?.closest('[data-entry]')?.dataset.entry === id, show.id);
  await page.getByRole('status').filter({ hasText: 'No clashes on this day.' }).waitFor({ state: 'attached' });
  await page.keyboard.press('t');
  await page.waitForFunction((id) => document.activeElement?.closest('[data-entry]')?.dataset.entry === id, now.id);
  assert.ok(!page.url().includes(dayOf(alpha)), 'it went to the day that is on');
  assertCalm(page);
});

scenario('a unit goes out by its code, comes back broken, and a spare takes its place', { as: ADMIN, viewport: { width: 390, height: 844 } }, async (page) => {
  const { events: [alpha] } = await twoVenues('four', 6);
  const gear = await harness.admin.ok('POST', '/equipment', { name: 'Hazer four', units_owned: 3 });
  for (const code of ['HZ-1', 'HZ-2']) await harness.admin.ok('POST', `/equipment/${gear.id}/units`, { code });
  await harness.admin.ok('POST', '/production/equipment', {
    event_id: alpha.id, equipment_id: gear.id, units: 1, starts_at: alpha.start_at, ends_at: alpha.end_at,
  });
  await visit(page, `/events/${alpha.id}/pick-list`);
  const row = page.locator('.run-sheet tbody tr');
  const out = page.locator('#unit-out');
  await out.getByLabel('Unit').fill('hz-1');
  await out.getByLabel('Unit').press('Enter');
  await page.getByText('HZ-1 checked out: Hazer four').waitFor();
  await row.getByText('HZ-1').waitFor();
  const back = page.locator('#unit-in');
  await page.getByRole('button', { name: 'Check in' }).click();
  await back.getByLabel('Unit').fill('HZ-1');
  await back.getByLabel('State').selectOption('To be repaired');
  await back.getByRole('button', { name: 'Check in' }).click();
  await row.getByText('Returned').waitFor();
  await page.getByRole('group', { name: 'Direction' }).getByRole('button', { name: 'Check out' }).click();
  await out.getByLabel('Unit').fill('HZ-2');
  await out.getByLabel('Unit').press('Enter');
  await page.getByText('HZ-2 checked out: Hazer four').waitFor();
  // Nothing of a row is cut off on a phone.
  await row.getByText('Out', { exact: true }).waitFor();
  const cut = await page.locator('.plan-lists').evaluate((region) => region.scrollWidth - region.clientWidth);
  assert.equal(cut, 0, 'the list is as wide as the screen');
  // From the top, where nothing is half behind the bar.
  await page.evaluate(() => window.scrollTo({ top: 0, behavior: 'instant' }));
  assert.deepEqual(await violations(page), []);
  await screenshot(page, 'pick-list-phone');
  assertCalm(page);
});

scenario('a document of the crew is handed in, says before which shift it expires, and goes', { as: ADMIN }, async (page) => {
  const { events: [alpha] } = await twoVenues('five', 8);
  const member = await harness.admin.ok('POST', '/staff', { full_name: 'Rehana Pillai', email: 'rehana@crew.example.com' });
  await harness.admin.ok('POST', '/staff/assignments', {
    event_id: alpha.id, staff_id: member.id, role: 'Rigger', starts_at: alpha.start_at, ends_at: alpha.end_at,
  });
  await visit(page, `/crew/${member.id}`);
  const papers = page.getByRole('region', { name: 'Documents of Rehana Pillai' });
  await papers.getByText('No documents yet.').waitFor();
  await papers.getByText('Upload a document').click();
  await papers.getByLabel('Document type').selectOption('Certificate');
  await papers.getByLabel('Valid until').fill(dayOf(alpha, -1));
  const file = { name: 'first-aid.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7\n%%EOF\n') };
  await papers.getByLabel('File').setInputFiles(file);
  await papers.getByRole('button', { name: 'Upload' }).click();
  await papers.getByText(/^Expires before Alpha night five on /).waitFor();
  assert.deepEqual(await violations(page), []);
  await screenshot(page, 'crew-documents');
  // Their own page says the same, without script, and opens the file.
  const link = new URL((await harness.admin.get(`/staff/${member.id}/link`)).url).pathname;
  const own = await open(harness.browser, harness.server, phone);
  try {
    const mine = await newPage(own);
    await mine.goto(link);
    await mine.getByText('Send a new one to the person who plans your shifts.').waitFor();
    await screenshot(mine, 'crew-own-documents');
    const href = await mine.getByRole('link', { name: /^Certificate: first-aid/ }).getAttribute('href');
    const answer = await own.request.get(href);
    assert.equal((await answer.body()).toString(), '%PDF-1.7\n%%EOF\n');
    assertCalm(mine);
  } finally {
    await own.close();
  }
  await papers.getByRole('button', { name: /^Remove first-aid/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await papers.getByText('No documents yet.').waitFor();
  assertCalm(page);
});

scenario('an artist who signs in sees their own schedule and documents alone', { as: 'kabir@demo.eventify.test' }, async (page) => {
  await visit(page, '/talent');
  await page.getByRole('heading', { level: 1, name: 'My schedule' }).waitFor();
  const papers = page.getByRole('region', { name: /^Documents of The Salt Coast/ });
  await papers.getByText('technical-rider.pdf', { exact: true }).first().waitFor();
  assert.equal(await papers.getByRole('button', { name: 'Upload' }).count(), 0, 'they change nothing');
  // What is overdue stands first, with somebody to write to.
  const first = page.getByRole('region', { name: /to do, 1 overdue$/ }).getByRole('listitem').first();
  await first.getByText(/^Overdue since/).waitFor();
  assert.match(await first.getByRole('link', { name: /^Email / }).getAttribute('href'), /^mailto:\S+@\S+\?subject=Names/);
  assert.deepEqual(await violations(page), []);
  await screenshot(page, 'artist-own');
  assertCalm(page);
});
