// What changes by itself: one stream for all tabs, counts that follow, lists that say what is new, records that say who
// changed them, and a line that comes back after the server was away.
import assert from 'node:assert/strict';
import { assertCalm, newPage, visit } from './browser.mjs';
import { harness, heading, scenario, useHarness } from './harness.mjs';
import { ADMIN } from './people.mjs';
import { until, withoutHash } from './server.mjs';

useHarness('streams');

const admin = () => harness.admin;
const partner = (name) => admin().ok('POST', '/partners', {
  name, type: 'venue', contact_name: 'Vikram Shah', contact_email: `${name.toLowerCase().replaceAll(' ', '.')}@partner.example.com`,
});
/** Whether the page has said what it listens to. */
const listens = (page, type) => page.waitForFunction((type) => document.documentElement.dataset.live?.split(',').includes(type), type);

scenario('two tabs share one stream: one list says what is new, one record says who changed it', { as: ADMIN }, async (page, context) => {
  const made = await partner('Paper Lanterns');
  await visit(page, `/partners/${made.id}`);
  const list = await newPage(context);
  await visit(list, '/partners?q=lantern');
  await listens(page, 'partner.changed');
  await listens(list, 'partner.created');
  const session = await harness.browser.newBrowserCDPSession();
  const workers = async () => (await session.send('Target.getTargets')).targetInfos.filter((t) => t.type === 'shared_worker' && withoutHash(t.url) === '/live.js');
  await until('one worker serves both', async () => (await workers()).length === 1);

  await partner('Lantern Riders');
  const news = list.locator('.news');
  await news.getByText('1 new partner').waitFor();
  await partner('Lantern Makers');
  await news.getByText('2 new partners').waitFor();
  assert.equal(await list.getByRole('link', { name: 'Lantern Riders' }).count(), 0, 'nothing moves before it is asked for');
  await news.getByRole('button', { name: 'Show' }).click();
  await list.getByRole('link', { name: 'Lantern Riders' }).waitFor();
  assert.equal(await news.count(), 0);

  const now = await admin().get(`/partners/${made.id}`);
  await admin().ok('PATCH', `/partners/${made.id}`, { name: 'Paper Lanterns and Kites', version: now.version });
  await page.locator('.news').getByText('You changed this in another tab').waitFor();
  await heading(page, 'Paper Lanterns').waitFor();
  await page.locator('.news').getByRole('button', { name: 'Show' }).click();
  await heading(page, 'Paper Lanterns and Kites').waitFor();
  // What one does oneself is no news.
  await page.getByRole('link', { name: 'Edit' }).click();
  await page.getByLabel('Business name').fill('Kites');
  await page.getByRole('button', { name: 'Save' }).click();
  await heading(page, 'Kites').waitFor();
  assert.equal((await workers()).length, 1);
  assert.equal(await page.locator('.news').count(), 0);
  assertCalm(page);
  assertCalm(list);
});

scenario('drafts say that one was created, and the audit log that an entry was written', { as: ADMIN }, async (page, context) => {
  const at = (hours) => new Date(Date.now() + (400 * 24 + hours) * 3_600_000).toISOString();
  const owner = (await admin().get('/partners?status=active')).items[0];
  const plan = {
    title: 'Lantern walk', organizer_partner_id: owner.id, city: 'Pune', venue_text: 'The pier', timezone: 'Asia/Kolkata',
    start_at: at(0), end_at: at(3), capacity: 50,
  };
  const made = await admin().ok('POST', '/events', plan);
  await visit(page, '/events?when=drafts');
  await listens(page, 'event.created');
  const log = await newPage(context);
  await visit(log, '/audit?action=event.created');
  await listens(log, 'admin.action.logged');
  const copy = await admin().ok('POST', `/events/${made.id}/duplicate`, {
    title: 'Lantern walk again', start_at: plan.start_at, end_at: plan.end_at,
  });
  const news = page.locator('.news');
  await log.locator('.news').getByText('1 new entry').waitFor();
  await news.getByText('1 new event').waitFor();
  const row = page.locator(`a[href="/events/${copy.id}"]`);
  assert.equal(await row.count(), 0, 'nothing moves before it is asked for');
  await news.getByRole('button', { name: 'Show' }).click();
  await row.waitFor();
  assert.equal(await news.count(), 0);
  // It comes to another part of the list by being published.
  await visit(log, '/events');
  await listens(log, 'event.status_changed');
  await admin().ok('POST', `/events/${copy.id}/publish`, {});
  await log.locator('.news').getByText('1 new event').waitFor();
  assertCalm(page);
  assertCalm(log);
});

scenario('the menu counts again by itself', { as: ADMIN }, async (page) => {
  await visit(page, '/');
  await listens(page, 'event_request.changed');
  const count = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Events/ }).locator('.count');
  const shown = async () => Number.parseInt(await count.innerText(), 10);
  const before = await shown();
  let pending;
  for (const event of (await admin().get('/events?limit=200')).items) {
    pending ??= (await admin().get(`/events/${event.id}/requests?status=pending`)).items[0];
  }
  await admin().ok('PATCH', `/requests/${pending.id}`, { status: 'declined' });
  await until('the count follows', async () => (await shown()) === before - 1);
  assertCalm(page);
});
