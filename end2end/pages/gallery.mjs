// The pages of the gallery of what pages are made of, for the walk over all of them.

/** Path, and words that must stand in `main`. */
export const pages = () => [
  { name: 'gallery', path: () => '/gallery', says: /Gallery[^]*Skeletons/, busy: true },
];
