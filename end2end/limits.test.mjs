// With the limits as they are shipped: whoever is in a hurry meets none of them, a program that never stops does.
import assert from 'node:assert/strict';
import { assertCalm, newPage, REFUSED, visit } from './browser.mjs';
import { harness, heading, scenario, useHarness } from './harness.mjs';
import { PASSWORD } from './people.mjs';
import { SHIPPED_LIMITS } from './server.mjs';

useHarness('limits', SHIPPED_LIMITS);

const PAGES = ['/events', '/calendar', '/venues', '/crew', '/talent', '/equipment', '/interests', '/users', '/partners', '/account'];

scenario('a wrong password, then ten pages one after the other and ten at once: nobody is told to wait', {}, async (page, context) => {
  const refused = [];
  context.on('response', (response) => {
    if (response.status() === 429) refused.push(response.url());
  });
  const signIn = async (password) => {
    await page.getByLabel('Email').fill('meera@demo.eventify.test');
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };
  await visit(page, '/sign-in');
  await signIn('velvet rope 2025');
  await page.getByRole('alert').filter({ hasText: 'Wrong email or password' }).waitFor();
  await signIn(PASSWORD);
  await heading(page, /Good to see you, Meera/).waitFor();
  for (const path of PAGES) assert.equal(await visit(page, path), 200, path);
  const tabs = await Promise.all(PAGES.map(() => newPage(context)));
  assert.deepEqual(await Promise.all(tabs.map((tab, at) => visit(tab, PAGES[at]))), PAGES.map(() => 200));
  assert.deepEqual(refused, []);

  // Somebody else's program, from the same network, asks without pause.
  const answers = [];
  for (let asked = 0; asked < 2000 && !answers.includes(429); asked += 100) {
    const some = await Promise.all(Array.from({ length: 100 }, () => harness.admin.call('GET', '/auth/me')));
    answers.push(...some.map(({ status }) => status));
  }
  const slowed = answers.filter((status) => status === 429).length;
  assert.ok(slowed > 0, `${answers.length} calls, and no limit`);
  assert.equal(answers.filter((status) => status === 200).length + slowed, answers.length, 'served or told to wait, nothing else');
  // That is not held against the person.
  for (const path of PAGES.slice(0, 3)) assert.equal(await visit(page, path), 200, path);
  assert.deepEqual(refused, []);
  assertCalm(page, REFUSED);
});
