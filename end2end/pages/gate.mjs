// The pages of the gate, for the walk over all of them.
import { NOBODY } from '../people.mjs';

/** Looks up what the paths are made of. */
export async function prepare(admin, ids) {
  ids.event = (await admin.get('/events?q=hindustani')).items[0].id;
  ids.live = (await admin.get('/events?status=live')).items[0].id;
}

/** Path, and words that must stand in `main`. */
export const pages = (ids) => [
  { name: 'event-updates', route: '/events/{id}', path: () => `/events/${ids.live}?tab=updates`, says: /Live updates/ },
  { name: 'gates', route: '/events/{id}/gates', path: () => `/events/${ids.live}/gates`, says: /Gates[^]*Phones[^]*Rules at the gate/ },
  { name: 'gates-forbidden', as: 'sam@demo.eventify.test', path: () => `/events/${ids.live}/gates`, status: 403, says: /may not|permission/i },
  { name: 'board', route: '/events/{id}/board', path: () => `/events/${ids.live}/board`, says: /Inside now[^]*Arrivals per minute[^]*Gates[^]*Refused/ },
  { name: 'board-wall', route: '/events/{id}/board', path: () => `/events/${ids.live}/board?screen=wall`, says: /Inside now/ },
  { name: 'board-not-found', path: () => `/events/${NOBODY}/board`, status: 404, says: /no such|not found/i },
  { name: 'conflicts', route: '/events/{id}/conflicts', path: () => `/events/${ids.live}/conflicts?show=all`, says: /Admissions to check/ },
  { name: 'door-list', route: '/events/{id}/door-list', path: () => `/events/${ids.event}/door-list`, says: /Door list[^]*As of[^]*Name/ },
];
