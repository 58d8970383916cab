// The pages of partners, for the walk over all of them.

/** Looks up what the paths are made of. */
export async function prepare(admin, ids) {
  ids.partner = (await admin.get('/partners')).items[0].id;
}

/** Its lists that have rows in the demo. */
export const lists = () => ['/partners', '/kyc'];

/** Path, and words that must stand in `main`. */
export const pages = (ids) => [
  { name: 'partners', path: () => '/partners', says: /Marigold Halls/ },
  { name: 'partners-filtered', path: () => '/partners?status=suspended', says: /Suspended/ },
  { name: 'partner-new', path: () => '/partners/new', says: /Business name/ },
  { name: 'partner', route: '/partners/{id}', path: () => `/partners/${ids.partner}`, says: /Primary contact/ },
  { name: 'partner-people', route: '/partners/{id}', path: () => `/partners/${ids.partner}?tab=people`, says: /Primary/ },
  { name: 'partner-documents', route: '/partners/{id}', path: () => `/partners/${ids.partner}?tab=documents`, says: /Company registration/ },
  { name: 'partner-bank', route: '/partners/{id}', path: () => `/partners/${ids.partner}?tab=bank`, says: /account/i },
  { name: 'partner-activity', route: '/partners/{id}', path: () => `/partners/${ids.partner}?tab=activity`, says: /partner/ },
  { name: 'partner-edit', route: '/partners/{id}/edit', path: () => `/partners/${ids.partner}/edit`, says: /Business name/ },
  { name: 'kyc', path: () => '/kyc', says: /Document review/ },
];
