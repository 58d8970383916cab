// The pages of the server itself, for the walk over all of them: the API's documentation, the kept mails, and an address
// that nothing has.

/** Path, and words that must stand in `main`. */
export const pages = () => [
  { name: 'not-found', path: () => '/no/such/page', status: 404, says: /no such|not found/i },
  { name: 'api-docs', as: null, path: () => '/api/docs', says: /List team members/, plain: true, repeats: 'section.op' },
  { name: 'api-errors', as: null, path: () => '/api/errors', says: /last_super_admin/, plain: true },
  { name: 'dev-mail', as: null, path: () => '/dev/mail', says: /invited to|new password/, plain: true },
];
