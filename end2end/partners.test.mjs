// Partners: what they hand in and who decides; and what every list can do, on theirs.
import assert from 'node:assert/strict';
import { assertCalm, newPage, open, REFUSED, visit } from './browser.mjs';
import { harness, heading, path, scenario, useHarness } from './harness.mjs';
import { ADMIN } from './people.mjs';
import { until } from './server.mjs';

useHarness('partners');

const FARAH = 'farah@marigoldhalls.test';
scenario('a partner hands in a document, a reviewer approves it', async () => ({ as: FARAH }), async (page, context) => {
  await visit(page, `${harness.server.url}/partners`);
  await page.getByRole('link', { name: 'Marigold Halls' }).click();
  await heading(page, /Marigold Halls/).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Suspend' }).count(), 0, 'a partner does not decide on itself');
  await page.getByRole('link', { name: 'Documents' }).click();
  const file = page.getByLabel('File');
  await page.getByLabel('Document type').selectOption('Other document');
  await file.setInputFiles({ name: 'licence.pdf', mimeType: 'application/pdf', buffer: Buffer.from('not a pdf at all') });
  await page.getByRole('button', { name: 'Upload' }).click();
  await page.getByRole('alert').filter({ hasText: /PDF/ }).first().waitFor();
  await file.setInputFiles({ name: 'licence.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7\n%%EOF\n') });
  await page.getByRole('button', { name: 'Upload' }).click();
  await page.getByRole('row', { name: /licence\.pdf/ }).getByText('Pending').waitFor();
  assertCalm(page, REFUSED);

  const office = await open(harness.browser, harness.server, { as: ADMIN });
  try {
    const desk = await newPage(office);
    await visit(desk, `${harness.server.url}/kyc`);
    // By keyboard alone: forward until it is this file, then approve.
    const shown = desk.locator('iframe[title^="licence.pdf"]');
    for (let step = 0; step < 20 && !(await shown.count()); step += 1) {
      const before = desk.url();
      await desk.keyboard.press('n');
      await desk.waitForFunction((old) => {
        const shown = document.querySelector('.review a[aria-current]')?.getAttribute('href');
        return location.href !== old && shown === location.pathname + location.search;
      }, before);
    }
    await shown.waitFor();
    await desk.keyboard.press('a');
    const approve = desk.getByRole('dialog').getByRole('button', { name: 'Approve' });
    await approve.waitFor();
    await approve.focus();
    await desk.keyboard.press('Enter');
    await shown.waitFor({ state: 'detached' });
    assertCalm(desk);
  } finally {
    await office.close();
  }
  await page.reload();
  await page.getByRole('row', { name: /licence\.pdf/ }).getByText('Verified').waitFor();
});

scenario('a partner without a logo is renamed', { as: ADMIN }, async (page) => {
  const partner = (await harness.admin.get('/partners?q=Saffron')).items[0];
  assert.ok(!partner.logo_url, JSON.stringify(partner));
  await visit(page, `/partners/${partner.id}/edit`);
  await page.getByLabel('Business name').fill('Saffron Bank of Pune');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await heading(page, /Saffron Bank of Pune/).waitFor();
  assertCalm(page);
});

scenario('on a phone the decision is in sight, and reached before the document', { as: ADMIN }, async (page) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await visit(page, '/kyc');
  const partner = await page.locator('.review a[aria-current]').innerText();
  assert.ok((await page.locator('#review-document').innerText()).endsWith(` of ${partner}`), 'the title names the document');
  for (const name of ['Approve', 'Reject']) {
    const box = await page.locator('.review-act > button', { hasText: name }).boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= 390 && box.y >= 0 && box.y + box.height <= 844, `${name}: ${JSON.stringify(box)}`);
  }
  const before = await page.evaluate(() =>
    document.querySelector('.preview').compareDocumentPosition(document.querySelector('.review-act')) === Node.DOCUMENT_POSITION_PRECEDING);
  assert.ok(before, 'no frame has to be left to decide');
  assertCalm(page);
});

const rows = (page) => page.locator('main table tbody tr');
const names = (page) => page.locator('main tbody th a').allInnerTexts();

scenario('a long list is begun at a day, or at a letter', { as: ADMIN }, async (page) => {
  await visit(page, '/payments?limit=25&status=captured');
  const first = () => page.locator('table tbody tr').first();
  const newest = await first().locator('time').getAttribute('datetime');
  const day = new Date(Date.parse(newest) - 10 * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel('Go to day').fill(day);
  await page.getByRole('button', { name: 'Go', exact: true }).click();
  await page.waitForURL(new RegExp(`status=captured.*back_from=${day}`));
  assert.match(page.url(), /limit=25/, 'the list stays as it was');
  assert.ok((await first().locator('time').getAttribute('datetime')).slice(0, 10) <= day, 'it begins with that day');
  await page.getByRole('link', { name: 'First page' }).click();
  await page.waitForURL((url) => !url.search.includes('back_from'));
  await visit(page, '/users?sort=name&limit=25');
  await page.getByRole('group', { name: 'Users, by letter' }).getByRole('link', { name: 'M', exact: true }).click();
  await page.waitForURL(/cursor=at%3Am/);
  await page.waitForFunction(() => /^[m-z]/i.test(document.querySelector('table tbody th a').textContent));
  assertCalm(page);
});

scenario('columns are chosen, the URL keeps them, and the file has the same', { as: ADMIN }, async (page) => {
  await visit(page, '/partners?status=active');
  const before = await rows(page).count();
  await page.getByLabel('Columns').click();
  await page.getByRole('checkbox', { name: 'Joined' }).uncheck();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.waitForURL(/col=type&col=status&col=verification/);
  await page.getByRole('columnheader', { name: 'Joined' }).waitFor({ state: 'detached' });
  assert.match(page.url(), /status=active/, 'the filter stays');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export CSV' }).click()]);
  assert.match(download.suggestedFilename(), /^partners-\d{4}-\d\d-\d\d\.csv$/);
  let file = '';
  for await (const part of await download.createReadStream()) file += part;
  const lines = file.trim().split('\r\n');
  assert.equal(lines[0].replace('\ufeff', ''), 'name,type,status,verification,balance');
  assert.equal(lines.length, before + 1);
  assertCalm(page);
});

scenario('filters show what the list shows, whichever way it came to that', { as: ADMIN }, async (page) => {
  await visit(page, '/partners');
  const status = page.getByRole('search').locator('select[name=status]');
  const search = page.getByRole('searchbox', { name: 'Search' });
  const chip = (text) => page.locator('.chips').getByText(text);
  await status.selectOption('suspended');
  await page.waitForURL(/status=suspended/);
  await status.selectOption('active');
  await page.waitForURL(/status=active/);
  await chip('Active').waitFor();
  await page.goBack();
  await chip('Suspended').waitFor();
  assert.equal(await status.inputValue(), 'suspended', 'Back');
  await search.fill('blue');
  await search.press('Enter');
  await chip('“blue”').waitFor();
  assert.match(page.url(), /q=blue/);
  assert.match(page.url(), /status=suspended/);
  await chip('Suspended').click();
  await chip('Suspended').waitFor({ state: 'detached' });
  assert.equal(await status.inputValue(), '', 'a chip that was removed');
  assert.equal(await search.inputValue(), 'blue');
  await page.getByRole('link', { name: 'Clear all' }).click();
  await page.locator('.chips').waitFor({ state: 'detached' });
  assert.deepEqual([await status.inputValue(), await search.inputValue()], ['', ''], 'Clear all');
  assertCalm(page);
});

scenario('a view is kept, found again, and removed', { as: ADMIN }, async (page) => {
  await visit(page, '/partners?type=venue&sort=-name');
  const seen = await names(page);
  await page.getByText('Views', { exact: true }).click();
  await page.getByText('No saved views yet.').waitFor();
  await page.getByRole('button', { name: 'Save this view' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Halls from the end');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Halls from the end' }).waitFor();
  await visit(page, '/partners');
  await page.getByText('Views', { exact: true }).click();
  await page.getByRole('link', { name: 'Halls from the end' }).click();
  await page.waitForURL(/type=venue&sort=-name/);
  await until('the rows are those of the view', async () => (await names(page)).join() === seen.join());
  await page.getByText('Views', { exact: true }).click();
  await page.getByRole('button', { name: 'Remove the view Halls from the end' }).click();
  await page.getByText('No saved views yet.').waitFor();
  assertCalm(page);
});

scenario('many are suspended at once; what cannot be is named, the rest is done', { as: ADMIN }, async (page) => {
  const input = (name) => ({ name, type: 'vendor', contact_name: 'Con Tact', contact_email: `${name.toLowerCase()}@bulk.example.com` });
  const made = [];
  for (const name of ['Bulkone', 'Bulktwo', 'Bulkthree']) made.push(await harness.admin.ok('POST', '/partners', input(name)));
  for (const partner of made.slice(0, 2)) await harness.admin.ok('PATCH', `/partners/${partner.id}/status`, { status: 'active' });
  await visit(page, '/partners?q=bulk');
  await page.getByLabel('Select all on this page').check();
  await page.getByText('3 selected').first().waitFor();
  await page.getByRole('button', { name: 'Suspend' }).click();
  const dialog = page.getByRole('dialog', { name: 'Suspend the selected partners?' });
  await dialog.getByRole('button', { name: 'Suspend' }).click();
  await dialog.getByText(/^Enter an? /).first().waitFor();
  await dialog.getByLabel('Reason').fill('Papers are missing');
  await dialog.getByRole('button', { name: 'Suspend' }).click();
  await page.getByText('2 partners suspended').waitFor();
  await page.getByText(/suspended · 1 skipped/).waitFor();
  await page.getByText(/Bulkthree: .*/).first().waitFor();
  await dialog.waitFor({ state: 'hidden' });
  await page.getByRole('row', { name: /Bulkone/ }).getByText('Suspended').waitFor();
  await page.getByRole('row', { name: /Bulkthree/ }).getByText('Invited').waitFor();
  // What was done needs no tick any more; what was refused keeps its own, and the bar says so.
  const ticked = () => page.locator('tbody tr:has(.sel:checked)').evaluateAll((all) => all.map((row) => row.innerText.match(/Bulk\w+/)[0]));
  assert.deepEqual(await ticked(), ['Bulkthree']);
  await page.locator('.bulk > strong').getByText('1 selected').waitFor();
  await page.getByRole('button', { name: 'Clear', exact: true }).click();
  assert.deepEqual(await ticked(), []);
  // A row of the page is used again for another record: the tick does not go over to it.
  const first = (await names(page))[0];
  await page.getByRole('checkbox', { name: `Select ${first}` }).check();
  await page.locator('.bulk > strong').getByText('1 selected').waitFor();
  await page.getByRole('columnheader').getByRole('link', { name: /Name|Partner/ }).first().click();
  await page.waitForURL(/sort=/);
  await page.waitForFunction((was) => document.querySelector('main tbody th a').innerText !== was, first);
  await page.locator('.bulk').waitFor({ state: 'hidden' });
  assert.deepEqual(await ticked(), []);
  assertCalm(page, REFUSED);
});

scenario('by keyboard from row to row, into a record and on to the next', { as: ADMIN }, async (page) => {
  await visit(page, '/partners');
  const [first, second, third] = await names(page);
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.getByText('1 selected').first().waitFor();
  await page.keyboard.press('Enter');
  await heading(page, new RegExp(second)).waitFor();
  await page.getByText(/^2 of \d+$/).waitFor();
  await page.keyboard.press(']');
  await heading(page, new RegExp(third)).waitFor();
  await page.getByRole('link', { name: 'Previous in the list' }).click();
  await heading(page, new RegExp(second)).waitFor();
  await page.keyboard.press('[');
  await heading(page, new RegExp(first)).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Previous in the list' }).count(), 0);
  await page.goBack();
  await visit(page, '/partners');
  await page.keyboard.press('/');
  await page.keyboard.type('marigold');
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=marigold/);
  assert.equal(path(page), '/partners');
  assertCalm(page);
});
