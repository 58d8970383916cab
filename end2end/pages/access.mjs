// The pages of the team and its rights, of everyone's own account and of the way in, for the walk over all of them.
import { LIMITED, mailedLink, newEmail, NOBODY } from '../people.mjs';

/** Makes and looks up what the paths are made of. */
export async function prepare(admin, ids) {
  const [moderator, gate] = await Promise.all([admin.role('moderator'), admin.role('gate_staff')]);
  ids.role = moderator.id;
  ids.member = (await admin.staff('meera@demo.eventify.test')).id;
  await admin.ok('POST', '/admin/api-keys', { key_name: 'Door printer', scope: ['staff.read'] });
  const invited = newEmail('Inga Invited');
  const event = (await admin.get('/events?q=hindustani')).items[0].id;
  const gateInput = { email: invited, full_name: 'Inga Invited', role_id: gate.id, event_id: event };
  await admin.ok('POST', '/admin/users', gateInput);
  await admin.ok('POST', '/auth/password/forgot', { email: 'priya@demo.eventify.test' });
  const local = (link) => link.replace(admin.url, '');
  ids.invitation = local(await mailedLink(admin.url, invited, 'invited to'));
  ids.reset = local(await mailedLink(admin.url, 'priya@demo.eventify.test', 'new password'));
}

/** Its lists that have rows in the demo. */
export const lists = () => ['/team', '/roles', '/api-keys', '/ip-allowlist'];

/** Path, and words that must stand in `main`. */
export const pages = (ids) => [
  { name: 'team', path: () => '/team', says: /Asha Rao[^]*Tomás Herrera/ },
  { name: 'team-filtered', path: () => '/team?q=nobody-at-all', says: /Nothing matches/ },
  { name: 'invite', path: () => '/team/invite', says: /Invite/ },
  { name: 'member-edit', route: '/team/{id}/edit', path: () => `/team/${ids.member}/edit`, says: /Meera Iyer/ },
  { name: 'member', route: '/team/{id}', path: () => `/team/${ids.member}`, says: /Meera Iyer[^]*Event Manager[^]*Latest changes[^]*Meera Iyer [^]*Sign-ins and account/ },
  { name: 'member-not-found', path: () => `/team/${NOBODY}`, status: 404, says: /no such|not found/i },
  { name: 'forbidden', as: LIMITED, path: () => '/team', status: 403, says: /may not|permission/i },
  { name: 'roles', path: () => '/roles', says: /Super Admin[^]*Gate Staff/ },
  { name: 'role-new', path: () => '/roles/new', says: /New role[^]*See team members/ },
  { name: 'role', route: '/roles/{id}', path: () => `/roles/${ids.role}`, says: /Moderator/ },
  { name: 'api-keys', path: () => '/api-keys', says: /Door printer/ },
  { name: 'api-key-new', path: () => '/api-keys/new', says: /New API key/ },
  { name: 'ip-allowlist', path: () => '/ip-allowlist', says: /127\.0\.0\.1/ },
  { name: 'account', path: () => '/account', says: /Asha Rao|asha@/ },
  { name: 'security', path: () => '/account/security', says: /Password[^]*Sessions/i },
  { name: 'sign-in', as: null, path: () => '/sign-in', says: /Sign in/ },
  { name: 'sign-in-refused', as: null, path: () => '/sign-in?error=invalid_credentials', says: /Wrong email or password/ },
  { name: 'sign-in-code', as: null, path: () => '/sign-in/code', says: /code/i },
  { name: 'forgot-password', as: null, path: () => '/forgot-password', says: /password/i },
  { name: 'reset-password', route: '/reset-password', as: null, path: () => ids.reset, says: /new password/i },
  { name: 'accept-invitation', route: '/accept-invitation', as: null, path: () => ids.invitation, says: /invited to join as Gate Staff[^]*inga\.invited/ },
  { name: 'invitation-dead', as: null, path: () => '/accept-invitation?token=nonsense', says: /no longer/i, status: 410 },
];
