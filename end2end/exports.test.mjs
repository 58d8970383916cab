// Every list is had as a file, from its page: by a link that works without script, with the filter the page shows.
import assert from 'node:assert/strict';
import { areas } from './areas.mjs';
import { ADMIN } from './people.mjs';
import { journey, setStage, stage } from './stage.mjs';

setStage('exports');

/** Somebody who may read all, without script. */
const READS = { as: ADMIN, javaScriptEnabled: false };

/** The lists that have rows in the demo; those of an event are tabs of one that has some. */
async function lists() {
  const { admin } = stage;
  const event = (await admin.get('/events?q=hindustani')).items[0].id;
  const ids = {};
  for (const area of areas) await area.prepare?.(admin, ids);
  return [
    '/events', '/users', '/partners', '/team', '/payments', '/invoices', '/invoices?tab=credit-notes', '/ledger', '/audit',
    '/venues', '/interests', '/crew', '/talent', '/equipment', '/kyc', '/privacy', '/disputes', '/payouts', '/budgets',
    '/reconciliation', '/reconciliation?tab=settlements', '/wallets', '/fraud-signals', '/fees', '/roles', '/api-keys',
    ...areas.flatMap((area) => area.lists?.(ids) ?? []), '/jobs', '/sent-messages', '/event-bus', '/overview/events?days=90', '/ip-allowlist',
    `/events/${event}?tab=guests`, `/events/${event}?tab=types`, `/events/${event}?tab=requests`,
    `/events/${event}?tab=waiting`, `/events/${event}?tab=invitations`, `/events/${event}?tab=promos`,
    `/events/${event}?tab=streams`, `/events/${event}/door-sales`,
  ];
}

/** What the page at `path` says to whoever has no script: the address of its file, its columns, whether it is empty. */
async function listed(page, context, path) {
  const answer = await context.request.get(path);
  assert.equal(answer.status(), 200, path);
  return page.evaluate((html) => {
    const main = new DOMParser().parseFromString(html, 'text/html').querySelector('main');
    return {
      file: main.querySelector('a[title="Export CSV"]')?.getAttribute('href'),
      columns: [...main.querySelectorAll('input[name="col"]')].map((box) => box.value),
      empty: main.querySelector('.state-cell, .state') !== null,
    };
  }, await answer.text());
}

journey('every list has a file behind its page, and every column that may be chosen is one of the file', READS, async (page, context) => {
  const { admin } = stage;
  await admin.ok('POST', '/admin/ip-allowlist', { cidr: '127.0.0.0/8', note: 'This machine' });
  await admin.ok('POST', '/admin/api-keys', { key_name: 'Door printer', scope: ['staff.read'] });
  const without = [];
  let chosen = 0;
  for (const path of await lists()) {
    const { file, columns, empty } = await listed(page, context, path);
    if (!file) {
      // Where there is nothing, and nothing was looked for, there is no file either.
      if (!empty) without.push(path);
      continue;
    }
    const answer = await context.request.get(file);
    assert.equal(answer.status(), 200, `${path}: ${answer.url()}`);
    assert.match(answer.headers()['content-type'], /^text\/csv/, path);
    assert.match(answer.headers()['content-disposition'], /^attachment; filename="[a-z-]+-\d{4}-\d\d-\d\d\.csv"$/, path);
    assert.match((await answer.body()).toString(), /^\ufeff[a-z_.]+,[a-z_.,\d]+\r\n/, path);
    if (!columns.length) continue;
    chosen += 1;
    const all = await listed(page, context, `${path}${path.includes('?') ? '&' : '?'}col=${columns.join(',')}`);
    assert.match(all.file, /columns=/, path);
    assert.equal((await context.request.get(all.file)).status(), 200, `${path}: ${all.file}`);
  }
  assert.deepEqual(without, [], 'lists without a file');
  assert.ok(chosen > 10, `lists with columns to choose: ${chosen}`);
});

journey('a file holds the filter and the columns that the page shows', READS, async (page, context) => {
  await page.goto('/venues?city=Oslo&col=city&col=capacity');
  const shown = await page.locator('main tbody th a').allInnerTexts();
  assert.ok(shown.length > 0, 'the demo has venues in Oslo');
  const href = await page.locator('main a[title="Export CSV"]').getAttribute('href');
  const lines = (await (await context.request.get(href)).body()).toString().replace(/^\ufeff/, '').trim().split('\r\n');
  assert.equal(lines[0], 'name,city,capacity');
  assert.equal(lines.length, 1 + shown.length);
  assert.ok(lines.slice(1).every((line) => line.includes(',Oslo,')), lines.join('\n'));
});
