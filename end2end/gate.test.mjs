// The gate from the Command Center: gates and phones, the live board, updates that guests see too, and the door list.
import assert from 'node:assert/strict';
import { assertCalm, newPage, visit } from './browser.mjs';
import { harness, heading, scenario, useHarness } from './harness.mjs';
import { ADMIN } from './people.mjs';

useHarness('gate');

const live = async () => (await harness.admin.get('/events?status=live')).items[0];
const listens = (page, type) => page.waitForFunction((type) => document.documentElement.dataset.live?.split(',').includes(type), type);

scenario('a gate is added and changed, and a phone is shown how to pair', { as: ADMIN }, async (page) => {
  const event = await live();
  await visit(page, `/events/${event.id}`);
  await page.getByRole('link', { name: 'Gate', exact: true }).click();
  await page.waitForURL('**/gates');
  // The event stays in sight: its name, where it stands, its tabs.
  await heading(page, event.title).waitFor();
  await page.locator('.page-head .live-badge').waitFor();
  await page.getByRole('navigation', { name: event.title }).getByRole('link', { name: 'Gate', exact: true, current: 'page' }).waitFor();
  await page.getByRole('button', { name: 'Add gate' }).first().click();
  const add = page.getByRole('dialog', { name: 'Add gate' });
  await add.getByLabel('Name').fill('Terrace stairs');
  await add.getByLabel('Direction').selectOption('in');
  await add.getByRole('button', { name: 'Add gate' }).click();
  const row = page.locator('tr', { hasText: 'Terrace stairs' });
  await row.getByText('All ticket types').first().waitFor();
  await row.getByRole('button', { name: 'Edit Terrace stairs' }).click();
  const edit = page.getByRole('dialog', { name: 'Edit Terrace stairs' });
  await edit.getByLabel('Name').fill('Terrace');
  await edit.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Pair a phone' }).click();
  const pair = page.getByRole('dialog', { name: 'Pair a phone' });
  await pair.getByLabel('Gate').selectOption({ label: 'Terrace' });
  await pair.getByRole('button', { name: 'Show pairing code' }).click();
  const shown = page.getByRole('dialog', { name: 'Scan this with the phone' });
  await shown.getByRole('img', { name: 'Pairing QR code' }).waitFor();
  assert.match(await shown.locator('code').innerText(), /^[A-Z0-9-]{6,}$/);
  assertCalm(page);
});

scenario('each page of an event has its link and its menu, whose acts ask on its own page', { as: ADMIN }, async (page) => {
  const event = await live();
  const said = async (path) => {
    await visit(page, `/events/${event.id}${path}`);
    return page.locator('.page-head').locator('h1, .subtitle, .share > a, .menu-panel li').allTextContents();
  };
  const first = await said('');
  assert.ok((await page.locator('.share > a').getAttribute('href')).endsWith(`/e/${event.slug}`));
  assert.ok(first.includes('Public page') && first.some((text) => text.includes('Cancel event…')), first.join(', '));
  for (const path of ['/plan', '/door-sales', '/gates']) assert.deepEqual(await said(path), first, path);

  // A phone's first screen has what the page is about, and all of the menu.
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByLabel(`More for ${event.title}`).click();
  await page.locator('.page-head').getByRole('link', { name: 'Edit' }).waitFor();
  const end = (box) => box.y + box.height;
  assert.ok(end(await page.getByRole('heading', { name: 'Gates', exact: true }).boundingBox()) < 844, 'the gates begin on the first screen');
  const entry = page.getByRole('link', { name: 'Duplicate…' });
  const { x, width } = await entry.boundingBox();
  assert.ok(x >= 0 && x + width <= 390, `${x} to ${x + width}`);
  await entry.click();
  await page.getByRole('dialog', { name: `Duplicate ${event.title}` }).waitFor();
  await page.waitForURL((url) => url.pathname === `/events/${event.id}` && !url.hash);
  assertCalm(page);
});

scenario('an update for guests stands on the board at once, and on the public page', { as: ADMIN }, async (page, context) => {
  const event = await live();
  await visit(page, `/events/${event.id}/board`);
  await listens(page, 'live.*');
  await page.getByText('Inside now').first().waitFor();
  const team = await newPage(context);
  await visit(team, `/events/${event.id}?tab=updates`);
  await team.getByRole('button', { name: 'Post an update' }).click();
  const post = team.getByRole('dialog', { name: 'Post an update' });
  await post.getByLabel('Kind').selectOption('schedule');
  await post.getByLabel('Text').fill('The main stage starts at 20:45');
  await post.getByLabel('Who sees it').selectOption('guests');
  await post.getByRole('button', { name: 'Post update' }).click();
  await team.locator('.news-feed').getByText('The main stage starts at 20:45').first().waitFor();
  await page.locator('.news-feed').getByText('The main stage starts at 20:45').first().waitFor();
  assert.equal(await page.locator('.board-head.stale').count(), 0, 'the line stands');
  await page.goto(`/e/${event.slug}`);
  await page.getByRole('heading', { name: 'Live updates' }).waitFor();
  await page.getByText('The main stage starts at 20:45').first().waitFor();
  assertCalm(page);
  assertCalm(team);
});

scenario('what needs somebody comes first on a phone', { as: ADMIN, viewport: { width: 390, height: 844 } }, async (page) => {
  const event = await live();
  await visit(page, `/events/${event.id}/board`);
  const top = async (name) => (await page.getByRole('heading', { name, exact: true }).boundingBox()).y;
  assert.ok((await top('Needs you')) < (await top('Inside now')), 'needs before figures');
  assertCalm(page);
});

scenario('the wall is read from across a room, and nothing of it is cut', { as: ADMIN, viewport: { width: 1440, height: 900 } }, async (page) => {
  const event = await live();
  const body = `${'The car park behind the river stage is full: send guests to the north field. '.repeat(6)}Thank you.`;
  await harness.admin.post('/live/updates', { event_id: event.id, kind: 'warning', body: body.slice(0, 480), audience: 'staff' });
  for (const [width, height] of [[1280, 720], [1440, 900], [1920, 1080]]) {
    await page.setViewportSize({ width, height });
    await visit(page, `/events/${event.id}/board`);
    await page.getByRole('link', { name: 'Full screen', exact: true }).click();
    await page.locator('.wall').waitFor();
    await page.getByText('Inside now').first().waitFor();
    const size = await page.locator('.wall-figs dd').first().evaluate((figure) => parseFloat(getComputedStyle(figure).fontSize));
    assert.ok(size > height / 8, `the figure is ${size} px high on ${width} × ${height}`);
    const low = await page.locator('.wall-parts > section').evaluateAll((parts) => parts.map((part) => part.scrollHeight - part.clientHeight));
    assert.ok(low.every((over) => over <= 1), `nothing runs out of its card on ${width} × ${height}: ${low}`);
    const ends = await page.locator('.wall-said, .wall-gates li, .wall .needs li').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().bottom));
    assert.ok(ends.every((end) => end <= height), `all of it is on the screen of ${width} × ${height}: ${ends}`);
  }
  assertCalm(page);
});

scenario('a ticket is found on the door list by name and by code', { as: ADMIN }, async (page) => {
  const event = await live();
  await visit(page, `/events/${event.id}/door-list`);
  const rows = page.locator('.door tr[data-find]:visible');
  const all = await rows.count();
  const code = (await rows.first().locator('code').innerText()).trim();
  const find = page.getByRole('searchbox', { name: 'Find a ticket' });
  await find.fill(code.toLowerCase().replace('-', ''));
  await page.getByText('1 ticket', { exact: true }).waitFor();
  assert.equal(await rows.count(), 1);
  await find.fill('zzz nobody');
  await page.getByText('0 tickets', { exact: true }).waitFor();
  // On paper the list is whole, whatever is looked for.
  await page.emulateMedia({ media: 'print' });
  assert.equal(await rows.count(), all);
  await page.emulateMedia({ media: 'screen' });
  await find.fill('');
  assert.equal(await rows.count(), all);
  assertCalm(page);
});
