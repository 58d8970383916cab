// The pages of end users, for the walk over all of them.
import { LIMITED, NOBODY } from '../people.mjs';

/** Makes and looks up what the paths are made of. */
export async function prepare(admin, ids) {
  ids.user = (await admin.get('/users?status=active&sort=name')).items[0].id;
  ids.guest = (await admin.get('/tickets')).items.find((ticket) => ticket.user_id).user_id;
  ids.banned = (await admin.get('/users?status=banned')).items[0].id;
  await admin.ok('POST', `/users/${ids.user}/ban`, { reason: 'Took the wrong seat' });
  await admin.ok('POST', `/users/${ids.user}/unban`, { reason: 'It was a misunderstanding' });
}

/** Its lists that have rows in the demo. */
export const lists = () => ['/users', '/privacy'];

/** Path, and words that must stand in `main`. */
export const pages = (ids) => [
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
  { name: 'privacy', path: () => '/privacy', says: /Copy of the data[^]*Erasure/ },
  { name: 'privacy-filtered', path: () => '/privacy?status=rejected', says: /Nothing matches/ },
  { name: 'privacy-forbidden', as: LIMITED, path: () => '/privacy', status: 403, says: /may not|permission/i },
];
