// What this phone keeps: one IndexedDB. Fields named in `seal` are encrypted with a key that cannot leave the browser.
const NAME = 'eventify-live';
/** `kv`: device, settings, list, updates · `scans`: the queue and what was refused, by nonce. */
const STORES = { kv: undefined, scans: 'nonce' };

let db;
let key;

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/** One transaction; resolved when it is on the disk. */
function within(store, mode, work) {
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(store, mode, { durability: 'strict' });
    let answer;
    transaction.oncomplete = () => resolve(answer?.result);
    transaction.onabort = () => reject(transaction.error ?? new Error('aborted'));
    answer = work(transaction.objectStore(store));
  });
}

export async function open() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    for (const [store, keyPath] of Object.entries(STORES)) request.result.createObjectStore(store, keyPath ? { keyPath } : undefined);
  };
  db = await done(request);
  // Another tab with a newer shape must not wait for this one.
  db.onversionchange = () => db.close();
  key = await within('kv', 'readonly', (kv) => kv.get('key'));
  if (!key) {
    key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
    await within('kv', 'readwrite', (kv) => kv.put(key, 'key'));
  }
}

async function sealed(row, fields) {
  const out = { ...row };
  for (const field of fields) {
    if (typeof row[field] !== 'string') continue;
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, new TextEncoder().encode(row[field]));
    out[field] = { iv, data };
  }
  return out;
}

async function opened(row) {
  if (!row || typeof row !== 'object') return row;
  const out = { ...row };
  for (const [field, value] of Object.entries(row)) {
    if (!(value?.iv instanceof Uint8Array)) continue;
    // A row that cannot be opened is kept all the same: it is shown, without its code.
    out[field] = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: value.iv }, key, value.data)
      .then((text) => new TextDecoder().decode(text)).catch(() => null);
  }
  return out;
}

export async function put({ store, key: name, value, seal = [] }) {
  const row = seal.length ? await sealed(value, seal) : value;
  await within(store, 'readwrite', (s) => (STORES[store] ? s.put(row) : s.put(row, name)));
}

export const remove = ({ store, key: name }) => within(store, 'readwrite', (s) => s.delete(name));

export const get = async (store, name) => opened(await within(store, 'readonly', (s) => s.get(name)));

export async function all(store) {
  return Promise.all((await within(store, 'readonly', (s) => s.getAll())).map(opened));
}
