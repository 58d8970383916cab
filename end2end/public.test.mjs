// The public site on a phone whose browser runs no script: from the list of events to a ticket at the gate.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertCalm, newPage, open, REFUSED, violations } from './browser.mjs';
import { harness, heading, path, useHarness } from './harness.mjs';
import { mustBeGood, newNumber, phone, PHONE, signIn } from './phone.mjs';

useHarness('public');

/** A published event of the demo with free seats. */
async function freeEvent() {
  const { items } = await harness.admin.get('/events?status=published&limit=50');
  for (const event of items) {
    const { items: kinds } = await harness.admin.get(`/events/${event.id}/ticket-types`);
    const free = kinds.find((kind) => kind.price.minor === 0 && kind.available > 3 && !kind.hidden);
    if (free && event.allowed_genders === 'all') return { event, kind: free };
  }
  throw new Error('the demo has a published event with free seats');
}

/** Answers whatever the event asks. */
async function answer(page) {
  for (const field of await page.locator('input[name^="answer-"]').all()) await field.fill('Nothing special');
  for (const field of await page.locator('select[name^="answer-"]').all()) await field.selectOption({ index: 1 });
}

/** With script the total is that of the number that stands there. */
async function theTotalFollows(storageState, address) {
  const context = await open(harness.browser, harness.server, { ...PHONE, storageState });
  try {
    const page = await newPage(context);
    await page.goto(address);
    const total = page.locator('output');
    await page.getByRole('button', { name: 'Update total' }).waitFor({ state: 'detached' });
    const one = await total.innerText();
    await page.getByLabel('How many').selectOption('3');
    assert.notEqual(await total.innerText(), one);
    await page.getByText('3 × ').waitFor();
    await page.getByLabel('How many').selectOption('1');
    assert.equal(await total.innerText(), one);
    assertCalm(page);
  } finally {
    await context.close();
  }
}

test('from the front door to a ticket that fills the screen', async () => {
  const { event, kind } = await freeEvent();
  const number = newNumber('99');
  const context = await phone();
  try {
    const page = await newPage(context);
    await page.goto('/');
    await heading(page, 'Find your seat.').waitFor();
    await page.getByLabel('Search events').fill(event.title);
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('link', { name: event.title }).click();
    await heading(page, event.title).waitFor();
    await page.getByRole('link', { name: new RegExp(`^Get free tickets?: ${kind.name}`) }).click();

    await page.getByLabel('Your phone number').fill('12345');
    await page.getByRole('button', { name: 'Send me a code' }).click();
    await page.locator('.wrong').waitFor();
    assert.equal(await page.getByLabel('Your phone number').inputValue(), '12345', 'what was typed is kept');
    await signIn(page, number, 'Mira Sen');

    await heading(page, 'Get free ticket').waitFor();
    await mustBeGood(context, `/e/${event.slug}/join?kind=${kind.id}`, 'join');
    await answer(page);
    await page.getByRole('button', { name: 'Get free ticket' }).click();
    await heading(page, "You're in.").waitFor();
    await mustBeGood(context, path(page), 'in');
    await page.getByRole('link', { name: 'Show my tickets' }).click();
    await page.getByRole('img', { name: 'QR code for the door' }).waitFor();
    assert.match(await page.locator('.short').innerText(), /^[A-Z0-9]{5}-[A-Z0-9]{5}$/);
    const booking = page.url();
    await page.getByRole('link', { name: /QR code for the door/ }).click();
    const code = await page.getByRole('img', { name: 'QR code for the door' }).boundingBox();
    assert.ok(code.width > 0.9 * 390, 'the code fills the screen');
    await mustBeGood(context, path(page), 'code');
    await page.getByRole('link', { name: 'Back', exact: true }).click();
    await page.getByRole('link', { name: 'Transfer or resend' }).click();
    await page.getByRole('img', { name: 'QR code for the door' }).waitFor();
    await mustBeGood(context, booking, 'tickets');
    await mustBeGood(context, path(page), 'ticket');
    await mustBeGood(context, '/my', 'my');
    await mustBeGood(context, '/my/details', 'details');
    await mustBeGood(context, '/my/notifications', 'notifications');
    await mustBeGood(context, '/my/notifications?tab=settings', 'notification-settings');
    await mustBeGood(context, `/e/${event.slug}`, 'going');

    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.locator('.screen:visible, .top:visible').count(), 0, 'on paper there is only the ticket');
    await page.emulateMedia({ media: 'screen' });

    // Giving it back says what it means, wants a tick, and tells what happened.
    await page.goto(booking);
    await page.locator('summary').filter({ hasText: 'Cancel ticket' }).click();
    await page.getByLabel("I understand that this can't be undone").check();
    await page.getByRole('button', { name: 'Cancel ticket' }).click();
    await page.getByText('Your booking is cancelled').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: 'Sign in', exact: true }).waitFor();
    assertCalm(page, REFUSED);
  } finally {
    await context.close();
  }
});

test('a paid ticket is bought: a declined card, another one, and the tickets are there', async () => {
  const { items } = await harness.admin.get('/events?status=published&limit=50');
  const event = items.find((one) => one.allow_plus_one && one.allowed_genders === 'all' && one.going_count < one.capacity - 4);
  const kind = await harness.admin.ok('POST', `/events/${event.id}/ticket-types`, {
    name: `Front row ${Date.now()}`, price: { minor: 129900, currency: event.ticket_price.currency },
  });
  const captured = async () =>
    (await harness.admin.get(`/payments?event_id=${event.id}&status=captured&limit=100`)).items.length;
  const before = await captured();
  const context = await phone();
  try {
    const page = await newPage(context);
    await page.goto(`/e/${event.slug}`);
    await page.getByRole('link', { name: `Buy tickets: ${kind.name}` }).click();
    await signIn(page, newNumber('93'), 'Ira Roy');
    await heading(page, 'Buy tickets').waitFor();
    await answer(page);
    await mustBeGood(context, `/e/${event.slug}/join?kind=${kind.id}`, 'buy');
    await theTotalFollows(await context.storageState(), `/e/${event.slug}/join?kind=${kind.id}`);
    await page.getByRole('button', { name: 'Continue to payment' }).click();
    await heading(page, 'Your seats').waitFor();
    await page.getByText('Held for you until').waitFor();
    await mustBeGood(context, path(page), 'held');
    await page.getByRole('button', { name: /^Pay / }).click();
    await page.getByText('Test payment.').waitFor();
    await mustBeGood(context, path(page), 'test-payment');
    await page.getByLabel(/Is declined/).check();
    await page.getByRole('button', { name: /^Pay / }).click();
    // The page looks again by itself until the provider has answered.
    await heading(page, 'Payment failed').waitFor();
    await page.getByText('Your card was declined.').waitFor();
    await mustBeGood(context, path(page), 'payment-failed');
    await page.getByRole('button', { name: /^Try again/ }).click();
    await page.getByLabel(/Pays, and says so twice/).check();
    await page.getByRole('button', { name: /^Pay / }).click();
    await heading(page, "You're in.").waitFor();
    await page.goto('/my');
    await page.getByRole('heading', { name: 'Upcoming' }).waitFor();
    assert.equal(await captured(), before + 1, 'paid once');
    assertCalm(page);
  } finally {
    await context.close();
  }
});

test('what everybody sees reads well, light and dark, on every width', async () => {
  const { event } = await freeEvent();
  const context = await open(harness.browser, harness.server, PHONE);
  try {
    await mustBeGood(context, '/', 'home');
    await mustBeGood(context, '/e', 'list');
    await mustBeGood(context, '/e?q=nobody-at-all', 'nothing');
    await mustBeGood(context, `/e/${event.slug}`, 'event');
    await mustBeGood(context, '/my/sign-in', 'sign-in');
    const page = await newPage(context);
    assert.equal((await page.goto('/e/no-such-event')).status(), 404);
    assert.deepEqual(await violations(page), []);
  } finally {
    await context.close();
  }
});

test('a promo code changes the price, and a useless one is told', async () => {
  const { event } = await freeEvent();
  const kind = await harness.admin.ok('POST', `/events/${event.id}/ticket-types`, {
    name: `Patron ${Date.now()}`, price: { minor: 250000, currency: event.ticket_price.currency }, hidden: true,
  });
  await harness.admin.ok('POST', `/events/${event.id}/promo-codes`, {
    code: 'PATRON-26', ticket_type_id: kind.id, discount_percent: '100.00', unlocks_hidden: true,
  });
  const number = newNumber('97');
  const context = await phone();
  try {
    const page = await newPage(context);
    await page.goto(`/e/${event.slug}/join?code=yes`);
    await signIn(page, number, 'Pia Lund');
    await heading(page, 'Choose a ticket').waitFor();
    assert.equal(await page.getByRole('heading', { name: kind.name }).count(), 0, 'a hidden type is hidden');
    await page.getByLabel('Your code').fill('nothing-there');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText("doesn't work for this event").waitFor();
    await page.getByLabel('Your code').fill('patron-26');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('link', { name: new RegExp(`^Get free tickets?: ${kind.name}`) }).click();
    await page.getByText('₹2,500').waitFor();
    await answer(page);
    await page.getByRole('button', { name: 'Get free ticket' }).click();
    await heading(page, "You're in.").waitFor();
    assertCalm(page, REFUSED);
  } finally {
    await context.close();
  }
});
