// Push messages in the browser: the switch says what is so, asks only when it is pressed, and the worker shows what comes
// and opens it. The browser's own push service is not reached from here: what it would give out is made by the test.
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { assertCalm, hydrated, launch, newPage, open, visit } from './browser.mjs';
import { ADMIN, Caller } from './people.mjs';
import { Server, until } from './server.mjs';

let server, browser, admin;

before(async () => {
  server = await Server.start('notifications', { EVENTIFY_WEBHOOK_ALLOW_PRIVATE: 'true' });
  browser = await launch();
  admin = await Caller.signIn(server.url, ADMIN);
});
after(async () => {
  await browser?.close();
  const code = await server?.stop();
  assert.equal(code, 0, 'SIGTERM ends the server calmly');
  assert.deepEqual(server.faults(), [], 'the server logged no error');
});

/** A browser's keys, as its push service would have them. */
function keys() {
  const { x, y } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return { endpoint: 'http://127.0.0.1:9/push', p256dh: [...point], auth: [...randomBytes(16)] };
}

/** Instead of the push service: remembers what was subscribed to, over a reload too. */
function pretend({ endpoint, p256dh, auth }) {
  const made = (key) => ({
    endpoint,
    options: { applicationServerKey: Uint8Array.from(key).buffer },
    getKey: (name) => Uint8Array.from(name === 'auth' ? auth : p256dh).buffer,
    unsubscribe: async () => { localStorage.removeItem('pushed'); return true; },
  });
  const kept = () => JSON.parse(localStorage.getItem('pushed') ?? 'null');
  PushManager.prototype.getSubscription = async () => (kept() ? made(kept()) : null);
  PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
    localStorage.setItem('pushed', JSON.stringify([...applicationServerKey]));
    return made(applicationServerKey);
  };
}

test('one press turns notifications on for this device, and the worker shows what comes once', async () => {
  const context = await open(browser, server, { as: ADMIN });
  await context.addInitScript(pretend, keys());
  const page = await newPage(context);
  await visit(page, '/notifications?tab=settings');
  await hydrated(page);
  await page.getByText('Notifications are off for this device.').waitFor();
  await context.grantPermissions(['notifications']);
  await page.getByRole('button', { name: 'Turn on notifications' }).click();
  await page.getByText('Notifications are on for this device.').waitFor();
  const devices = async () => (await admin.get('/notifications/settings')).devices.length;
  assert.equal(await devices(), 1);

  // What a push service brings, the worker shows: twice the same is one, and a press opens it.
  const client = await context.newCDPSession(page);
  const registered = new Promise((found) => client.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => registrations[0] && found(registrations[0])));
  await client.send('ServiceWorker.enable');
  const { registrationId, scopeURL } = await registered;
  assert.equal(new URL(scopeURL).pathname, '/');
  const data = JSON.stringify({ title: 'A guest disputes ₹1,000', body: 'Add evidence', href: '/disputes', tag: 'a' });
  for (let n = 0; n < 2; n += 1) await client.send('ServiceWorker.deliverPushMessage', { origin: server.url, registrationId, data });
  const shown = await until('it is shown', () => page.evaluate(async () => {
    const all = await (await navigator.serviceWorker.getRegistration('/')).getNotifications();
    return all.length > 0 && all.map((one) => [one.title, one.body, one.data.href]);
  }));
  assert.deepEqual(shown, [['A guest disputes ₹1,000', 'Add evidence', '/disputes']]);

  await page.reload();
  await hydrated(page);
  await page.getByText('Notifications are on for this device.').waitFor();
  await page.getByRole('button', { name: 'Turn off', exact: true }).click();
  await page.getByText('Notifications are off for this device.').waitFor();
  assert.equal(await devices(), 0);
  assertCalm(page);
  await context.close();
});

test('a browser that says no, or cannot, is told what is so and asked nothing', async () => {
  const blocked = await open(browser, server, { as: ADMIN });
  await blocked.addInitScript(() => Object.defineProperty(Notification, 'permission', { get: () => 'denied' }));
  const page = await newPage(blocked);
  await visit(page, '/notifications?tab=settings');
  await page.getByText('Notifications from this site are blocked in this browser.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Turn on notifications' }).count(), 0);
  await blocked.close();
  const old = await open(browser, server, { as: ADMIN });
  await old.addInitScript(() => { delete window.PushManager; });
  const other = await newPage(old);
  await visit(other, '/notifications?tab=settings');
  await other.getByText('This browser does not support push notifications.').waitFor();
  await old.close();
});
