// What the walks over pages need to know of an area: each has its own in `pages/<area>.mjs`.
import { readdirSync } from 'node:fs';

const files = readdirSync(new URL('./pages/', import.meta.url)).sort();

/** Each area's pages and lists, which may be asked for their paths once it is prepared. What it looks up stays its own: no
 * area stands on what another has found. */
export const areas = await Promise.all(files.map(async (file) => {
  const { pages, prepare, lists } = await import(`./pages/${file}`);
  const ids = {};
  return {
    pages: pages(ids),
    prepare: async (admin) => prepare?.(admin, ids),
    lists: () => lists?.(ids) ?? [],
  };
}));
