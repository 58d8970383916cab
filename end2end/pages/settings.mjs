// The pages of the organisation and its mails, for the walk over all of them.

/** Path, and words that must stand in `main`. */
export const pages = () => [
  { name: 'organisation', path: () => '/organisation', says: /Primary colour[^]*Logo/ },
  { name: 'mail-templates', path: () => '/mail-templates', says: /Your tickets for Lantern Night[^]*Plain text/ },
  { name: 'mail-templates-code', route: '/mail-templates', path: () => '/mail-templates?mail=code', says: /Sign-in code[^]*is your .* code\. It works for five minutes/ },
];
