// The worker of Live: keeps the app's own files, whole and of one version, so that it opens without a network. It never
// keeps anything a server rendered or answered. `tools/site` writes the version and the files' hashes in.
const VERSION = 'dev';
/** Address and SHA-256 of all that the app needs to open. */
const SHELL = {};
/** The same for what only some phones need: kept when first asked for. */
const LATER = {};

const CACHE = `live-${VERSION}`;

const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Fetches a file of this version; fails when the server has another one by now, or something else answers. */
async function fetched(address, hash) {
  const answer = await fetch(address, { cache: 'no-store', credentials: 'omit', redirect: 'error' });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  const bytes = await answer.arrayBuffer();
  if (hex(await crypto.subtle.digest('SHA-256', bytes)) !== hash) throw new Error(`${address} is of another version`);
  const headers = new Headers(answer.headers);
  // The bytes are unpacked already.
  headers.delete('content-encoding');
  headers.delete('content-length');
  return new Response(bytes, { headers });
}

self.addEventListener('install', (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await Promise.all(Object.entries(SHELL).map(async ([address, hash]) => cache.put(address, await fetched(address, hash))));
  })());
});

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    const others = (await caches.keys()).filter((name) => name.startsWith('live-') && name !== CACHE);
    await Promise.all(others.map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

// The page asks for the new version when nobody is being scanned.
self.addEventListener('message', (event) => {
  if (event.data === 'take over') self.skipWaiting();
});

async function answered(address) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(address);
  if (kept) return kept;
  const hash = SHELL[address] ?? LATER[address];
  const answer = await fetched(address, hash).catch(() => null);
  // Of another version: better than none, but not kept.
  if (!answer) return fetch(address, { credentials: 'omit' });
  await cache.put(address, answer.clone());
  return answer;
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (url.pathname in SHELL || url.pathname in LATER) event.respondWith(answered(url.pathname));
});
