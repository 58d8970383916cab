// Lists partners, events and tickets with the types that openapi-typescript made of the document.
import createClient from 'openapi-fetch';
import type { components, paths } from './schema';

declare const process: { env: Record<string, string> };

const client = createClient<paths>({
  baseUrl: process.env.EVENTIFY_API,
  headers: { authorization: `Bearer ${process.env.EVENTIFY_TOKEN}` },
});

function items<T>(answer: { data?: { items: T[] }; error?: components['schemas']['Problem'] }): T[] {
  if (!answer.data?.items.length) throw new Error(answer.error?.code ?? 'nothing was listed');
  return answer.data.items;
}

const query = { limit: 20 };
const partners = items(await client.GET('/partners', { params: { query } }));
const events = items(await client.GET('/events', { params: { query } }));
const tickets = items(await client.GET('/tickets', { params: { query } }));

// An enumeration is one: the compiler knows its words.
const live = events.filter((event) => event.status === 'live' || event.status === 'published');
const names: string[] = [...partners.map((partner) => partner.name), ...live.map((event) => event.title)];
if (names.some((name) => name.length === 0)) throw new Error('a name is empty');
console.log('read', partners.length, events.length, tickets.length);
