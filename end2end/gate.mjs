// A gate, its tickets and its phone, for the tests of Live.
import { chromium } from 'playwright-core';
import { PHONE } from './phone.mjs';

const inHours = (hours) => new Date(Date.now() + hours * 3_600_000).toISOString();

/** An event that is on, with two types, a gate for each, and a way to make tickets. */
export class Night {
  static async make(admin, title) {
    const night = new Night();
    night.admin = admin;
    const [partner] = (await admin.get('/partners?q=Blue+Lotus')).items;
    night.event = await admin.ok('POST', '/events', {
      title, organizer_partner_id: partner.id, city: 'Pune', venue_text: 'The grounds', timezone: 'Asia/Kolkata',
      start_at: inHours(1), end_at: inHours(6), capacity: 200, allow_plus_one: true,
    });
    const type = (name) => admin.ok('POST', `/events/${night.event.id}/ticket-types`, { name });
    const gate = (name, kind) => admin.ok('POST', `/events/${night.event.id}/gates`, { name, ticket_types: [kind.id], adds_guests: true });
    night.general = await type('General');
    night.terrace = await type('Terrace');
    night.gate = await gate('Gate B', night.general);
    night.other = await gate('Gate C', night.terrace);
    night.event = await admin.ok('POST', `/events/${night.event.id}/publish`, {});
    return night;
  }

  /** Tickets of one booking: their ids and codes. */
  async tickets(name, { type = this.general, seats = 1 } = {}) {
    const guest = await this.admin.ok('POST', `/events/${this.event.id}/attendees`, { ticket_type_id: type.id, seats, name });
    const { items } = await this.admin.get(`/tickets?attendee_id=${guest.id}`);
    return Promise.all(items.map(async ({ id }) => ({ id, guest: guest.id, name, ...(await this.admin.get(`/tickets/${id}/code`)) })));
  }

  async ticket(name, options) {
    return (await this.tickets(name, options))[0];
  }

  pairing(gate = this.gate, supervisor = false) {
    return this.admin.ok('POST', `/events/${this.event.id}/gate-devices/pairing`, { gate_id: gate.id, supervisor });
  }
}

/** A phone with a browser of its own, which may be closed and opened again. `film` is what its camera sees. */
export async function gatePhone(server, folder, { film, args = [], ...options } = {}) {
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', baseURL: server.url, ...PHONE, permissions: film ? ['camera'] : [],
    args: ['--no-sandbox', '--headless', '--disable-gpu', '--disable-background-networking', '--no-first-run', '--disable-dev-shm-usage',
      ...(film ? ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${film}`] : []), ...args],
    ...options,
  });
  context.setDefaultTimeout(20_000);
  const page = context.pages()[0] ?? await context.newPage();
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && page.faults.push(message.text()));
  return { context, page };
}

/** Opens Live and waits until it answers. */
export async function openLive(page, fragment = '') {
  await page.goto(`/live/${fragment}`);
  await page.waitForFunction(() => document.documentElement.hasAttribute('data-alive'));
}

/** A hand-held scanner reads a code: keys, much faster than a person's. */
export async function trigger(page, code) {
  await page.evaluate((keys) => {
    // All made before the first is told: when a key went down counts, however busy the page is.
    const events = keys.map((key) => new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    for (const event of events) (document.activeElement ?? document.body).dispatchEvent(event);
  }, [...code, 'Enter']);
}

/** The verdict that is on the screen, once there is one. */
export async function verdict(page, title) {
  await page.locator(`[data-verdict="${title}"]`).waitFor();
  return page.locator('[data-verdict]').innerText();
}

/** Back to scanning, whatever is on the screen. */
export async function next(page) {
  const button = page.locator('[data-do=next], [data-do=leave]').first();
  // A refused ticket is looked at for three seconds before the next one counts.
  if (await button.isVisible()) await button.click();
  await page.locator('.dock').waitFor();
}

/** Everything the phone has stored, as text: databases and caches. */
export function everythingStored(page) {
  return page.evaluate(async () => {
    const parts = [];
    const text = (value) => {
      if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
        parts.push(new TextDecoder('latin1').decode(value));
      } else if (value instanceof CryptoKey) {
        parts.push(`key extractable=${value.extractable}`);
      } else if (value && typeof value === 'object') {
        for (const [name, one] of Object.entries(value)) parts.push(name), text(one);
      } else parts.push(String(value));
    };
    for (const { name } of await indexedDB.databases()) {
      const db = await new Promise((done, failed) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => done(request.result);
        request.onerror = () => failed(request.error);
      });
      for (const store of db.objectStoreNames) {
        const rows = await new Promise((done) => { db.transaction(store).objectStore(store).getAll().onsuccess = (event) => done(event.target.result); });
        rows.forEach(text);
      }
      db.close();
    }
    for (const [name, value] of Object.entries(localStorage)) parts.push(name, value);
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) parts.push(request.url);
    }
    return parts.join('\n');
  });
}
