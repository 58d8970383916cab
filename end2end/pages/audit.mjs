// The pages of the audit log, for the walk over all of them.

/** Makes and looks up what the paths are made of. */
export async function prepare(admin, ids) {
  const role = await admin.ok('POST', '/admin/roles', { name: 'Stage crew', permissions: ['events.read'] });
  await admin.ok('PUT', `/admin/roles/${role.id}/permissions`, { permissions: ['events.read', 'staff.read'], version: role.version });
  ids.entry = (await admin.get('/admin/audit?action=role.permissions_changed')).items[0].id;
}

/** Its lists that have rows in the demo. */
export const lists = () => ['/audit'];

/** Path, and words that must stand in `main`. */
export const pages = (ids) => [
  { name: 'audit-verify', path: () => '/audit/verify', says: /Check a proof[^]*Exported proof[^]*sent nowhere/ },
  { name: 'audit', path: () => '/audit', says: /api_key|key/i },
  { name: 'audit-entry', route: '/audit/{id}', path: () => `/audit/${ids.entry}`, says: /role/ },
];
