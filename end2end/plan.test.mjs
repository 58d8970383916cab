// The plan of an event: bars are moved by pointer and by keyboard, undone and saved; offers are answered by a link.
import assert from 'node:assert/strict';
import { assertCalm, screenshot, violations, visit } from './browser.mjs';
import { ADMIN } from './people.mjs';
import { journey, setStage, stage } from './stage.mjs';

setStage('plan');

/** The plan of the demo's next events that has nothing to fix, and the set on it that is first on its stage. */
async function planned() {
  for (const { id } of (await stage.admin.get('/events?status=published&limit=100')).items) {
    const plan = await stage.admin.get(`/events/${id}/plan`);
    const set = plan.entries.find((entry) => entry.title === 'The Salt Coast');
    if (set && !plan.clashes.some((clash) => clash.severity === 'must_fix')) return { id, set };
  }
  return assert.fail('the demo plans an event');
}

const startOf = async (event, set) => {
  const plan = await stage.admin.get(`/events/${event}/plan`);
  return Date.parse(plan.entries.find((entry) => entry.id === set.id).starts_at);
};
const MINUTE = 60_000;

journey('a bar is dragged, moved by keyboard, undone and saved', { as: ADMIN }, async (page) => {
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

journey('an offer is accepted, another declined, by a link and without script', phone, async (page) => {
  const { id, set } = await planned();
  const at = (hours) => new Date(Date.parse(set.starts_at) + hours * 60 * MINUTE).toISOString();
  const member = await stage.admin.ok('POST', '/staff', { full_name: 'Nadia Khan', email: 'nadia@example.com', rate_minor: 40_000 });
  const offers = [];
  for (const [role, from, to] of [['Cloakroom', -3, 0], ['Runner', 1, 4]]) {
    const offer = { event_id: id, staff_id: member.id, role, starts_at: at(from), ends_at: at(to) };
    offers.push(await stage.admin.ok('POST', '/staff/assignments', offer));
  }
  const link = new URL((await stage.admin.get(`/staff/${member.id}/link`)).url).pathname;
  await page.goto(link);
  await page.getByRole('heading', { level: 1, name: '2 offers for you, Nadia' }).waitFor();
  await screenshot(page, 'crew-offers');
  await page.getByRole('region', { name: 'Cloakroom' }).getByRole('button', { name: 'Accept' }).click();
  await page.getByRole('heading', { level: 1, name: '1 offer for you, Nadia' }).waitFor();
  await page.getByRole('region', { name: 'Runner' }).getByRole('button', { name: 'Decline' }).click();
  await page.getByRole('heading', { level: 1, name: 'Your shifts, Nadia' }).waitFor();
  const all = (await stage.admin.get(`/staff/assignments/${id}`)).items;
  const status = (offer) => all.find((one) => one.id === offer.id)?.status;
  assert.deepEqual(offers.map(status), ['accepted', 'declined']);
  assertCalm(page);
});
