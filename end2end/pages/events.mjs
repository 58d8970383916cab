// The pages of events and places, for the walk over all of them.
import { LIMITED, NOBODY } from '../people.mjs';

/** Looks up what the paths are made of. */
export async function prepare(admin, ids) {
  ids.event = (await admin.get('/events?q=hindustani')).items[0].id;
  ids.attendee = (await admin.get(`/events/${ids.event}/attendees?limit=1`)).items[0].id;
  ids.cancelled = (await admin.get('/events?status=cancelled')).items[0].id;
  ids.venue = (await admin.get('/venues?q=aker')).items[0].id;
}

/** Its lists that have rows in the demo. */
export const lists = (ids) => [
  '/events', '/venues', '/interests', `/events/${ids.event}?tab=guests`, `/events/${ids.event}?tab=types`,
  `/events/${ids.event}?tab=requests`, `/events/${ids.event}?tab=waiting`, `/events/${ids.event}?tab=invitations`,
  `/events/${ids.event}?tab=promos`, `/events/${ids.event}?tab=streams`,
];

/** Path, and words that must stand in `main`. */
export const pages = (ids) => [
  { name: 'events', path: () => '/events', says: /Live[^]*Upcoming[^]*Past/ },
  { name: 'events-live', path: () => '/events?when=live', says: /Riverside Food Weekend/ },
  { name: 'events-filtered', path: () => '/events?status=cancelled', says: /Lantern Walk/ },
  { name: 'events-none', path: () => '/events?city=Atlantis', says: /Nothing matches/ },
  { name: 'events-forbidden', as: LIMITED, path: () => '/events', status: 403, says: /may not|permission/i },
  { name: 'event-new', path: () => '/events/new', says: /Title[^]*Seats/ },
  { name: 'event', route: '/events/{id}', path: () => `/events/${ids.event}`, says: /Seats booked[^]*Seats by source[^]*Activity/ },
  { name: 'event-types', route: '/events/{id}', path: () => `/events/${ids.event}?tab=types`, says: /Add ticket type/ },
  { name: 'event-guests', route: '/events/{id}', path: () => `/events/${ids.event}?tab=guests`, says: /Add guest[^]*Import guests[^]*of \d+/ },
  { name: 'event-guest', route: '/events/{id}', path: () => `/events/${ids.event}?tab=guests&guest=${ids.attendee}`, says: /Tickets[^]*Messages[^]*History/ },
  { name: 'event-import', route: '/events/{id}', path: () => `/events/${ids.event}?tab=import`, says: /Rows from a spreadsheet/ },
  { name: 'event-promos', route: '/events/{id}', path: () => `/events/${ids.event}?tab=promos`, says: /Add promo code/ },
  { name: 'event-activity', route: '/events/{id}', path: () => `/events/${ids.event}?tab=activity`, says: /Activity/ },
  { name: 'event-guests-none', route: '/events/{id}', path: () => `/events/${ids.event}?tab=guests&q=nobody-at-all`, says: /Nothing matches/ },
  { name: 'event-requests', route: '/events/{id}', path: () => `/events/${ids.event}?tab=requests`, says: /Requests[^]*seats free|Requests[^]*Requested/ },
  { name: 'event-waiting', route: '/events/{id}', path: () => `/events/${ids.event}?tab=waiting`, says: /Waiting list/ },
  { name: 'event-invitations', route: '/events/{id}', path: () => `/events/${ids.event}?tab=invitations`, says: /Create share link/ },
  { name: 'event-streams', route: '/events/{id}', path: () => `/events/${ids.event}?tab=streams`, says: /Add live stream/ },
  { name: 'event-cancelled', route: '/events/{id}', path: () => `/events/${ids.cancelled}`, says: /was cancelled[^]*permit/ },
  { name: 'event-edit', route: '/events/{id}/edit', path: () => `/events/${ids.event}/edit`, says: /Title[^]*Seats/ },
  { name: 'event-not-found', path: () => `/events/${NOBODY}`, status: 404, says: /no such|not found/i },
  { name: 'venues', path: () => '/venues', says: /Aker Scene[^]*Marigold Grand Hall/ },
  { name: 'venue-new', path: () => '/venues/new', says: /Time zone/ },
  { name: 'venue', route: '/venues/{id}', path: () => `/venues/${ids.venue}`, says: /Aker Scene[^]*Nordlys Chamber Night/ },
  { name: 'venue-edit', route: '/venues/{id}/edit', path: () => `/venues/${ids.venue}/edit`, says: /Latitude/ },
  { name: 'interests', path: () => '/interests', says: /URL name[^]*Live music/ },
  { name: 'interests-forbidden', as: LIMITED, path: () => '/interests', status: 403, says: /may not|permission/i },
];
