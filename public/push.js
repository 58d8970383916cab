// <push-switch> turns push messages on and off for the browser it stands in. What it needs of the server is in its data:
// the key to take messages from (key), what the worker answers for (scope), where to tell the server (to), and the id by
// which the server knows this browser already (device). Nothing is asked of anybody before the button is pressed.

const WORKER = '/push-worker.js';

const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const isApple = /iPhone|iPad/.test(navigator.userAgent);

class PushSwitch extends HTMLElement {
  #said = document.createElement('p');
  #button = document.createElement('button');

  connectedCallback() {
    this.#said.setAttribute('role', 'status');
    this.#button.type = 'button';
    this.#button.className = this.dataset.button ?? '';
    this.#button.addEventListener('click', () => this.#press());
    this.replaceChildren(this.#said, this.#button);
    this.#show();
  }

  get #canPush() {
    return 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;
  }

  /** What this browser has subscribed to, by the server's present key. */
  async #subscription() {
    const worker = await navigator.serviceWorker.getRegistration(this.dataset.scope);
    // Another worker may answer for the page too, whose scope is wider.
    const own = worker && new URL(worker.scope).pathname === this.dataset.scope;
    const found = own ? await worker.pushManager.getSubscription() : null;
    return found && text(found.options.applicationServerKey) === this.dataset.key ? found : null;
  }

  async #isOn() {
    return Boolean(this.dataset.device && Notification.permission === 'granted' && await this.#subscription());
  }

  /** Says what is so; `why` is what went wrong before. */
  async #show(why) {
    this.#button.hidden = true;
    if (!this.#canPush) {
      this.#said.textContent = isApple
        ? 'Add Eventify to your Home Screen and open it from there: notifications work there.'
        : 'This browser does not support push notifications.';
      return;
    }
    if (Notification.permission === 'denied') {
      this.#said.textContent = 'Notifications from this site are blocked in this browser. Allow them in its site settings, then reload this page.';
      return;
    }
    const on = await this.#isOn();
    this.#said.textContent = why ?? (on ? 'Notifications are on for this device.' : 'Notifications are off for this device.');
    this.#button.textContent = on ? 'Turn off' : 'Turn on notifications';
    this.#button.hidden = false;
  }

  async #press() {
    this.#button.disabled = true;
    try {
      await this.#show(await (await this.#isOn() ? this.#off() : this.#on()));
    } catch (error) {
      await this.#show(`That didn’t work: ${error.message}`);
    } finally {
      this.#button.disabled = false;
    }
  }

  async #on() {
    if (await Notification.requestPermission() !== 'granted') return 'Nothing was turned on: this browser was not allowed to show notifications.';
    const registration = await navigator.serviceWorker.register(WORKER, { scope: this.dataset.scope });
    const worker = registration.installing ?? registration.waiting ?? registration.active;
    await new Promise((ready) => {
      const look = () => worker.state === 'activated' && ready();
      worker.addEventListener('statechange', look);
      look();
    });
    // One that takes messages from another key must go first.
    await (await registration.pushManager.getSubscription())?.unsubscribe();
    const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(this.dataset.key) });
    const body = JSON.stringify({ endpoint: subscription.endpoint, p256dh: text(subscription.getKey('p256dh')), auth: text(subscription.getKey('auth')) });
    const answer = await fetch(this.dataset.to, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const said = await answer.json();
    if (!answer.ok) {
      await subscription.unsubscribe();
      throw new Error(said.detail ?? said.title ?? 'The server could not be reached.');
    }
    this.dataset.device = said.id;
  }

  async #off() {
    const answer = await fetch(`${this.dataset.to}/${this.dataset.device}`, { method: 'DELETE' });
    // One that is gone already is off.
    if (!answer.ok && answer.status !== 404) throw new Error('The server could not be reached.');
    await (await this.#subscription())?.unsubscribe();
    delete this.dataset.device;
  }
}

customElements.define('push-switch', PushSwitch);
