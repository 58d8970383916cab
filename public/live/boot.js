// Starts Live: brings what happens to the app (WASM) and carries out what it wants. All decisions are the app's.
import init, { Live } from '/pkg/live.js';
import * as camera from './camera.js';
import { morph } from './morph.js';
import * as sound from './sound.js';
import * as store from './store.js';
import * as stream from './stream.js';

const HOLD = 1500;
const root = document.getElementById('app');
const say = document.getElementById('say');
let live;
let timer = 0;
let zone = { name: '', minutes: 0, until: 0 };
let deferred = null;
let waitingWorker = null;
/** A ticket list that is being opened, to be written down once it was found good. */
let heldText = null;

/** By how many minutes the clocks of the event's place are ahead of UTC. */
function minutesAhead() {
  const now = Date.now();
  if (now < zone.until) return zone.minutes;
  try {
    const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone.name || undefined, timeZoneName: 'longOffset' }).formatToParts(now);
    const offset = parts.find((part) => part.type === 'timeZoneName').value.match(/([+-])(\d+):(\d+)/);
    zone.minutes = offset ? (offset[1] === '-' ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3])) : 0;
  } catch {
    zone.minutes = -new Date().getTimezoneOffset();
  }
  zone.until = now + 60_000;
  return zone.minutes;
}

/** An event; answers whether the app swallowed it. */
function tell(event, withText = null, mono = performance.now()) {
  const envelope = { now: Date.now(), mono, zone: minutesAhead(), fresh: crypto.randomUUID(), event };
  const effects = JSON.parse(live.handle(JSON.stringify(envelope), withText ?? undefined));
  let swallowed = false;
  for (const effect of effects) {
    if (effect.do === 'swallow') swallowed = true;
    else DO[effect.do]?.(effect, withText);
  }
  // A hand-held scanner types hundreds of keys: they are drawn together. The first picture is a task of its own: a slow
  // phone compiles the app while it starts.
  if (event.on === 'key' && !effects.length) frame ||= requestAnimationFrame(draw);
  else if (event.on === 'boot') setTimeout(draw);
  else draw();
  return swallowed;
}

let drawn = '';
/** When the camera took the picture that a code was read in. */
let seen = 0;
let frame = 0;
function draw() {
  cancelAnimationFrame(frame);
  frame = 0;
  const html = live.html();
  if (html !== drawn) {
    drawn = html;
    morph(root, html);
    camera.mount();
    if (seen && root.querySelector('[data-verdict]')) {
      performance.measure('picture to verdict', { start: seen });
      seen = 0;
    }
  }
  clearTimeout(timer);
  const after = live.wake(performance.now());
  if (after !== undefined) timer = setTimeout(() => tell({ on: 'wake' }), Math.min(after + 1, 60_000));
}

/** Calls the server. What is not our server's answer is told apart: a Wi-Fi's sign-in page is not the server. */
async function call({ id, method, path, body, token, name, limit }) {
  const started = performance.now();
  let [status, ours, answer] = [0, false, null];
  try {
    const headers = { accept: 'application/json' };
    if (body !== null) headers['content-type'] = 'application/json';
    if (token) headers.authorization = `Bearer ${token}`;
    if (name) headers['idempotency-key'] = name;
    const response = await fetch(path, {
      method, headers, body: body === null ? undefined : JSON.stringify(body), credentials: 'omit', redirect: 'manual',
      cache: 'no-store', signal: AbortSignal.timeout(limit),
    });
    status = response.status || 302;
    ours = response.headers.has('x-request-id') && /json/.test(response.headers.get('content-type') ?? '');
    if (ours) answer = await response.text();
  } catch {
    [status, ours] = [0, false];
  }
  tell({ on: 'answer', id, status, ours, took: performance.now() - started }, answer);
}

async function put(effect) {
  let ok = true;
  await store.put(effect).catch((error) => {
    ok = false;
    console.warn('Live could not write', effect.store, error?.name);
  });
  tell({ on: 'stored', id: effect.id, ok });
}

const DO = {
  fetch: call,
  listen: (effect) => stream.listen(effect, tell),
  unlisten: () => stream.stop(),
  put,
  // A ticket list: written down as it came.
  hold_text: (_, value) => { heldText = value; },
  put_text: ({ key }, text) => {
    const value = text ?? heldText;
    heldText = null;
    store.put({ store: 'kv', key, value }).catch((error) => console.warn('Live could not keep the list', error?.name));
  },
  remove: (effect) => store.remove(effect).catch(() => {}),
  sound: ({ notes }) => sound.play(notes),
  vibrate: ({ pattern }) => sound.vibrate(pattern),
  camera_on: ({ id }) => camera.start(id),
  camera_off: () => camera.stop(),
  camera_next: async () => tell({ on: 'camera_chosen', id: await camera.flip() }),
  torch: ({ on }) => camera.torch(on),
  unlock: () => sound.unlock((running) => tell({ on: 'audio', running })),
  persist: async () => tell({ on: 'persisted', yes: (await navigator.storage?.persist?.().catch(() => false)) ?? false }),
  prepare_reader: async () => (await camera.readsByItself()) || camera.prepareReader(),
  install: () => deferred?.prompt(),
  take_over: () => waitingWorker?.postMessage('take over'),
  zone: ({ name }) => {
    zone = { name, minutes: 0, until: 0 };
    // Times that are on the screen already are told anew.
    queueMicrotask(() => tell({ on: 'wake' }));
  },
  theme: ({ day }) => document.documentElement.toggleAttribute('data-day', day),
  retract: ({ letters }) => retract(letters),
  say: ({ text: words }) => {
    say.textContent = '';
    requestAnimationFrame(() => { say.textContent = words; });
  },
  forget_fragment: () => history.replaceState(null, '', '/live/'),
  complain: ({ what }) => console.warn('Live:', what),
};

/** What a hand-held scanner typed into a field is taken out again. */
function retract(letters) {
  const field = document.activeElement;
  if (!field?.matches?.('input, textarea')) return;
  const end = field.type === 'text' || field.nodeName === 'TEXTAREA' ? field.selectionStart ?? field.value.length : field.value.length;
  field.value = field.value.slice(0, Math.max(0, end - letters)) + field.value.slice(end);
  tell({ on: 'input', name: field.dataset.in ?? '', value: field.value });
}

function listen() {
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-do]');
    if (!button || button.getAttribute('aria-disabled') === 'true') return;
    tell({ on: 'tap', act: button.dataset.do, arg: button.dataset.arg ?? '' });
  });
  document.addEventListener('pointerdown', (event) => {
    if (event.target.closest('[data-touch]') && !event.target.closest('button')) tell({ on: 'tap', act: 'touch' });
  });
  document.addEventListener('input', (event) => {
    const { in: name } = event.target.dataset;
    if (name) tell({ on: 'input', name, value: event.target.value });
  });
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // When the key went down counts, not when the page got to it.
    if (tell({ on: 'key', key: event.key }, null, event.timeStamp)) return event.preventDefault();
    const { enter } = event.target.dataset ?? {};
    if (event.key === 'Enter' && enter) tell({ on: 'tap', act: enter, arg: '' });
  });
  held();
  document.addEventListener('visibilitychange', () => tell({ on: 'visible', yes: document.visibilityState === 'visible' }));
  addEventListener('online', () => tell({ on: 'network', online: true }));
  addEventListener('offline', () => tell({ on: 'network', online: false }));
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault();
    deferred = event;
    tell({ on: 'install', can: true });
  });
}

/** Buttons that are held, by finger or by key, until their ring is full. */
function held() {
  let holding = null;
  const stop = () => {
    clearTimeout(holding?.timer);
    holding?.button.classList.remove('holding');
    holding = null;
  };
  const start = (button) => {
    if (holding || !button) return;
    button.classList.add('holding');
    const act = button.dataset.hold;
    holding = { button, timer: setTimeout(() => { stop(); tell({ on: 'tap', act, arg: '' }); }, HOLD) };
  };
  document.addEventListener('pointerdown', (event) => start(event.target.closest('[data-hold]')));
  for (const end of ['pointerup', 'pointercancel', 'blur']) addEventListener(end, stop);
  document.addEventListener('keydown', (event) => [' ', 'Enter'].includes(event.key) && !event.repeat && start(event.target.closest?.('[data-hold]')));
  document.addEventListener('keyup', stop);
  document.addEventListener('contextmenu', (event) => event.target.closest('[data-hold]') && event.preventDefault());
}

/** The worker keeps the app's files; a new version waits until nobody is being scanned. */
async function work() {
  if (!navigator.serviceWorker) return;
  const registration = await navigator.serviceWorker.register('/live/sw.js', { scope: '/live/', updateViaCache: 'none' });
  const had = Boolean(navigator.serviceWorker.controller);
  const offer = (worker) => {
    waitingWorker = worker;
    tell({ on: 'update' });
  };
  if (registration.waiting && had) offer(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const worker = registration.installing;
    worker?.addEventListener('statechange', () => worker.state === 'installed' && navigator.serviceWorker.controller && offer(worker));
  });
  // Only a version that was asked to take over starts the page anew.
  navigator.serviceWorker.addEventListener('controllerchange', () => waitingWorker && location.reload());
  await navigator.serviceWorker.ready;
  tell({ on: 'shell' });
  setInterval(() => registration.update().catch(() => {}), 15 * 60_000);
}

async function battery() {
  const one = await navigator.getBattery?.().catch(() => null);
  if (!one) return;
  const report = () => tell({ on: 'battery', percent: Math.round(one.level * 100) });
  one.addEventListener('levelchange', report);
  report();
}

async function kept() {
  try {
    await store.open();
    const [device, settings, list, updates, reports, tally] = await Promise.all(
      ['device', 'settings', 'list', 'updates', 'reports', 'tally'].map((name) => store.get('kv', name)),
    );
    const deltas = [];
    for (let at = 0; list; at++) {
      const delta = await store.get('kv', `delta-${String(at).padStart(4, '0')}`);
      if (typeof delta !== 'string') break;
      deltas.push(delta);
    }
    return [{ device, settings, updates, reports, tally, deltas, scans: await store.all('scans') }, list];
  } catch (error) {
    console.warn('Live could not open its storage', error?.name);
    return [{ no_storage: true }, null];
  }
}

const version = () => document.querySelector('meta[name=version]')?.content ?? '';

const [, [boot, list]] = await Promise.all([init({ module_or_path: '/pkg/live_bg.wasm' }), kept()]);
live = new Live();
camera.setUp((told) => {
  if ('code' in told) {
    if (told.code) {
      seen = told.seen;
      tell({ on: 'code', text: told.code, by: 'camera' });
    }
  } else tell({ on: 'camera', ...told });
});
listen();
tell({
  on: 'boot', ...Object.fromEntries(Object.entries(boot).filter(([, value]) => value !== undefined && value !== null)),
  fragment: location.hash, version: version(), persisted: (await navigator.storage?.persisted?.().catch(() => false)) ?? false,
  vibrates: sound.vibrates(), camera: Boolean(navigator.mediaDevices?.getUserMedia),
}, list ?? null);
document.documentElement.dataset.alive = '';
camera.find();
work().catch((error) => console.warn('Live cannot be kept for use without a network:', error?.message));
battery();
