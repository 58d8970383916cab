// The public site on a phone whose browser runs no script: from the list of events to a ticket at the gate.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertCalm, newPage, open, REFUSED, violations } from './browser.mjs';
import { mustBeGood, newNumber, phone, PHONE, signIn } from './phone.mjs';
import { heading, path, setStage, stage } from './stage.mjs';

setStage('public');

/** A published event of the demo with free seats. */
async function freeEvent() {
  const { items } = await stage.admin.get('/events?status=published&limit=50');
  for (const event of items) {
    const { items: kinds } = await stage.admin.get(`/events/${event.id}/ticket-types`);
    const free = kinds.find((kind) => kind.price.minor === 0 && kind.available > 3 && !kind.hidden);
    if (free && event.allowed_genders === 'all') return { event, kind: free };
  }
  throw new Error('the demo has a published event with free seats');
}

test('a guest asks for a seat by phone, is accepted and holds a ticket', async () => {
  const { event, kind } = await freeEvent();
  const number = newNumber('99');
  const context = await phone();
  try {
    const page = await newPage(context);
    await page.goto('/e');
    await page.getByLabel('Search', { exact: true }).fill(event.title);
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('link', { name: event.title }).click();
    await heading(page, event.title).waitFor();
    await page.getByRole('link', { name: 'Get a seat' }).click();

    await page.getByLabel('Your phone number').fill('12345');
    await page.getByRole('button', { name: 'Send me a code' }).click();
    await page.getByRole('alert').waitFor();
    assert.equal(await page.getByLabel('Your phone number').inputValue(), '12345', 'what was typed is kept');
    await signIn(page, number, 'Mira Sen');

    await heading(page, 'Get a seat').waitFor();
    await page.getByRole('radio', { name: new RegExp(kind.name) }).check();
    await page.getByLabel(/A line to the organiser/).fill('May I come?');
    for (const field of await page.locator('input[name^="answer-"]').all()) await field.fill('Nothing special');
    for (const field of await page.locator('select[name^="answer-"]').all()) await field.selectOption({ index: 1 });
    await page.getByRole('button', { name: 'Ask for seats' }).click();
    await page.getByText('You have asked for 1 seat').waitFor();
    assert.equal(path(page), `/e/${event.slug}`);
    await mustBeGood(context, `/e/${event.slug}`, 'asked');
    await mustBeGood(context, '/my', 'my-asking');

    const asked = await stage.admin.get(`/events/${event.id}/requests?status=pending&limit=200`);
    const request = asked.items.find((one) => one.message === 'May I come?');
    await stage.admin.ok('PATCH', `/requests/${request.id}`, { status: 'accepted' });
    await page.reload();
    await page.getByText('You are going').waitFor();
    await page.getByRole('link', { name: 'Show my tickets' }).click();
    await page.getByRole('img', { name: 'QR code for the door' }).waitFor();
    assert.match(await page.locator('.short').innerText(), /^[A-Z0-9]{5}-[A-Z0-9]{5}$/);
    const booking = page.url();
    await page.getByRole('link', { name: 'Transfer or resend' }).click();
    await page.getByRole('img', { name: 'QR code for the door' }).waitFor();
    await mustBeGood(context, booking, 'tickets');
    await mustBeGood(context, path(page), 'ticket');
    await mustBeGood(context, '/my', 'my');
    await mustBeGood(context, '/my/details', 'details');

    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.locator('.screen:visible, .top:visible').count(), 0, 'on paper there is only the ticket');
    await page.emulateMedia({ media: 'screen' });
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: 'Sign in' }).waitFor();
    assertCalm(page, REFUSED);
  } finally {
    await context.close();
  }
});

test('what everybody sees reads well, light and dark, on every width', async () => {
  const { event } = await freeEvent();
  const context = await open(stage.browser, stage.server, PHONE);
  try {
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

test('a free seat is taken at once', async () => {
  const { event } = await freeEvent();
  const number = newNumber('98');
  const context = await phone();
  try {
    const page = await newPage(context);
    await page.goto(`/e/${event.slug}/join`);
    await signIn(page, number, 'Om Prakash');
    await heading(page, 'Get a seat').waitFor();
    await mustBeGood(context, `/e/${event.slug}/join`, 'join');
    for (const field of await page.locator('input[name^="answer-"]').all()) await field.fill('Nothing special');
    for (const field of await page.locator('select[name^="answer-"]').all()) await field.selectOption({ index: 1 });
    await page.getByRole('button', { name: 'Take free seats' }).click();
    await page.getByRole('img', { name: 'QR code for the door' }).waitFor();
    assertCalm(page);
  } finally {
    await context.close();
  }
});

test('a promo code changes the price, and a useless one is told', async () => {
  const { event } = await freeEvent();
  const kind = await stage.admin.ok('POST', `/events/${event.id}/ticket-types`, {
    name: `Patron ${Date.now()}`, price: { minor: 250000, currency: event.ticket_price.currency }, hidden: true,
  });
  await stage.admin.ok('POST', `/events/${event.id}/promo-codes`, {
    code: 'PATRON-26', ticket_type_id: kind.id, discount_percent: '100.00', unlocks_hidden: true,
  });
  const number = newNumber('97');
  const context = await phone();
  try {
    const page = await newPage(context);
    await page.goto(`/e/${event.slug}/join`);
    await signIn(page, number, 'Pia Lund');
    await heading(page, 'Get a seat').waitFor();
    assert.equal(await page.getByRole('radio', { name: new RegExp(kind.name) }).count(), 0, 'a hidden kind is hidden');
    await page.getByText('I have a promo code').click();
    await page.getByLabel('Promo code').fill('nothing-there');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('does not work here, or not any more').waitFor();
    await page.getByLabel('Promo code').fill('patron-26');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('radio', { name: new RegExp(`${kind.name}.*Free`) }).check();
    for (const field of await page.locator('input[name^="answer-"]').all()) await field.fill('Nothing special');
    for (const field of await page.locator('select[name^="answer-"]').all()) await field.selectOption({ index: 1 });
    await page.getByRole('button', { name: 'Take free seats' }).click();
    await page.getByRole('img', { name: 'QR code for the door' }).waitFor();
    assertCalm(page, REFUSED);
  } finally {
    await context.close();
  }
});
