// Every page: loads and comes alive without a complaint, reads without script, fits every width, can be used by
// keyboard, and axe finds nothing, light and dark.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { areas } from './areas.mjs';
import { assertCalm, focus, launch, layoutShift, newPage, open, overflow, REFUSED, repeatedIds, screenshot, startOver, violations, visit } from './browser.mjs';
import { ADMIN, Caller } from './people.mjs';
import { ARTIFACTS, Server, until } from './server.mjs';

const PAGES = areas.flatMap((area) => area.pages);

// `PAGES=2/3` takes the second third of them: parts that run side by side.
const [part, parts] = (process.env.PAGES ?? '1/1').split('/').map(Number);

let server, browser;
const contexts = new Map();

before(async () => {
  server = await Server.start(`pages-${part}`);
  browser = await launch();
  const admin = await Caller.signIn(server.url, ADMIN);
  for (const area of areas) await area.prepare(admin);
});

after(async () => {
  await browser?.close();
  const code = await server?.stop();
  console.log(`Screenshots: ${ARTIFACTS}`);
  assert.equal(code, 0, 'SIGTERM ends the server calmly');
  assert.deepEqual(server.faults(), [], 'the server logged no error');
});

/** One context for each kind of visitor; sessions are opened once. */
function context(as, options) {
  const key = JSON.stringify([as, options]);
  if (!contexts.has(key)) contexts.set(key, open(browser, server, { as: as ?? undefined, ...options }));
  return contexts.get(key);
}

test('every page of the Command Center is in this list', () => {
  const known = Server.pages().map((page) => page.path);
  assert.ok(known.length > 80, `the server knows only ${known.length} pages`);
  const visited = PAGES.map((page) => page.route ?? page.path());
  assert.deepEqual(known.filter((path) => !visited.includes(path)), []);
  const names = PAGES.map((page) => page.name);
  assert.deepEqual(names.filter((name, at) => names.indexOf(name) !== at), [], 'two pages of one name');
});

test('a page asks for its data once', async () => {
  const { token } = await Caller.signIn(server.url, ADMIN);
  const answer = await fetch(`${server.url}/team`, { headers: { cookie: `evf_staff=${token}` } });
  const asked = (await answer.text()).match(/__PENDING_RESOURCES=\[([^\]]*)\]/)[1].split(',').filter(Boolean);
  assert.equal(asked.length, 4, 'the account, its clock and what waits for the frame, and the list');
});

/** The released WASM has no gallery. */
const LOOKED_AT = PAGES.filter(({ name }) => !(process.env.RELEASED && name === 'gallery'));

/** What a narrow or a dark page can break; the other rules have looked at the same markup. */
const LAID_OUT = ['color-contrast', 'link-in-text-block', 'target-size', 'scrollable-region-focusable', 'button-name', 'link-name'];

for (const { name, path, says, as = ADMIN, status = 200, plain = false, busy = false, repeats } of LOOKED_AT.filter((_, at) => at % parts === part - 1)) {
  const expected = status === 200 ? [] : [REFUSED];

  describe(`page ${name}`, () => {
    let page;
    before(async () => {
      page = await newPage(await context(as, { colorScheme: 'light' }));
    });
    after(() => page.close());

    test('loads, comes alive and stays calm', async () => {
      const answered = plain ? (await page.goto(path())).status() : await visit(page, path());
      assert.equal(answered, status);
      assert.match(await page.locator('main').innerText(), says);
      assert.equal(await page.locator('h1').count(), 1, 'one h1');
      assert.match(await page.title(), /\S.*Eventify/, 'a title of its own');
      assertCalm(page, ...expected);
      const shift = await layoutShift(page);
      assert.ok(shift.sum < 0.05, `layout shift ${shift.sum.toFixed(3)}: ${shift.what}`);
      assert.deepEqual(await repeatedIds(page), [], 'ids that stand twice');
    });

    test('axe finds nothing', async () => {
      await screenshot(page, `${name}-light`);
      assert.deepEqual(await violations(page), []);
    });

    test('can be used by keyboard', async () => {
      await startOver(page);
      const seen = [];
      for (let pressed = 0; pressed < 25; pressed++) {
        await page.keyboard.press('Tab');
        const at = await focus(page);
        if (!at) break;
        seen.push(at);
      }
      assert.ok(seen.length > 0, 'Tab reaches something');
      const shell = seen.find((at) => at.skip);
      // Outside the Command Center there is next to nothing to be skipped.
      if (shell) assert.ok(seen[0].skip, `the skip link comes first, not ${seen[0].name}`);
      else assert.ok(seen.slice(0, 3).some((at) => at.inMain), 'without a skip link main is near');
      for (const at of seen) {
        assert.ok(at.visible, `${at.html} has the focus and is not to be seen`);
        assert.ok(at.marked, `${at.html} does not show that it has the focus`);
      }
      if (shell) {
        await page.locator('a.skip').focus();
        await page.keyboard.press('Enter');
        await until('the skip link leads to main', () => page.evaluate(() => document.activeElement?.id === 'main'), 3000);
      }
    });

    test('fits desk, tablet and phone, and is dark where that is liked', async () => {
      const wide = {};
      for (const width of [1440, 768, 390]) {
        const out = await overflow(page, width);
        if (out.length) wide[width] = out;
      }
      assert.deepEqual(wide, {}, 'what sticks out, by width');
      await page.emulateMedia({ colorScheme: 'dark' });
      // What stands half under the bar, because of where the keyboard led, is not meant.
      await page.evaluate(() => window.scrollTo(0, 0));
      // Of hundreds of the same kind, which axe has looked at in the light, some are enough here.
      if (repeats) await page.evaluate((of) => [...document.querySelectorAll(of)].slice(40).forEach((one) => one.remove()), repeats);
      await screenshot(page, `${name}-390-dark`);
      assert.deepEqual(await violations(page, LAID_OUT), [], 'axe at 390 px, dark');
    });

    // From the answer itself: what Chromium would show with its scripts switched off, without another page to load.
    test('reads without script', async () => {
      const answer = await page.context().request.get(path());
      assert.equal(answer.status(), status);
      const still = await page.evaluate((html) => {
        const there = new DOMParser().parseFromString(html, 'text/html');
        there.querySelectorAll('script, style, template, [hidden]').forEach((element) => element.remove());
        const main = there.querySelector('main');
        return {
          headings: there.querySelectorAll('h1').length,
          busy: main?.querySelectorAll('[aria-busy="true"]').length,
          text: main?.textContent,
        };
      }, await answer.text());
      assert.equal(still.headings, 1, 'one h1');
      assert.match(still.text, says);
      // The gallery shows on purpose what loading looks like.
      if (!busy) assert.equal(still.busy, 0, 'nothing is left loading');
    });
  });
}
