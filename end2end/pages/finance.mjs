// The pages of finance, for the walk over all of them.
import { LIMITED } from '../people.mjs';

/** Looks up what the paths are made of. */
export async function prepare(admin, ids) {
  const refunded = (await admin.get('/payments?limit=200')).items.filter((one) => one.refunded.minor > 0);
  ids.payment = refunded[0].id;
  ids.paid = refunded[0].event_id;
  ids.payer = refunded[0].user_id;
  ids.event = (await admin.get('/events?q=hindustani')).items[0].id;
  ids.sells = (await admin.get('/finance/wallets?limit=200')).items.find((one) => one.partner_id).partner_id;
  ids.dispute = (await admin.get('/disputes?status=opened')).items[0].id;
  ids.payout = (await admin.get('/financials/payouts?status=draft')).items[0].id;
  ids.budgeted = (await admin.get('/finance/budget')).items[0].event_id;
  ids.invoice = (await admin.get('/credit-notes')).items[0].invoice_id;
  const posting = (await admin.get('/financials/entries')).items[0];
  ids.journal = posting.journal_id;
  ids.account = posting.account_id;
}

/** Its lists that have rows in the demo. */
export const lists = (ids) => [
  '/payments', '/invoices', '/invoices?tab=credit-notes', '/ledger', '/disputes', '/payouts', '/budgets', '/reconciliation',
  '/reconciliation?tab=settlements', '/wallets', '/fraud-signals', '/fees', `/events/${ids.event}/door-sales`,
];

/** Path, and words that must stand in `main`. */
export const pages = (ids) => [
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
];
