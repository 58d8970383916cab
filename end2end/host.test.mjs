// Hosting from a phone whose browser runs no script: from an idea to a guest with a ticket.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertCalm, newPage, REFUSED } from './browser.mjs';
import { heading, path, useHarness } from './harness.mjs';
import { mustBeGood, newNumber, phone, signIn } from './phone.mjs';
import { until } from './server.mjs';

// Where nothing can be paid online, paid tickets are asked for.
useHarness('host', { EVENTIFY_PAYMENTS_SANDBOX: 'false' });

/** So many days from now at that hour, as a field for a day and a time takes it. */
const at = (days, hour) => `${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)}T${hour}:00`;

/** Makes a draft on the form that is open. */
async function plan(page, title) {
  await page.getByLabel('Title').fill(title);
  await page.locator('summary').filter({ hasText: 'More: ' }).click();
  await page.getByLabel('Description').fill('Bring a cup.\n\nWe pour.');
  await page.getByLabel('Venue or address').fill('The courtyard');
  await page.getByLabel('City').fill('Pune');
  await page.getByLabel('Starts').fill(at(9, '18'));
  await page.getByLabel('Ends').fill(at(9, '21'));
  await page.getByRole('spinbutton', { name: 'Seats' }).fill('12');
  await page.getByRole('button', { name: 'Create draft' }).click();
  await heading(page, title).waitFor();
  return path(page);
}

/** Publishes the draft that is open, after a look at what goes on sale. */
async function publish(page) {
  await page.locator('summary').filter({ hasText: 'Publish' }).click();
  await page.getByText(/goes on sale: /).first().waitFor();
  await page.getByRole('button', { name: 'Publish event' }).click();
}

/** A host who is signed in, with a draft of that title. */
async function host(context, title, name = 'Asha Rao') {
  const page = await newPage(context);
  await page.goto('/host/new');
  await signIn(page, newNumber('96'), name);
  await heading(page, 'New event').waitFor();
  return { page, event: await plan(page, title) };
}

test('a host plans, publishes and lets a guest in', async () => {
  const [hosts, guests] = await Promise.all([phone(), phone()]);
  try {
    const page = await newPage(hosts);
    await page.goto('/host');
    await signIn(page, newNumber('95'), 'Asha Rao');
    await heading(page, 'Your events').waitFor();
    await mustBeGood(hosts, '/host', 'host-nothing');
    await page.getByRole('link', { name: 'New event' }).click();
    await mustBeGood(hosts, '/host/new', 'host-new');

    // What is wrong stands at its field, and what was typed is kept.
    await page.getByLabel('Title').fill('Tea in the yard');
    await page.getByLabel('Venue or address').fill('The courtyard');
    await page.getByLabel('City').fill('Pune');
    await page.getByLabel('Starts').fill(at(9, '18'));
    await page.getByLabel('Ends').fill(at(9, '16'));
    await page.getByRole('spinbutton', { name: 'Seats' }).fill('12');
    await page.locator('summary').filter({ hasText: 'More: ' }).click();
    await page.getByLabel('Allow guests to bring others').check();
    await page.getByRole('button', { name: 'Create draft' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByText('must be after the start').first().waitFor();
    assert.equal(await page.getByLabel('Title').inputValue(), 'Tea in the yard');
    assert.ok(await page.getByLabel('Allow guests to bring others').isChecked());
    await page.getByRole('link', { name: /^Ends: / }).waitFor();
    await page.getByLabel('Time zone').selectOption('Asia/Kolkata');
    await page.getByLabel('Ends').fill(at(9, '21'));
    await page.getByRole('button', { name: 'Create draft' }).click();
    await heading(page, 'Tea in the yard').waitFor();
    await page.getByText('Only you see it').waitFor();
    const event = path(page);

    await page.getByRole('link', { name: 'Add ticket type' }).click();
    await page.getByLabel('Name').fill('A cup');
    await page.getByLabel('Quantity').fill('10');
    await page.getByLabel('Paid', { exact: true }).check();
    await page.getByLabel('Price in INR').fill('₹500');
    await page.getByRole('button', { name: 'Add ticket type' }).click();
    await page.getByText('0 sold, 10 left').waitFor();
    await page.getByRole('link', { name: 'Edit questions' }).click();
    await page.getByLabel('Question', { exact: true }).first().fill('Milk?');
    await page.getByLabel('Answer type').first().selectOption('yes_no');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Milk?').waitFor();
    await mustBeGood(hosts, event, 'host-draft');
    await publish(page);
    await page.getByText('Goes live automatically at its start time').waitFor();
    await page.getByRole('link', { name: 'View public page' }).click();
    const slug = path(page);

    const guest = await newPage(guests);
    await guest.goto(`${slug}/join`);
    await signIn(guest, newNumber('94'), 'Mira Sen');
    await heading(guest, 'Request to join').waitFor();
    await guest.getByLabel('How many').selectOption('2');
    await guest.getByRole('button', { name: 'Update total' }).click();
    await guest.getByText('₹1,000').waitFor();
    await guest.getByLabel('Milk?').selectOption('yes');
    await guest.getByLabel(/Message to the organiser/).fill('May we come?');
    await guest.getByRole('button', { name: 'Request to join' }).click();
    await guest.getByText('You asked for 2 seats').waitFor();

    await page.goto(event);
    await page.getByRole('link', { name: 'Requests (1)' }).click();
    await page.getByText('“May we come?”').waitFor();
    await mustBeGood(hosts, `${event}/requests`, 'host-requests');
    await page.getByRole('button', { name: 'Accept Mira Sen' }).click();
    await page.getByText('You accepted Mira Sen: 2 seats held until they are paid').waitFor();
    assert.equal(path(page), `${event}/requests`);

    await guest.reload();
    await guest.getByRole('heading', { name: 'Request accepted' }).waitFor();
    await guest.getByText('To pay: ₹1,000').waitFor();

    // Somebody else finds nothing here, whatever is asked for.
    for (const page of ['', '/edit', '/requests', '/waiting-list', '/guests', '/invitations', '/promo-codes', '/cancel']) {
      assert.equal((await guest.goto(event + page)).status(), 404, page);
    }
    await mustBeGood(hosts, event, 'host-event');
    await mustBeGood(hosts, `${event}/waiting-list`, 'host-waiting-list');
    await mustBeGood(hosts, '/host', 'host-list');
    assertCalm(page, REFUSED);
    assertCalm(guest, REFUSED);
  } finally {
    await Promise.all([hosts.close(), guests.close()]);
  }
});

test('guests are added, told apart and taken off; links let people in', async () => {
  const [context, guests] = await Promise.all([phone(), phone()]);
  try {
    const { page, event } = await host(context, 'Kites on the roof');
    await publish(page);
    await page.getByText('Goes live automatically at its start time').waitFor();

    await page.getByRole('link', { name: 'Guests' }).click();
    await page.getByRole('link', { name: 'Add guest' }).click();
    await page.getByLabel('Name').fill('Om Prakash');
    await page.getByLabel('Email').fill('om@');
    await page.locator('form').evaluateAll((forms) => forms.forEach((form) => { form.noValidate = true; }));
    await page.getByRole('button', { name: 'Add guest' }).click();
    await page.getByText('must be an email address').first().waitFor();
    assert.equal(await page.getByLabel('Name').inputValue(), 'Om Prakash');
    await page.getByLabel('Email').fill('om@example.com');
    await page.getByRole('button', { name: 'Add guest' }).click();
    await page.getByRole('link', { name: /Om Prakash/ }).waitFor();
    await page.getByRole('link', { name: 'Paste a list' }).click();
    await page.getByLabel('The list').fill('name,email,seats\nPia Lund,pia@example.com,2\nNo One,none,1');
    await page.getByRole('button', { name: 'Add guests' }).click();
    await page.getByText('Row 3, email: “none” is not an email address').waitFor();
    await mustBeGood(context, `${event}/guests/new`, 'host-guest-new');
    await mustBeGood(context, `${event}/guests/list`, 'host-guest-list');
    await page.getByLabel('The list').fill('name,email,seats\nPia Lund,pia@example.com,2');
    await page.getByRole('button', { name: 'Check the list' }).click();
    await page.getByText('1 guest would be added').waitFor();
    await page.getByRole('button', { name: 'Add guests' }).click();
    await page.getByText('1 guest added').waitFor();
    await page.getByRole('link', { name: 'See the guests' }).click();
    await page.getByLabel('Name, email or phone').fill('pia');
    await page.getByRole('button', { name: 'Search' }).click();
    assert.equal(await page.getByRole('link', { name: /Om Prakash/ }).count(), 0);
    await mustBeGood(context, `${event}/guests`, 'host-guests');

    await page.getByRole('link', { name: /Pia Lund/ }).click();
    await page.getByRole('button', { name: 'Resend tickets' }).click();
    await page.getByText('Tickets sent to pia@example.com').waitFor();
    await mustBeGood(context, path(page), 'host-guest');
    await page.getByText('Remove guest').first().click();
    await page.getByLabel('Reason').fill('The wind is too strong');
    await page.locator('main form').getByRole('button', { name: 'Remove guest' }).click();
    await page.getByText('Pia Lund was removed').waitFor();
    await page.getByText('The reason was sent to pia@example.com').waitFor();

    await page.getByRole('link', { name: 'Invitations' }).click();
    await page.getByLabel('Add a message').fill('Bring string');
    await page.getByRole('button', { name: 'Create invitation' }).click();
    const link = await page.getByLabel('Invitation link').inputValue();
    await mustBeGood(context, `${event}/invitations`, 'host-invitations');
    const guest = await newPage(guests);
    await guest.goto(new URL(link).pathname);
    await guest.getByText('“Bring string”').waitFor();
    await page.getByText('Revoke', { exact: true }).click();
    await page.getByRole('button', { name: 'Revoke invitation' }).click();
    await page.getByText('Ended').waitFor();
    assert.equal((await guest.reload()).status(), 410);
    assertCalm(page, REFUSED);
  } finally {
    await Promise.all([context.close(), guests.close()]);
  }
});

test('an event is changed, moved, shown, copied and cancelled', async () => {
  const context = await phone();
  try {
    const { page, event } = await host(context, 'Chess by the lake');
    await page.getByRole('link', { name: 'Pictures' }).click();
    // A picture of one pixel.
    const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
    await page.getByLabel('Add a picture').setInputFiles({ name: 'words.png', mimeType: 'image/png', buffer: Buffer.from('words') });
    await page.getByRole('button', { name: 'Upload picture' }).click();
    await page.getByText('must be a JPEG, PNG or WebP').waitFor();
    await page.getByLabel('Add a picture').setInputFiles({ name: 'lake.png', mimeType: 'image/png', buffer: pixel });
    await page.getByRole('button', { name: 'Upload picture' }).click();
    await page.getByText('Cover picture').waitFor();
    await until('the picture is made', async () => {
      await page.reload();
      return page.getByRole('img', { name: 'Picture 1' }).isVisible();
    });
    assert.ok(await page.getByRole('img', { name: 'Picture 1' }).evaluate((img) => img.decode().then(() => img.naturalWidth)));
    await mustBeGood(context, `${event}/pictures`, 'host-pictures');

    // Two windows: the second to save sees what the first has saved.
    const other = await newPage(context);
    await Promise.all([page.goto(`${event}/edit`), other.goto(`${event}/edit`)]);
    await other.getByLabel('Title').fill('Chess at the lake');
    await other.getByRole('button', { name: 'Save' }).click();
    await heading(other, 'Chess at the lake').waitFor();
    await page.getByLabel('Title').fill('Chess on the lake');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved meanwhile: Chess at the lake').waitFor();
    assert.equal(await page.getByLabel('Title').inputValue(), 'Chess on the lake');
    await page.getByRole('button', { name: 'Save' }).click();
    await heading(page, 'Chess on the lake').waitFor();
    await mustBeGood(context, `${event}/edit`, 'host-edit');
    await mustBeGood(context, `${event}/questions`, 'host-questions');

    await publish(page);
    await page.getByText('Goes live automatically at its start time').waitFor();
    await page.getByRole('link', { name: 'Manage promo codes' }).click();
    await page.getByLabel(/^Code/).fill('LAKE-26');
    await page.getByRole('button', { name: 'Add promo code' }).click();
    await page.getByText('choose a discount').first().waitFor();
    await page.getByLabel('Percent off').fill('12.5');
    await page.getByRole('button', { name: 'Add promo code' }).click();
    await page.getByText('used for 0 tickets').waitFor();
    await mustBeGood(context, `${event}/promo-codes`, 'host-promo-codes');
    await page.getByText('Revoke', { exact: true }).click();
    await page.getByRole('button', { name: 'Revoke code' }).click();
    await page.getByText('revoked').waitFor();

    await page.goto(event);
    await page.getByRole('link', { name: /^Edit (?!event|questions)/ }).first().click();
    await page.getByLabel('Paid', { exact: true }).check();
    await page.getByLabel('Price in INR').fill('250');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('₹250').waitFor();
    await page.getByRole('link', { name: /^Edit (?!event|questions)/ }).first().click();
    await mustBeGood(context, path(page), 'host-kind');
    await page.locator('summary').filter({ hasText: 'Stop selling' }).click();
    await page.getByRole('button', { name: 'Stop selling' }).click();
    await page.getByText('last ticket type').first().waitFor();

    await page.goto(`${event}/move`);
    await mustBeGood(context, `${event}/move`, 'host-move');
    await page.getByLabel('Starts').fill(at(10, '18'));
    await page.getByLabel('Ends').fill(at(10, '22'));
    await page.getByRole('button', { name: 'Reschedule and notify guests' }).click();
    await page.getByText('18:00 – 22:00').waitFor();
    await page.getByRole('link', { name: 'Duplicate' }).click();
    await mustBeGood(context, `${event}/duplicate`, 'host-duplicate');
    await page.getByLabel('Starts').fill(at(40, '17'));
    await page.getByLabel('Title').fill('Chess again');
    await page.getByRole('button', { name: 'Create draft' }).click();
    await heading(page, 'Chess again').waitFor();
    await page.getByText('17:00 – 21:00').waitFor();

    await page.goto(event);
    await page.getByRole('link', { name: 'Cancel event' }).click();
    await mustBeGood(context, `${event}/cancel`, 'host-call-off');
    await page.getByLabel('Reason').fill('The lake is dry');
    await page.getByRole('button', { name: 'Cancel event' }).click();
    await page.getByText('This event was cancelled').first().waitFor();
    await mustBeGood(context, event, 'host-called-off');
    assertCalm(page, REFUSED);
  } finally {
    await context.close();
  }
});
