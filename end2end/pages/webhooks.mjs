// The pages of webhooks, for the walk over all of them.
import { LIMITED, NOBODY } from '../people.mjs';

/** Looks up what the paths are made of. */
export async function prepare(admin, ids) {
  ids.hook = (await admin.get('/webhooks/endpoints')).items[0].id;
  ids.message = (await admin.get(`/webhooks/deliveries?endpoint_id=${ids.hook}&status=failed`)).items[0].id;
}

/** Its lists that have rows in the demo. */
export const lists = (ids) => ['/webhooks', `/webhooks/${ids.hook}`];

/** Path, and words that must stand in `main`. */
export const pages = (ids) => [
  { name: 'webhooks', path: () => '/webhooks', says: /hooks\.bluelotus\.test[^]*Disabled/ },
  { name: 'webhooks-filtered', path: () => '/webhooks?status=active', says: /Nothing matches/ },
  { name: 'webhook-new', path: () => '/webhooks/new', says: /URL[^]*Partners[^]*0 of 9/ },
  { name: 'webhook', route: '/webhooks/{id}', path: () => `/webhooks/${ids.hook}`, says: /is disabled[^]*partner\.status_changed/ },
  { name: 'webhook-log-filtered', route: '/webhooks/{id}', path: () => `/webhooks/${ids.hook}?status=pending`, says: /Nothing matches/ },
  { name: 'webhook-settings', route: '/webhooks/{id}', path: () => `/webhooks/${ids.hook}?tab=settings`, says: /Events to send[^]*partner\.created/ },
  { name: 'webhook-edit', route: '/webhooks/{id}/edit', path: () => `/webhooks/${ids.hook}/edit`, says: /URL/ },
  { name: 'webhook-message', route: '/webhooks/{id}/deliveries/{delivery_id}', path: () => `/webhooks/${ids.hook}/deliveries/${ids.message}`, says: /Answered 410[^]*webhook-id/ },
  { name: 'webhook-not-found', path: () => `/webhooks/${NOBODY}`, status: 404, says: /no such|not found/i },
  { name: 'webhooks-forbidden', as: LIMITED, path: () => '/webhooks', status: 403, says: /may not|permission/i },
];
