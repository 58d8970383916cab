// What the walks over pages need to know of an area: each has its own in `pages/<area>.mjs`.
import { readdirSync } from 'node:fs';

const files = readdirSync(new URL('./pages/', import.meta.url)).sort();
/** What each says: `prepare(admin, ids)`, `pages(ids)`, `lists(ids)`. */
export const areas = await Promise.all(files.map((file) => import(`./pages/${file}`)));
