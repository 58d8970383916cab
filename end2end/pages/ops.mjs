// The pages of jobs, messages and the event bus, for the walk over all of them.
import { until } from '../server.mjs';

/** Looks up what the paths are made of. */
export async function prepare(admin, ids) {
  ids.sent = (await until('a message is there', () => admin.get('/admin/messages').then((page) => page.items[0]))).id;
  ids.job = (await until('a job is there', () => admin.get('/ops/jobs').then((page) => page.items.find((job) => /mail/.test(job.job_type))))).id;
}

/** Its lists that have rows in the demo. */
export const lists = () => ['/jobs', '/sent-messages', '/event-bus'];

/** Path, and words that must stand in `main`. */
export const pages = (ids) => [
  { name: 'sent-messages', path: () => '/sent-messages', says: /Sent messages[^]*Status/ },
  { name: 'sent-messages-wrong', route: '/sent-messages', path: () => '/sent-messages?to=rehana', says: /must be a whole email address[^]*Status/ },
  { name: 'sent-message', route: '/sent-messages/{id}', path: () => `/sent-messages/${ids.sent}`, says: /Attempts[^]*At a glance[^]*Channel/ },
  { name: 'event-bus', path: () => '/event-bus', says: /Event bus[^]*Publishing and listeners[^]*Up to date/ },
  { name: 'jobs', path: () => '/jobs', says: /waiting[^]*How jobs went[^]*Any job/ },
  { name: 'job', route: '/jobs/{id}', path: () => `/jobs/${ids.job}`, says: /mail/ },
];
