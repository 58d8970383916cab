// The pages of the plan, of crew, talent and equipment, for the walk over all of them.
import { NOBODY } from '../people.mjs';

/** Looks up what the paths are made of. */
export async function prepare(admin, ids) {
  ids.event = (await admin.get('/events?q=hindustani')).items[0].id;
  ids.artist = (await admin.get('/talent?q=salt')).items[0].id;
  ids.gear = (await admin.get('/production/equipment?q=radio')).items[0].id;
  ids.crew = (await admin.get('/staff?q=joy')).items[0].id;
}

/** Its lists that have rows in the demo. */
export const lists = () => ['/crew', '/talent', '/equipment'];

/** Path, and words that must stand in `main`. */
export const pages = (ids) => [
  { name: 'plan', route: '/events/{id}/plan', path: () => `/events/${ids.event}/plan`, says: /Plan/ },
  { name: 'plan-not-found', path: () => `/events/${NOBODY}/plan`, status: 404, says: /no such|not found/i },
  { name: 'plan-links', route: '/events/{id}/plan/links', path: () => `/events/${ids.event}/plan/links`, says: /Share the plan/ },
  { name: 'run-sheet', route: '/events/{id}/run-sheet', path: () => `/events/${ids.event}/run-sheet`, says: /Run sheet/ },
  { name: 'crew', path: () => '/crew', says: /Crew[^]*Joy Thomas/ },
  { name: 'crew-member', route: '/crew/{id}', path: () => `/crew/${ids.crew}`, says: /Joy Thomas[^]*Skills[^]*Rate per hour/ },
  { name: 'talent', path: () => '/talent', says: /Talent[^]*The Salt Coast/ },
  { name: 'artist', route: '/talent/{id}', path: () => `/talent/${ids.artist}`, says: /The Salt Coast[^]*Checklist[^]*Documents/ },
  { name: 'own-schedule', as: 'kabir@demo.eventify.test', path: () => '/talent', says: /My schedule[^]*The Salt Coast[^]*Checklist/ },
  { name: 'pick-list', route: '/events/{id}/pick-list', path: () => `/events/${ids.event}/pick-list`, says: /Pick list/ },
  { name: 'equipment-units', route: '/equipment/{id}', path: () => `/equipment/${ids.gear}`, says: /Radio[^]*RAD-001/ },
  { name: 'calendar', path: () => '/calendar', says: /Calendar[^]*Month[^]*Week/ },
  { name: 'calendar-week', route: '/calendar', path: () => '/calendar?view=week', says: /Calendar · \d+/ },
  { name: 'equipment', path: () => '/equipment', says: /Equipment[^]*Radio/ },
];
