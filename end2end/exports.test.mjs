// Every list is had as a file, from its page: by a link that works without script, with the filter the page shows.
import assert from 'node:assert/strict';
import { areas } from './areas.mjs';
import { harness, scenario, useHarness } from './harness.mjs';
import { ADMIN } from './people.mjs';

useHarness('exports');

/** Somebody who may read all, without script. */
const READS = { as: ADMIN, javaScriptEnabled: false };

/** The lists of all areas that have rows in the demo. */
async function lists() {
  for (const area of areas) await area.prepare(harness.admin);
  return areas.flatMap((area) => area.lists());
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

scenario('every list has a file behind its page, and every column that may be chosen is one of the file', READS, async (page, context) => {
  const { admin } = harness;
  await admin.ok('POST', '/admin/ip-allowlist', { cidr: '127.0.0.0/8', note: 'This machine' });
  const without = [];
  let chosen = 0;
  const all = await lists();
  assert.ok(all.length > 40, `only ${all.length} lists are known`);
  for (const path of all) {
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
    const wide = await listed(page, context, `${path}${path.includes('?') ? '&' : '?'}col=${columns.join(',')}`);
    assert.match(wide.file, /columns=/, path);
    assert.equal((await context.request.get(wide.file)).status(), 200, `${path}: ${wide.file}`);
  }
  assert.deepEqual(without, [], 'lists without a file');
  assert.ok(chosen > 10, `lists with columns to choose: ${chosen}`);
});

scenario('a file holds the filter and the columns that the page shows', READS, async (page, context) => {
  await page.goto('/venues?city=Oslo&col=city&col=capacity');
  const shown = await page.locator('main tbody th a').allInnerTexts();
  assert.ok(shown.length > 0, 'the demo has venues in Oslo');
  const href = await page.locator('main a[title="Export CSV"]').getAttribute('href');
  const lines = (await (await context.request.get(href)).body()).toString().replace(/^\ufeff/, '').trim().split('\r\n');
  assert.equal(lines[0], 'name,city,capacity');
  assert.equal(lines.length, 1 + shown.length);
  assert.ok(lines.slice(1).every((line) => line.includes(',Oslo,')), lines.join('\n'));
});
