// Every page: loads and comes alive without a complaint, reads without script, fits every width, can be used by
// keyboard, and axe finds nothing, light and dark.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { areas } from './areas.mjs';
import { assertCalm, focus, hydrated, launch, layoutShift, newPage, open, overflow, REFUSED, repeatedIds, screenshot, startOver, violations, visit } from './browser.mjs';
import { ADMIN, Caller, LIMITED, mailedLink, newEmail, NOBODY } from './people.mjs';
import { ARTIFACTS, Server, until } from './server.mjs';

// Path, and words that must stand in `main`. `ids` are looked up before the first page is opened. An area has its own in
// `pages/<area>.mjs`.
const ids = {};
const PAGES = [
  ...areas.flatMap((area) => area.pages(ids)),
  { name: 'overview', path: () => '/', says: /Good to see you, Asha/ },
  { name: 'team', path: () => '/team', says: /Asha Rao[^]*Tomás Herrera/ },
  { name: 'team-filtered', path: () => '/team?q=nobody-at-all', says: /Nothing matches/ },
  { name: 'invite', path: () => '/team/invite', says: /Invite/ },
  { name: 'member-edit', route: '/team/{id}/edit', path: () => `/team/${ids.member}/edit`, says: /Meera Iyer/ },
  { name: 'member', route: '/team/{id}', path: () => `/team/${ids.member}`, says: /Meera Iyer[^]*Event Manager/ },
  { name: 'events', path: () => '/events', says: /Live[^]*Upcoming[^]*Past/ },
  { name: 'events-live', path: () => '/events?when=live', says: /Riverside Food Weekend/ },
  { name: 'events-filtered', path: () => '/events?status=cancelled', says: /Lantern Walk/ },
  { name: 'events-none', path: () => '/events?city=Atlantis', says: /Nothing matches/ },
  { name: 'events-forbidden', as: LIMITED, path: () => '/events', status: 403, says: /may not|permission/i },
  { name: 'event-new', path: () => '/events/new', says: /Title[^]*Seats/ },
  { name: 'event', route: '/events/{id}', path: () => `/events/${ids.event}`, says: /Seats booked[^]*Seats by source[^]*Activity/ },
  { name: 'event-types', route: '/events/{id}', path: () => `/events/${ids.event}?tab=types`, says: /Add ticket type/ },
  { name: 'event-guests', route: '/events/{id}', path: () => `/events/${ids.event}?tab=guests`, says: /Add guest[^]*Import guests[^]*of \d+/ },
  { name: 'event-guest', route: '/events/{id}', path: () => `/events/${ids.event}?tab=guests&guest=${ids.attendee}`, says: /Tickets[^]*Messages[^]*History/ },
  { name: 'event-import', route: '/events/{id}', path: () => `/events/${ids.event}?tab=import`, says: /Rows from a spreadsheet/ },
  { name: 'event-promos', route: '/events/{id}', path: () => `/events/${ids.event}?tab=promos`, says: /Add promo code/ },
  { name: 'event-activity', route: '/events/{id}', path: () => `/events/${ids.event}?tab=activity`, says: /Activity/ },
  { name: 'event-guests-none', route: '/events/{id}', path: () => `/events/${ids.event}?tab=guests&q=nobody-at-all`, says: /Nothing matches/ },
  { name: 'event-requests', route: '/events/{id}', path: () => `/events/${ids.event}?tab=requests`, says: /Requests[^]*seats free|Requests[^]*Requested/ },
  { name: 'event-waiting', route: '/events/{id}', path: () => `/events/${ids.event}?tab=waiting`, says: /Waiting list/ },
  { name: 'event-invitations', route: '/events/{id}', path: () => `/events/${ids.event}?tab=invitations`, says: /Create share link/ },
  { name: 'event-streams', route: '/events/{id}', path: () => `/events/${ids.event}?tab=streams`, says: /Add live stream/ },
  { name: 'event-cancelled', route: '/events/{id}', path: () => `/events/${ids.cancelled}`, says: /was cancelled[^]*permit/ },
  { name: 'event-edit', route: '/events/{id}/edit', path: () => `/events/${ids.event}/edit`, says: /Title[^]*Seats/ },
  { name: 'event-not-found', path: () => `/events/${NOBODY}`, status: 404, says: /no such|not found/i },
  { name: 'event-updates', route: '/events/{id}', path: () => `/events/${ids.live}?tab=updates`, says: /Live updates/ },
  { name: 'gates', route: '/events/{id}/gates', path: () => `/events/${ids.live}/gates`, says: /Gates[^]*Phones[^]*Rules at the gate/ },
  { name: 'gates-forbidden', as: 'sam@demo.eventify.test', path: () => `/events/${ids.live}/gates`, status: 403, says: /may not|permission/i },
  { name: 'board', route: '/events/{id}/board', path: () => `/events/${ids.live}/board`, says: /Inside now[^]*Arrivals per minute[^]*Gates[^]*Refused/ },
  { name: 'board-wall', route: '/events/{id}/board', path: () => `/events/${ids.live}/board?screen=wall`, says: /Inside now/ },
  { name: 'board-not-found', path: () => `/events/${NOBODY}/board`, status: 404, says: /no such|not found/i },
  { name: 'conflicts', route: '/events/{id}/conflicts', path: () => `/events/${ids.live}/conflicts?show=all`, says: /Admissions to check/ },
  { name: 'door-list', route: '/events/{id}/door-list', path: () => `/events/${ids.event}/door-list`, says: /Door list[^]*As of[^]*Name/ },
  { name: 'plan', route: '/events/{id}/plan', path: () => `/events/${ids.event}/plan`, says: /Plan/ },
  { name: 'plan-not-found', path: () => `/events/${NOBODY}/plan`, status: 404, says: /no such|not found/i },
  { name: 'plan-links', route: '/events/{id}/plan/links', path: () => `/events/${ids.event}/plan/links`, says: /Share the plan/ },
  { name: 'run-sheet', route: '/events/{id}/run-sheet', path: () => `/events/${ids.event}/run-sheet`, says: /Run sheet/ },
  { name: 'crew', path: () => '/crew', says: /Crew[^]*Joy Thomas/ },
  { name: 'crew-member', route: '/crew/{id}', path: () => `/crew/${ids.crew}`, says: /Joy Thomas[^]*Skills[^]*Rate per hour/ },
  { name: 'talent', path: () => '/talent', says: /Talent[^]*The Salt Coast/ },
  { name: 'artist', route: '/talent/{id}', path: () => `/talent/${ids.artist}`, says: /The Salt Coast[^]*Checklist[^]*Documents/ },
  { name: 'own-schedule', as: 'kabir@demo.eventify.test', path: () => '/talent', says: /My schedule[^]*The Salt Coast[^]*Checklist/ },
  { name: 'pick-list', route: '/events/{id}/pick-list', path: () => `/events/${ids.event}/pick-list`, says: /Pick list/ },
  { name: 'equipment-units', route: '/equipment/{id}', path: () => `/equipment/${ids.gear}`, says: /Radio[^]*RAD-001/ },
  { name: 'by-event', route: '/overview/events', path: () => '/overview/events?days=90', says: /Tickets and entries by event[^]*tickets issued/ },
  { name: 'calendar', path: () => '/calendar', says: /Calendar[^]*Month[^]*Week/ },
  { name: 'calendar-week', route: '/calendar', path: () => '/calendar?view=week', says: /Calendar · \d+/ },
  { name: 'equipment', path: () => '/equipment', says: /Equipment[^]*Radio/ },
  { name: 'venues', path: () => '/venues', says: /Aker Scene[^]*Marigold Grand Hall/ },
  { name: 'venue-new', path: () => '/venues/new', says: /Time zone/ },
  { name: 'venue', route: '/venues/{id}', path: () => `/venues/${ids.venue}`, says: /Aker Scene[^]*Nordlys Chamber Night/ },
  { name: 'venue-edit', route: '/venues/{id}/edit', path: () => `/venues/${ids.venue}/edit`, says: /Latitude/ },
  { name: 'interests', path: () => '/interests', says: /URL name[^]*Live music/ },
  { name: 'interests-forbidden', as: LIMITED, path: () => '/interests', status: 403, says: /may not|permission/i },
  { name: 'partners', path: () => '/partners', says: /Marigold Halls/ },
  { name: 'partners-filtered', path: () => '/partners?status=suspended', says: /Suspended/ },
  { name: 'partner-new', path: () => '/partners/new', says: /Business name/ },
  { name: 'partner', route: '/partners/{id}', path: () => `/partners/${ids.partner}`, says: /Primary contact/ },
  { name: 'partner-people', route: '/partners/{id}', path: () => `/partners/${ids.partner}?tab=people`, says: /Primary/ },
  { name: 'partner-documents', route: '/partners/{id}', path: () => `/partners/${ids.partner}?tab=documents`, says: /Company registration/ },
  { name: 'partner-bank', route: '/partners/{id}', path: () => `/partners/${ids.partner}?tab=bank`, says: /account/i },
  { name: 'partner-activity', route: '/partners/{id}', path: () => `/partners/${ids.partner}?tab=activity`, says: /partner/ },
  { name: 'partner-edit', route: '/partners/{id}/edit', path: () => `/partners/${ids.partner}/edit`, says: /Business name/ },
  { name: 'organisation', path: () => '/organisation', says: /Primary colour[^]*Logo/ },
  { name: 'mail-templates', path: () => '/mail-templates', says: /Your tickets for Lantern Night[^]*Plain text/ },
  { name: 'mail-templates-code', route: '/mail-templates', path: () => '/mail-templates?mail=code', says: /Sign-in code[^]*is your .* code\. It works for five minutes/ },
  { name: 'kyc', path: () => '/kyc', says: /Document review/ },
  { name: 'users', path: () => '/users', says: /Users[^]*Joined[^]*Active/ },
  { name: 'users-filtered', path: () => '/users?q=nobody-at-all', says: /Nothing matches/ },
  { name: 'users-banned', path: () => '/users?status=banned&sort=name', says: /Banned until/ },
  { name: 'user', route: '/users/{id}', path: () => `/users/${ids.user}`, says: /Profile[^]*Interests[^]*Privacy/ },
  { name: 'user-banned', route: '/users/{id}', path: () => `/users/${ids.banned}`, says: /This user is banned[^]*Since/ },
  { name: 'user-activity', route: '/users/{id}', path: () => `/users/${ids.user}?tab=activity`, says: /The ban was lifted/ },
  { name: 'user-bans', route: '/users/{id}', path: () => `/users/${ids.user}?tab=bans`, says: /Took the wrong seat[^]*Lifted/ },
  { name: 'user-tickets', route: '/users/{id}', path: () => `/users/${ids.guest}?tab=tickets`, says: /Ticket type[^]*Issued/ },
  { name: 'user-tickets-none', route: '/users/{id}', path: () => `/users/${ids.banned}?tab=tickets&status=refunded`, says: /Nothing matches/ },
  { name: 'user-sessions', route: '/users/{id}', path: () => `/users/${ids.user}?tab=sessions`, says: /not signed in anywhere/ },
  { name: 'user-not-found', path: () => `/users/${NOBODY}`, status: 404, says: /no such|not found/i },
  { name: 'users-forbidden', as: LIMITED, path: () => '/users', status: 403, says: /may not|permission/i },
  { name: 'notifications', path: () => '/notifications', says: /Notifications[^]*All[^]*Unread/ },
  { name: 'notification-settings', route: '/notifications', path: () => '/notifications?tab=settings', says: /On this device[^]*In Eventify[^]*Email[^]*Push[^]*Quiet hours/ },
  { name: 'sent-messages', path: () => '/sent-messages', says: /Sent messages[^]*Status/ },
  { name: 'sent-messages-wrong', route: '/sent-messages', path: () => '/sent-messages?to=rehana', says: /must be a whole email address[^]*Status/ },
  { name: 'sent-message', route: '/sent-messages/{id}', path: () => `/sent-messages/${ids.sent}`, says: /Attempts[^]*At a glance[^]*Channel/ },
  { name: 'event-bus', path: () => '/event-bus', says: /Event bus[^]*Publishing and listeners[^]*Up to date/ },
  { name: 'payments', path: () => '/payments', says: /Payments[^]*EV-[^]*Paid/ },
  { name: 'payments-filtered', path: () => '/payments?q=nobody-at-all', says: /Nothing matches/ },
  { name: 'payments-forbidden', as: LIMITED, path: () => '/payments', status: 403, says: /may not|permission/i },
  { name: 'payment', route: '/payments/{id}', path: () => `/payments/${ids.payment}`, says: /Paid for[^]*Tickets[^]*Refunds[^]*In the ledger/ },
  { name: 'disputes', path: () => '/disputes', says: /Disputes[^]*open dispute[^]*EV-[^]*Needs evidence/ },
  { name: 'dispute', route: '/disputes/{id}', path: () => `/disputes/${ids.dispute}`, says: /Evidence[^]*Add evidence[^]*In the ledger[^]*held for a dispute/ },
  { name: 'payouts', path: () => '/payouts', says: /Payouts[^]*PO-[^]*Needs approval/ },
  { name: 'payout', route: '/payouts/{id}', path: () => `/payouts/${ids.payout}`, says: /Partners[^]*Left out/ },
  { name: 'budgets', path: () => '/budgets', says: /Budgets[^]*Result[^]*(better|worse|so far)/ },
  { name: 'budget', route: '/budgets/{id}', path: () => `/budgets/${ids.budgeted}`, says: /Ticket sales[^]*From the ledger[^]*Venue[^]*Result/ },
  { name: 'invoices', path: () => '/invoices', says: /Invoices[^]*Credit notes[^]*INV\// },
  { name: 'credit-notes', route: '/invoices', path: () => '/invoices?tab=credit-notes', says: /CRN\/[^]*INV\// },
  { name: 'invoice', route: '/invoices/{id}', path: () => `/invoices/${ids.invoice}`, says: /Supplier[^]*Admission[^]*Taxable value[^]*Credited/ },
  { name: 'reconciliation', path: () => '/reconciliation', says: /Reconciliation[^]*Held by providers[^]*Amount differs[^]*Import a report/ },
  { name: 'settlements', route: '/reconciliation', path: () => '/reconciliation?tab=settlements', says: /To the bank[^]*exceptions/ },
  { name: 'wallets', path: () => '/wallets', says: /Wallets[^]*Owner[^]*Balance/ },
  { name: 'fraud-signals', path: () => '/fraud-signals', says: /Fraud signals[^]*Signal[^]*Result/ },
  { name: 'user-money', route: '/users/{id}', path: () => `/users/${ids.payer}?tab=money`, says: /Totals[^]*Paid[^]*Kept[^]*EV-/ },
  { name: 'partner-money', route: '/partners/{id}', path: () => `/partners/${ids.sells}?tab=money`, says: /Ticket sales[^]*Owed to the partner[^]*Latest entries/ },
  { name: 'fees', path: () => '/fees', says: /Fees[^]*Everyone[^]*5%[^]*18%/ },
  { name: 'closed-months', path: () => '/ledger/months', says: /Closed months/ },
  { name: 'ledger', path: () => '/ledger', says: /Accounts[^]*Owed to[^]*sent back to the guest/ },
  { name: 'ledger-account', path: () => `/ledger?account_id=${ids.account}`, says: /Balance/ },
  { name: 'journal', route: '/ledger/{id}', path: () => `/ledger/${ids.journal}`, says: /Debit[^]*Credit[^]*Total/ },
  { name: 'event-money', route: '/events/{id}', path: () => `/events/${ids.paid}?tab=money`, says: /Paid by guests[^]*Owed to the organiser[^]*By ticket type/ },
  { name: 'door-sales', route: '/events/{id}/door-sales', path: () => `/events/${ids.event}/door-sales`, says: /Door sales[^]*Sell tickets[^]*Cash/ },
  { name: 'privacy', path: () => '/privacy', says: /Copy of the data[^]*Erasure/ },
  { name: 'privacy-filtered', path: () => '/privacy?status=rejected', says: /Nothing matches/ },
  { name: 'privacy-forbidden', as: LIMITED, path: () => '/privacy', status: 403, says: /may not|permission/i },
  { name: 'roles', path: () => '/roles', says: /Super Admin[^]*Gate Staff/ },
  { name: 'role-new', path: () => '/roles/new', says: /New role[^]*See team members/ },
  { name: 'role', route: '/roles/{id}', path: () => `/roles/${ids.role}`, says: /Moderator/ },
  { name: 'api-keys', path: () => '/api-keys', says: /Door printer/ },
  { name: 'api-key-new', path: () => '/api-keys/new', says: /New API key/ },
  { name: 'ip-allowlist', path: () => '/ip-allowlist', says: /127\.0\.0\.1/ },
  { name: 'audit-verify', path: () => '/audit/verify', says: /Check a proof[^]*Exported proof[^]*sent nowhere/ },
  { name: 'audit', path: () => '/audit', says: /api_key|key/i },
  { name: 'audit-entry', route: '/audit/{id}', path: () => `/audit/${ids.entry}`, says: /role/ },
  { name: 'jobs', path: () => '/jobs', says: /waiting[^]*How jobs went[^]*Any job/ },
  { name: 'job', route: '/jobs/{id}', path: () => `/jobs/${ids.job}`, says: /mail/ },
  { name: 'gallery', path: () => '/gallery', says: /Gallery[^]*Skeletons/, busy: true },
  { name: 'account', path: () => '/account', says: /Asha Rao|asha@/ },
  { name: 'security', path: () => '/account/security', says: /Password[^]*Sessions/i },
  { name: 'not-found', path: () => '/no/such/page', status: 404, says: /no such|not found/i },
  { name: 'member-not-found', path: () => `/team/${NOBODY}`, status: 404, says: /no such|not found/i },
  { name: 'forbidden', as: LIMITED, path: () => '/team', status: 403, says: /may not|permission/i },
  { name: 'overview-limited', as: LIMITED, path: () => '/', says: /Good to see you, Ravi/ },
  { name: 'sign-in', as: null, path: () => '/sign-in', says: /Sign in/ },
  { name: 'sign-in-refused', as: null, path: () => '/sign-in?error=invalid_credentials', says: /Wrong email or password/ },
  { name: 'sign-in-code', as: null, path: () => '/sign-in/code', says: /code/i },
  { name: 'forgot-password', as: null, path: () => '/forgot-password', says: /password/i },
  { name: 'reset-password', route: '/reset-password', as: null, path: () => ids.reset, says: /new password/i },
  { name: 'accept-invitation', route: '/accept-invitation', as: null, path: () => ids.invitation, says: /invited to join as Gate Staff[^]*inga\.invited/ },
  { name: 'invitation-dead', as: null, path: () => '/accept-invitation?token=nonsense', says: /no longer/i, status: 410 },
  { name: 'api-docs', as: null, path: () => '/api/docs', says: /List team members/, plain: true, repeats: 'section.op' },
  { name: 'api-errors', as: null, path: () => '/api/errors', says: /last_super_admin/, plain: true },
  { name: 'dev-mail', as: null, path: () => '/dev/mail', says: /invited to|new password/, plain: true },
];

// `PAGES=2/3` takes the second third of them: parts that run side by side.
const [part, parts] = (process.env.PAGES ?? '1/1').split('/').map(Number);

let server, browser;
const contexts = new Map();

before(async () => {
  server = await Server.start(`pages-${part}`);
  browser = await launch();
  const admin = await Caller.signIn(server.url, ADMIN);
  const [moderator, gate] = await Promise.all([admin.role('moderator'), admin.role('gate_staff')]);
  const invited = newEmail('Inga Invited');
  ids.role = moderator.id;
  ids.partner = (await admin.get('/partners')).items[0].id;
  ids.user = (await admin.get('/users?status=active&sort=name')).items[0].id;
  ids.guest = (await admin.get('/tickets')).items.find((ticket) => ticket.user_id).user_id;
  ids.banned = (await admin.get('/users?status=banned')).items[0].id;
  await admin.ok('POST', `/users/${ids.user}/ban`, { reason: 'Took the wrong seat' });
  await admin.ok('POST', `/users/${ids.user}/unban`, { reason: 'It was a misunderstanding' });
  ids.event = (await admin.get('/events?q=hindustani')).items[0].id;
  ids.attendee = (await admin.get(`/events/${ids.event}/attendees?limit=1`)).items[0].id;
  ids.live = (await admin.get('/events?status=live')).items[0].id;
  ids.cancelled = (await admin.get('/events?status=cancelled')).items[0].id;
  ids.venue = (await admin.get('/venues?q=aker')).items[0].id;
  ids.artist = (await admin.get('/talent?q=salt')).items[0].id;
  ids.gear = (await admin.get('/production/equipment?q=radio')).items[0].id;
  ids.crew = (await admin.get('/staff?q=joy')).items[0].id;
  for (const area of areas) await area.prepare?.(admin, ids);
  ids.member = (await admin.staff('meera@demo.eventify.test')).id;
  await admin.ok('POST', '/admin/api-keys', { key_name: 'Door printer', scope: ['staff.read'] });
  const role = await admin.ok('POST', '/admin/roles', { name: 'Stage crew', permissions: ['events.read'] });
  await admin.ok('PUT', `/admin/roles/${role.id}/permissions`, { permissions: ['events.read', 'staff.read'], version: role.version });
  const gateInput = { email: invited, full_name: 'Inga Invited', role_id: gate.id, event_id: ids.event };
  await admin.ok('POST', '/admin/users', gateInput);
  await admin.ok('POST', '/auth/password/forgot', { email: 'priya@demo.eventify.test' });
  const local = (link) => link.replace(server.url, '');
  ids.invitation = local(await mailedLink(server.url, invited, 'invited to'));
  ids.reset = local(await mailedLink(server.url, 'priya@demo.eventify.test', 'new password'));
  const refunded = (await admin.get('/payments?limit=200')).items.filter((one) => one.refunded.minor > 0);
  ids.payment = refunded[0].id;
  ids.paid = refunded[0].event_id;
  ids.payer = refunded[0].user_id;
  ids.sells = (await admin.get('/finance/wallets?limit=200')).items.find((one) => one.partner_id).partner_id;
  ids.dispute = (await admin.get('/disputes?status=opened')).items[0].id;
  ids.payout = (await admin.get('/financials/payouts?status=draft')).items[0].id;
  ids.budgeted = (await admin.get('/finance/budget')).items[0].event_id;
  ids.invoice = (await admin.get('/credit-notes')).items[0].invoice_id;
  const posting = (await admin.get('/financials/entries')).items[0];
  ids.journal = posting.journal_id;
  ids.account = posting.account_id;
  ids.entry = (await admin.get('/admin/audit?action=role.permissions_changed')).items[0].id;
  ids.sent = (await until('a message is there', () => admin.get('/admin/messages').then((page) => page.items[0]))).id;
  ids.job = (await until('a job is there', () => admin.get('/ops/jobs').then((page) => page.items.find((job) => /mail/.test(job.job_type))))).id;
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
});

test('a page asks for its data once', async () => {
  const { token } = await Caller.signIn(server.url, ADMIN);
  const answer = await fetch(`${server.url}/team`, { headers: { cookie: `evf_staff=${token}` } });
  const asked = (await answer.text()).match(/__PENDING_RESOURCES=\[([^\]]*)\]/)[1].split(',').filter(Boolean);
  assert.equal(asked.length, 4, 'the account, its clock and what waits for the frame, and the list');
});

/** What a narrow or a dark page can break; the other rules have looked at the same markup. */
const LAID_OUT = ['color-contrast', 'link-in-text-block', 'target-size', 'scrollable-region-focusable', 'button-name', 'link-name'];

for (const { name, path, says, as = ADMIN, status = 200, plain = false, busy = false, repeats } of PAGES.filter((_, at) => at % parts === part - 1)) {
  const expected = status === 200 ? [] : [REFUSED];

  describe(`page ${name}`, () => {
    let page;
    before(async () => {
      page = await newPage(await context(as, { colorScheme: 'light' }));
    });
    after(() => page.close());

    test('loads, comes alive and stays calm', async (t) => {
      const answered = plain ? (await page.goto(path())).status() : await visit(page, path());
      assert.equal(answered, status);
      assert.match(await page.locator('main').innerText(), says);
      assert.equal(await page.locator('h1').count(), 1, 'one h1');
      assert.match(await page.title(), /\S.*Eventify/, 'a title of its own');
      assertCalm(page, ...expected);
      // A busy machine may paint once before all is laid out: what moves every time is the page's own fault.
      let shift = await layoutShift(page);
      for (let again = 0; again < 2 && shift.sum >= 0.05; again++) {
        t.diagnostic(`layout shift ${shift.sum.toFixed(3)} at ${path()}, loading it again: ${shift.what}`);
        await page.reload();
        if (!plain) await hydrated(page);
        shift = await layoutShift(page);
      }
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
