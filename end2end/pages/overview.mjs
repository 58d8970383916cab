// The pages of the first page, for the walk over all of them.
import { LIMITED } from '../people.mjs';

/** Its lists that have rows in the demo. */
export const lists = () => ['/overview/events?days=90'];

/** Path, and words that must stand in `main`. */
export const pages = () => [
  { name: 'overview', path: () => '/', says: /Good to see you, Asha/ },
  { name: 'overview-limited', as: LIMITED, path: () => '/', says: /Good to see you, Ravi/ },
  { name: 'by-event', route: '/overview/events', path: () => '/overview/events?days=90', says: /Tickets and entries by event[^]*tickets issued/ },
];
