// What people come to do, from the first click to the end, each as somebody of their own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertCalm, hydrated, newPage, open, REFUSED, tabTo, visit } from './browser.mjs';
import { find, harness, heading, path, scenario, useHarness } from './harness.mjs';
import { ADMIN, Caller, mailedLink, newEmail, oneTimeCode, PASSWORD } from './people.mjs';
import { Server, until, withoutHash } from './server.mjs';

const NEW_PASSWORD = 'seven lanterns over the bay';

useHarness('scenarios');

/** Somebody new with this role, signed in. */
const somebody = (name, role) => async () => {
  const person = await harness.admin.newColleague(name, role);
  return { ...person, as: person.email };
};

/** Fills in the form of /sign-in, wherever the page stands, and sends it. */
async function signIn(page, email, password = PASSWORD) {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

const menu = (page) => page.getByRole('navigation', { name: 'Main' });

// The way in ---------------------------------------------------------------------------------------------------------

scenario('signing in without script leads to the page that was asked for', { javaScriptEnabled: false }, async (page) => {
  await page.goto('/team?q=meera');
  assert.equal(path(page), '/sign-in', 'a visitor is sent to sign in');
  await signIn(page, ADMIN);
  await heading(page, 'Team').waitFor();
  assert.equal(page.url(), `${harness.server.url}/team?q=meera`);
  await page.getByRole('link', { name: 'Meera Iyer' }).waitFor();
  assertCalm(page);
});

for (const javaScriptEnabled of [true, false]) {
  scenario(`a wrong password is told ${javaScriptEnabled ? 'with' : 'without'} script`, { javaScriptEnabled }, async (page) => {
    await page.goto('/sign-in?next=%2Froles');
    if (javaScriptEnabled) await hydrated(page);
    await signIn(page, 'greta@demo.eventify.test', 'not the right one');
    await page.getByRole('alert').filter({ hasText: 'Wrong email or password' }).waitFor();
    assert.equal(path(page), '/sign-in');
    await signIn(page, 'greta@demo.eventify.test');
    await heading(page, 'Roles').waitFor();
    assertCalm(page);
  });
}

scenario('signing in needs no WASM, and fetches what comes next meanwhile', {}, async (page, context) => {
  const asked = [];
  page.on('request', (request) => asked.push([request.resourceType(), withoutHash(request.url())]));
  await visit(page, '/sign-in');
  // What the first page behind the door needs.
  const { parts } = await (await fetch(`${harness.server.url}/names.json`)).json();
  assert.ok(parts.overview.some((file) => file.startsWith('split_overview')), parts.overview);
  const next = ['eventify_bg', ...parts.overview].map((file) => withoutHash(`${harness.server.url}/pkg/${file}.wasm`));
  await until('the next files are fetched', () => next.every((file) => asked.some(([, came]) => came === file)));
  const needed = asked.filter(([type]) => ['script', 'fetch'].includes(type)).map(([, file]) => file);
  assert.deepEqual(needed, ['/door.js']);
  const password = page.getByLabel('Password', { exact: true });
  await password.fill('shown when asked for');
  await page.getByRole('button', { name: 'Show password' }).click();
  assert.equal(await password.getAttribute('type'), 'text');
  const zone = (await context.cookies()).find(({ name }) => name === 'evf_zone');
  assert.equal(zone?.value, await page.evaluate(() => Intl.DateTimeFormat().resolvedOptions().timeZone));
  assertCalm(page);
});

scenario('a part that went with its version: the page comes anew, of the one that runs', { as: ADMIN }, async (page) => {
  await visit(page, '/');
  await page.evaluate(() => { window.before = true; });
  // Another version has taken the server's place meanwhile: its parts have other names.
  await page.route('**/pkg/split_partners.*', (route) => route.fulfill({ status: 404 }), { times: 1 });
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Partners/ }).click();
  await heading(page, 'Partners').waitFor();
  await hydrated(page);
  assert.deepEqual([path(page), await page.evaluate(() => window.before)], ['/partners', undefined]);
  assertCalm(page, REFUSED, /HTTP status code is not ok/);
});

scenario('a tab that went with its version: the page comes anew, on that tab', { as: ADMIN }, async (page) => {
  await visit(page, '/events');
  await page.locator('table a[href^="/events/"]').first().click();
  await page.evaluate(() => { window.before = true; });
  await page.route('**/pkg/split_event_guests.*', (route) => route.fulfill({ status: 404 }), { times: 1 });
  await page.locator('nav.tabs').getByRole('link', { name: /^Guests/ }).click();
  await page.waitForFunction(() => !window.before);
  await hydrated(page);
  assert.equal(new URL(page.url()).searchParams.get('tab'), 'guests');
  assert.equal(await page.getByText("Couldn't load this page").count(), 0);
  assertCalm(page, REFUSED, /HTTP status code is not ok/);
});

scenario('a page whose program went with its version comes anew, once', { as: ADMIN }, async (page) => {
  // The page is of one version, and another one is asked for what it names.
  const loads = [];
  page.on('request', (request) => request.isNavigationRequest() && loads.push(new URL(request.url()).pathname));
  await page.route('**/pkg/eventify.*.js', (route) => (loads.length === 1 ? route.fulfill({ status: 404 }) : route.continue()));
  await page.goto(`${harness.server.url}/partners`);
  await hydrated(page);
  assert.deepEqual(loads, ['/partners', '/partners']);
  assert.equal(await page.evaluate(() => sessionStorage.getItem('eventify-anew')), null);
  assertCalm(page, REFUSED);
});

scenario('a forgotten password is set anew by the mailed link', somebody('Fern Forgetful', 'auditor'), async (page, context, who) => {
  const visitor = await open(harness.browser, harness.server);
  const page2 = await newPage(visitor);
  await visit(page2, '/sign-in');
  await page2.getByRole('link', { name: 'Forgot your password?' }).click();
  await page2.getByLabel('Email').fill(who.email);
  await page2.getByRole('button', { name: 'Send link' }).click();
  await page2.getByRole('status').filter({ hasText: 'a link is on its way' }).waitFor();
  const link = await mailedLink(harness.server.url, who.email, 'new password');
  await visit(page2, link);
  await page2.getByLabel('New password').fill('short');
  await page2.getByRole('button', { name: 'Set password' }).click();
  await page2.getByText(/at least 12 characters/i).first().waitFor();
  await page2.getByLabel('New password').fill(NEW_PASSWORD);
  await page2.getByRole('button', { name: 'Set password' }).click();
  await page2.getByRole('status').filter({ hasText: 'Your new password is set' }).waitFor();
  await signIn(page2, who.email, NEW_PASSWORD);
  await heading(page2, /Good to see you/).waitFor();
  assertCalm(page2, REFUSED);
  // The old session is over, the link dead.
  await page.goto('/team');
  assert.equal(path(page), '/sign-in', 'sessions of the old password have ended');
  await visit(page2, link);
  await page2.getByLabel('New password').fill('eight lanterns over the bay');
  await page2.getByRole('button', { name: 'Set password' }).click();
  await page2.getByRole('alert').filter({ hasText: /no longer works/ }).waitFor();
  await visitor.close();
});

scenario('a forgotten password is set anew without script', { javaScriptEnabled: false }, async (page) => {
  const who = await harness.admin.newColleague('Faye Plain', 'auditor');
  await page.goto('/forgot-password');
  await page.getByLabel('Email').fill(who.email);
  await page.getByRole('button', { name: 'Send link' }).click();
  await page.getByRole('status').filter({ hasText: 'a link is on its way' }).waitFor();
  await page.goto(await mailedLink(harness.server.url, who.email, 'new password'));
  await page.getByLabel('New password').fill(NEW_PASSWORD);
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.getByRole('status').filter({ hasText: 'Your new password is set' }).waitFor();
  await signIn(page, who.email, NEW_PASSWORD);
  await heading(page, /Good to see you/).waitFor();
});

scenario('the theme is chosen once and stays', { as: 'sam@demo.eventify.test', colorScheme: 'light' }, async (page) => {
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await visit(page, '/');
  const light = await background();
  const choose = async (theme) => {
    const button = page.getByRole('button', { name: theme, exact: true });
    if (!(await button.isVisible())) await page.locator('summary[aria-label="Theme"]').click();
    await button.click();
  };
  await choose('Dark');
  await until('the page is dark', async () => (await background()) !== light);
  await page.reload();
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark', 'the server renders what was chosen');
  assert.notEqual(await background(), light);
  await hydrated(page);
  await choose('Light');
  await until('the page is light again', async () => (await background()) === light);
  await choose('System');
  await page.emulateMedia({ colorScheme: 'dark' });
  await until('the page is as the system is', async () => (await background()) !== light);
  await page.reload();
  assert.equal(await page.locator('html').getAttribute('data-theme'), null, 'nothing is chosen any more');
  await page.emulateMedia({ colorScheme: 'light' });
  assertCalm(page);
});

scenario('the theme is chosen without script', { as: 'sam@demo.eventify.test', javaScriptEnabled: false }, async (page) => {
  await page.goto('/account');
  await page.locator('summary[aria-label="Theme"]').click();
  await page.getByRole('button', { name: 'Dark', exact: true }).click();
  await page.locator('html[data-theme="dark"]').waitFor();
  assert.equal(path(page), '/account', 'it comes back to where it was');
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
});

scenario('signing out ends the session', somebody('Odd Leaver', 'auditor'), async (page) => {
  await visit(page, '/');
  await page.locator('summary').filter({ hasText: 'Your account' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You are signed out').waitFor();
  await page.goto('/team');
  assert.equal(path(page), '/sign-in');
  assertCalm(page);
});

// The second factor ---------------------------------------------------------------------------------------------------

scenario('a second factor: set up, signing in with a code, with a recovery code once', somebody('Tilda Twofold', 'auditor'), async (page, context, who) => {
  await visit(page, '/account/security');
  await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
  const proof = page.getByRole('dialog', { name: 'Set up a second factor' });
  await proof.locator('input[type=password]').fill('not the password');
  await proof.getByRole('button', { name: 'Continue' }).click();
  await proof.getByText('is not right').first().waitFor();
  await proof.locator('input[type=password]').fill(PASSWORD);
  await proof.getByRole('button', { name: 'Continue' }).click();
  const secret = await page.locator('figure.qr figcaption code').innerText();
  await page.getByRole('img', { name: /QR/ }).waitFor();
  await page.getByRole('textbox', { name: 'Code' }).fill('000000');
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.getByText('That code isn\'t right').first().waitFor();
  await page.getByRole('textbox', { name: 'Code' }).fill(oneTimeCode(secret));
  await page.getByRole('button', { name: 'Turn on' }).click();
  const codes = page.locator('ol.codes li');
  await codes.first().waitFor();
  assert.equal(await codes.count(), 10, 'ten recovery codes');
  const recovery = await codes.first().innerText();

  const visitor = await open(harness.browser, harness.server);
  const door = await newPage(visitor);
  const first = async () => {
    await visit(door, '/sign-in?next=%2Faccount%2Fsecurity');
    await signIn(door, who.email);
    await heading(door, 'Second step').waitFor();
    await hydrated(door);
  };
  const second = async (code) => {
    await door.getByRole('textbox', { name: 'Code' }).fill(code);
    await door.getByRole('button', { name: 'Continue' }).click();
  };
  await first();
  await second('123123');
  await door.getByRole('alert').filter({ hasText: "That code isn't right" }).waitFor();
  // The code that confirmed the set-up is spent; the next step's is accepted already.
  await second(oneTimeCode(secret, 1));
  await heading(door, 'Security').waitFor();
  assert.equal(path(door), '/account/security', 'on to the page that was asked for');

  await visitor.clearCookies();
  await first();
  await second(recovery);
  await heading(door, 'Security').waitFor();
  await visitor.clearCookies();
  await first();
  await second(recovery);
  await door.getByRole('alert').filter({ hasText: "That code isn't right" }).waitFor();
  assertCalm(door, REFUSED);
  assertCalm(page, REFUSED);
  await visitor.close();
});

// The team --------------------------------------------------------------------------------------------------------------

scenario('a colleague is invited, accepts by the mailed link, and sees only what the role permits', { as: ADMIN }, async (page) => {
  const email = newEmail('Lin Newcomer');
  await visit(page, '/team');
  await page.getByRole('link', { name: /Invite/ }).click();
  await heading(page, /Invite/).waitFor();
  await page.getByLabel('Email').fill('not an address');
  await page.getByLabel('Full name').fill('Lin Newcomer');
  await page.getByRole('radio', { name: /^Gate Staff/ }).check();
  await page.getByRole('button', { name: 'Send invitation' }).click();
  assert.equal(await page.getByLabel('Email').getAttribute('aria-invalid'), 'true', 'the field is marked');
  await page.getByLabel('Email').fill(email);
  await page.getByRole('button', { name: 'Send invitation' }).click();
  await page.getByText('Choose the event where they are Gate Staff').last().waitFor();
  await find(page, 'Event', 'Nordlys', 'Nordlys Chamber Night');
  await page.getByRole('button', { name: 'Send invitation' }).click();
  await heading(page, /Lin Newcomer/).waitFor();
  await page.getByText('Invited').first().waitFor();
  await page.getByText('Gate Staff at Nordlys Chamber Night').first().waitFor();
  assertCalm(page, REFUSED);

  const visitor = await open(harness.browser, harness.server);
  const theirs = await newPage(visitor);
  await visit(theirs, await mailedLink(harness.server.url, email, 'invited to'));
  await heading(theirs, 'Welcome to Eventify').waitFor();
  assert.equal(await theirs.getByLabel('Your name').inputValue(), 'Lin Newcomer');
  await theirs.getByLabel('Choose a password').fill(NEW_PASSWORD);
  await theirs.getByRole('button', { name: 'Join' }).click();
  await theirs.getByText('Welcome aboard').waitFor();
  await signIn(theirs, email, NEW_PASSWORD);
  await heading(theirs, /Good to see you/).waitFor();
  const entries = (await menu(theirs).getByRole('link').allInnerTexts()).map((text) => text.trim());
  assert.deepEqual(entries, ['Overview'], 'gate staff is shown nothing it may not open');
  assertCalm(theirs);
  await visitor.close();
});

scenario('who may not see a page is told so, with status 403; what is not there is 404', { as: 'ravi@demo.eventify.test' }, async (page) => {
  for (const forbidden of ['/team', '/roles', '/api-keys', '/ip-allowlist', '/audit', '/jobs']) {
    assert.equal(await visit(page, forbidden), 403, forbidden);
    await heading(page, "You don't have access").waitFor();
    assert.match(await page.locator('main').innerText(), /the permission “.+”/, 'it names the permission');
    assert.match(await page.locator('main details').textContent(), /[a-z]+\.[a-z]+/, 'and its code');
  }
  assert.equal(await visit(page, '/no/such/page'), 404);
  await heading(page, 'Page not found').waitFor();
  assertCalm(page, REFUSED);
});

scenario('a role is changed, and the audit log shows it with the difference', { as: ADMIN }, async (page) => {
  const who = await harness.admin.newColleague('Rhea Riser', 'author');
  await visit(page, `/team/${who.id}`);
  await page.getByLabel('More for Rhea Riser').click();
  await page.getByRole('button', { name: 'Change role…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change the role of Rhea Riser' });
  await dialog.getByLabel('Role').selectOption({ label: 'Content Editor' });
  await dialog.getByRole('button', { name: 'Change role' }).click();
  await page.locator('main').getByText('Content Editor').first().waitFor();
  assert.equal((await harness.admin.staff(who.email)).role_name, 'Content Editor');

  await visit(page, `/audit?object_id=${who.id}`);
  await page.locator('main table').getByRole('link', { name: /role/i }).first().click();
  const diff = page.locator('table.diff');
  await diff.getByRole('deletion').filter({ hasText: 'Author' }).waitFor();
  await diff.getByRole('insertion').filter({ hasText: 'Content Editor' }).waitFor();
  assertCalm(page);
});

scenario('two people edit one name: the later one sees both and decides', { as: ADMIN }, async (page, context) => {
  const who = await harness.admin.newColleague('Connie Conflict', 'author');
  const second = await newPage(context);
  for (const tab of [page, second]) await visit(tab, `/team/${who.id}/edit`);
  await second.getByLabel('Full name').fill('Connie Theirs');
  await second.getByRole('button', { name: 'Save changes' }).click();
  await heading(second, /Connie Theirs/).waitFor();

  await page.getByLabel('Full name').fill('Connie Mine');
  await page.getByRole('button', { name: 'Save changes' }).click();
  const dialog = page.getByRole('dialog', { name: /saved changes/ });
  await dialog.waitFor();
  await dialog.getByText('Connie Theirs').waitFor();
  await dialog.getByText('Connie Mine').waitFor();
  assert.equal((await harness.admin.staff(who.email)).full_name, 'Connie Theirs', 'nothing is overwritten unasked');
  // Back to editing keeps what was typed; saving again asks again.
  await dialog.getByRole('button', { name: 'Back to editing' }).click();
  assert.equal(await page.getByLabel('Full name').inputValue(), 'Connie Mine');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await dialog.getByLabel('Connie Mine').check();
  await dialog.getByRole('button', { name: 'Save merged version' }).click();
  await heading(page, /Connie Mine/).waitFor();
  assert.equal((await harness.admin.staff(who.email)).full_name, 'Connie Mine');
  assertCalm(page, REFUSED);
  assertCalm(second);
});

scenario('in a conflict the other change can be kept', { as: ADMIN }, async (page) => {
  const who = await harness.admin.newColleague('Kept Before', 'author');
  await visit(page, `/team/${who.id}/edit`);
  const { version } = await harness.admin.staff(who.email);
  await harness.admin.ok('PATCH', `/admin/users/${who.id}`, { full_name: 'Kept Theirs', version });
  const email = newEmail('Kept Mine');
  await page.getByLabel('Full name').fill('Kept Mine');
  await page.getByLabel('Email').fill(email);
  await page.getByRole('button', { name: 'Save changes' }).click();
  const dialog = page.getByRole('dialog', { name: /saved changes/ });
  await dialog.getByLabel('Kept Theirs').check();
  await dialog.getByRole('button', { name: 'Save merged version' }).click();
  await heading(page, /Kept Theirs/).waitFor();
  assert.equal((await harness.admin.staff(email)).full_name, 'Kept Theirs', 'their name, our address');
});

/** Ends every session of this person, as another administrator would. */
async function endSessions(who) {
  await harness.admin.ok('DELETE', `/admin/users/${who.id}/sessions`);
}

scenario('the session ends in the middle of a form: sign in again in place, and it is saved', somebody('Edna Expired', 'super_admin'), async (page, context, who) => {
  const colleague = await harness.admin.newColleague('Stays Typed', 'author');
  await visit(page, `/team/${colleague.id}/edit`);
  await page.getByLabel('Full name').fill('Typed and Kept');
  await endSessions(who);
  await page.getByRole('button', { name: 'Save changes' }).click();
  const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
  await dialog.getByLabel('Password').fill('not the right one');
  await dialog.getByRole('button', { name: 'Sign in and continue' }).click();
  await dialog.getByRole('alert').waitFor();
  assert.equal(await page.getByLabel('Full name').inputValue(), 'Typed and Kept');
  await dialog.getByLabel('Password').fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Sign in and continue' }).click();
  await heading(page, /Typed and Kept/).waitFor();
  assert.equal((await harness.admin.staff(colleague.email)).full_name, 'Typed and Kept');
  await dialog.waitFor({ state: 'hidden' });
  assertCalm(page, REFUSED);
});

scenario('the palette leads by keyboard to a page and to a record', somebody('Petra Finder', 'auditor'), async (page) => {
  await visit(page, `${harness.server.url}/`);
  const box = page.getByRole('combobox', { name: 'Search pages, records and actions' });
  await page.keyboard.press('Control+k');
  await box.waitFor();
  assert.equal(await page.getByRole('option', { name: 'Invite' }).count(), 0, 'an auditor cannot invite');
  await page.keyboard.type('audit');
  await page.keyboard.press('Enter');
  await heading(page, 'Audit log').waitFor();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('petra fin');
  await page.getByRole('option', { name: /Petra Finder/ }).waitFor();
  await page.keyboard.press('Enter');
  await heading(page, 'Petra Finder').waitFor();
  await assertCalm(page);
});

test('the server goes away while somebody types: it is told, and nothing is lost', async () => {
  const own = await Server.start('going-away');
  const context = await open(harness.browser, own, { as: ADMIN });
  try {
    const page = await newPage(context);
    await visit(page, '/team/invite');
    await page.getByLabel('Full name').fill('Sol Waiting');
    await page.getByLabel('Email').fill('sol@e2e.eventify.test');
    await page.getByRole('radio', { name: /^Author/ }).check();
    await own.stop();
    await page.getByRole('button', { name: 'Send invitation' }).click();
    await page.getByText('The server is not responding').first().waitFor();
    assert.equal(await page.getByLabel('Full name').inputValue(), 'Sol Waiting');
    assert.equal(await page.getByLabel('Email').inputValue(), 'sol@e2e.eventify.test');
    assert.ok(await page.getByRole('radio', { name: /^Author/ }).isChecked(), 'the choice is kept');
    assert.ok(await page.getByRole('button', { name: 'Send invitation' }).isEnabled(), 'it can be tried again');
    assertCalm(page, /ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED_ENCODING/);
  } finally {
    await context.close();
    await own.stop();
  }
});

scenario('where a role holds is asked for with the role, on the form that invites', { as: ADMIN }, async (page) => {
  await visit(page, '/team/invite');
  const everywhere = page.getByText('Without an event or a partner, the role applies everywhere.');
  const event = page.getByText('The role applies to this event only.');
  await page.getByRole('radio', { name: /^Super Admin/ }).check();
  assert.ok(!(await event.isVisible()), 'whoever may do everything may do it everywhere');
  await page.getByRole('radio', { name: /^Event Manager/ }).check();
  await everywhere.waitFor();
  assert.ok(await event.isVisible());
  await page.getByRole('radio', { name: /^Gate Staff/ }).check();
  assert.ok(!(await everywhere.isVisible()) && (await event.isVisible()), 'a gate role needs its event');
  assertCalm(page);
});

// Roles, keys, allowlist, audit --------------------------------------------------------------------------------------------

scenario('a role is made in the matrix and changed; the audit log holds the difference and the chain stands', { as: ADMIN }, async (page) => {
  const name = `Backstage ${Date.now().toString(36)}`;
  await visit(page, '/roles');
  await page.getByRole('link', { name: /New role/ }).click();
  await heading(page, 'New role').waitFor();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await page.getByRole('checkbox', { name: /See events/ }).check();
  await page.getByRole('button', { name: 'Create role' }).click();
  await heading(page, new RegExp(name)).waitFor();
  await page.getByRole('checkbox', { name: /See tickets/ }).check();
  await page.getByRole('checkbox', { name: /See events/ }).uncheck();
  await page.getByRole('button', { name: 'Save permissions' }).click();
  const saved = await until('the change is saved', async () => {
    const role = (await harness.admin.get('/admin/roles')).items.find((role) => role.name === name);
    return role.permissions.includes('tickets.read') && role;
  });
  assert.deepEqual(saved.permissions, ['tickets.read']);

  await visit(page, '/audit?action=role.permissions_changed');
  await page.locator('main table tbody tr').getByRole('link').first().click();
  const diff = page.locator('table.diff');
  await diff.getByRole('deletion').filter({ hasText: 'events.read' }).waitFor();
  await diff.getByRole('insertion').filter({ hasText: 'tickets.read' }).waitFor();
  await page.locator('main').getByText(ADMIN).first().waitFor();
  assertCalm(page);

  await until('the chain has sealed it', async () => (await harness.admin.get('/admin/audit/chain')).unsealed === 0, 30_000);
  await visit(page, '/audit');
  await page.getByText('All entries are verified.').waitFor();
  assertCalm(page);
});

scenario('an API key is shown once, works, and stops working the moment it is revoked', { as: ADMIN }, async (page) => {
  const name = `Box office wall ${Date.now().toString(36)}`;
  await visit(page, '/api-keys');
  await page.getByRole('link', { name: 'New API key' }).first().click();
  await heading(page, 'New API key').waitFor();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await page.getByRole('checkbox', { name: /See team members/ }).check();
  await page.getByRole('button', { name: 'Create API key' }).click();
  const secret = await page.locator('.secret code').innerText();
  assert.match(secret, /^evk_/);
  const program = new Caller(harness.server.url, secret);
  assert.equal((await program.call('GET', '/admin/users?limit=1')).status, 200);
  assert.equal((await program.call('GET', '/admin/roles')).status, 403, 'it may only what it was given');
  assertCalm(page);

  await visit(page, '/api-keys');
  assert.ok(!(await page.content()).includes(secret), 'the secret is not shown again');
  const row = page.getByRole('row').filter({ hasText: name });
  await row.getByRole('button', { name: `Revoke ${name}` }).click();
  const dialog = page.getByRole('dialog', { name: `Revoke ${name}?` });
  await dialog.getByRole('button', { name: 'Revoke key' }).click();
  assert.equal((await program.call('GET', '/admin/users?limit=1')).status, 200, 'the name must be typed first');
  await dialog.getByRole('textbox').fill(name);
  await dialog.getByRole('button', { name: 'Revoke key' }).click();
  await row.getByText('Revoked').waitFor();
  assert.equal((await program.call('GET', '/admin/users?limit=1')).status, 401);
  assertCalm(page);
});

scenario('the IP allowlist does not let anybody lock themselves out', { as: ADMIN }, async (page) => {
  await visit(page, '/ip-allowlist');
  await page.getByText('127.0.0.1').first().waitFor();
  await page.getByLabel('Address or network').fill('203.0.113.0/24');
  await page.getByRole('button', { name: 'Allow network' }).click();
  await page.getByRole('alert').filter({ hasText: 'No entry would include your own address, 127.0.0.1' }).waitFor();
  assert.deepEqual((await harness.admin.get('/admin/ip-allowlist')).entries, [], 'nothing was added');
  await page.getByLabel('Address or network').fill('127.0.0.0/8');
  await page.getByRole('button', { name: 'Allow network' }).click();
  await page.getByRole('row').filter({ hasText: '127.0.0.0/8' }).waitFor();
  // Taking the last entry away lets everybody in again.
  await page.getByRole('button', { name: 'Remove 127.0.0.0/8' }).click();
  await page.getByRole('dialog', { name: 'Remove 127.0.0.0/8?' }).getByRole('button', { name: 'Remove network' }).click();
  await until('it is gone', async () => (await harness.admin.get('/admin/ip-allowlist')).entries.length === 0);
  assertCalm(page, REFUSED);
});

// By keyboard alone ---------------------------------------------------------------------------------------------------------

scenario('signing in and inviting somebody by keyboard alone', {}, async (page) => {
  const email = newEmail('Key Bored');
  await visit(page, '/sign-in?next=%2Fteam');
  await tabTo(page, page.getByLabel('Email'));
  await page.keyboard.type(ADMIN);
  await tabTo(page, page.getByLabel('Password', { exact: true }));
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await heading(page, 'Team').waitFor();
  await hydrated(page);
  await tabTo(page, page.getByRole('link', { name: /Invite/ }));
  await page.keyboard.press('Enter');
  await heading(page, /Invite/).waitFor();
  await tabTo(page, page.getByLabel('Full name'));
  await page.keyboard.type('Key Bored');
  await tabTo(page, page.getByLabel('Email'));
  await page.keyboard.type(email);
  await tabTo(page, page.getByRole('radio').first());
  const author = page.getByRole('radio', { name: /^Author/ });
  for (let pressed = 0; pressed < 20 && !(await author.isChecked()); pressed++) await page.keyboard.press('ArrowDown');
  await tabTo(page, page.getByRole('button', { name: 'Send invitation' }));
  await page.keyboard.press('Enter');
  await heading(page, /Key Bored/).waitFor();
  assert.equal((await harness.admin.staff(email)).role_name, 'Author');
  assertCalm(page);
});
