// The live data of all tabs of a browser comes by one event stream. In a tab this script passes on what its page
// listens to and what was heard; the stream itself is held by a shared worker, which is this same script, and where
// there is none by one of the tabs: whichever has the lock. They speak by a broadcast channel.
//
//   tab → holder: { tab, wants: ['event.*', 'job:…'] }     holder → tabs: { heard: {…} }, { beat: true }, { anew: true }, { here: true }
'use strict';

/** This script: that of another version has another address, and each version holds a stream of its own. */
const SELF = self.document ? document.querySelector('script[src^="/live."]').src : self.location.href;
const CHANNEL = `eventify-live ${SELF}`;
const STREAM = '/api/v1/bus/stream';
/** What the server takes in one stream. */
const MOST = 50;
/** Longer than the server is ever silent. */
const SILENCE = 40_000;
/** After a cut that was longer, pages ask anew: replaying what happened meanwhile would be no quicker. */
const LONG = 300_000;
const PAUSES = [0, 1_000, 2_000, 5_000, 10_000, 30_000];

/** Whether a stream of these types carries `type` too. */
const carries = (types, type) => types.some((had) => had === type || (had.endsWith('*') && type.startsWith(had.slice(0, -1))));

/** Holds the one stream. */
class Holder {
  #channel = new BroadcastChannel(CHANNEL);
  /** What each tab listens to. */
  #wants = new Map();
  #source;
  #types = [];
  /** The last sequence heard, to go on after it. */
  #last;
  /** What is watched, as it was heard last. */
  #seen = new Map();
  #failures = 0;
  #cutAt;
  #timer;
  #silence;

  constructor() {
    this.#channel.onmessage = ({ data }) => {
      if (!data.tab) return;
      if (data.wants.length > 0) this.#wants.set(data.tab, data.wants);
      else this.#wants.delete(data.tab);
      this.#settle();
    };
    this.#channel.postMessage({ here: true });
  }

  /** Opens, opens wider, or closes what nobody listens to; a page that leaves is followed by one that comes. */
  #settle() {
    const wanted = [...new Set([...this.#wants.values()].flat())].sort();
    const covered = wanted.every((type) => carries(this.#types, type));
    // Somebody is at work: a stream that waits to be tried again is tried now.
    const waiting = !this.#source && this.#types.length > 0;
    if (wanted.length > 0 && covered && !waiting) return;
    clearTimeout(this.#timer);
    if (wanted.length === 0) this.#timer = setTimeout(() => this.#close(), 5_000);
    else this.#timer = setTimeout(() => this.#open(wanted), 50);
  }

  #close() {
    clearTimeout(this.#silence);
    this.#source?.close();
    this.#source = undefined;
    this.#types = [];
    this.#last = undefined;
    this.#seen.clear();
  }

  #open(wanted) {
    this.#source?.close();
    const watched = wanted.filter((type) => type.includes(':') || !type.includes('.'));
    // More than the server takes: all events, and what is watched.
    this.#types = wanted.length <= MOST ? wanted : ['*', ...watched.slice(0, MOST - 1)];
    const long = this.#cutAt && Date.now() - this.#cutAt > LONG;
    if (long) this.#last = undefined;
    const after = this.#last === undefined ? '' : `&after=${this.#last}`;
    const source = new EventSource(`${STREAM}?types=${encodeURIComponent(this.#types.join(','))}${after}`);
    this.#source = source;
    const stands = (event) => {
      if (event.lastEventId) this.#last = Number(event.lastEventId);
      this.#listen(wanted);
    };
    const beat = (event) => {
      stands(event);
      this.#channel.postMessage({ beat: true });
    };
    source.addEventListener('hello', (event) => {
      beat(event);
      this.#failures = 0;
      this.#cutAt = undefined;
      if (long) this.#channel.postMessage({ anew: true });
    });
    source.addEventListener('heartbeat', beat);
    source.onmessage = (event) => {
      const heard = JSON.parse(event.data);
      if (heard.seq === undefined) {
        this.#listen(wanted);
        const [key, state] = [`${heard.type}:${heard.aggregate_id}`, JSON.stringify(heard.payload)];
        if (this.#seen.get(key) === state) return;
        this.#seen.set(key, state);
      } else {
        stands(event);
      }
      this.#channel.postMessage({ heard });
    };
    source.onerror = () => this.#again(wanted);
    this.#listen(wanted);
  }

  /** A line that is cut without a word shows by silence. */
  #listen(wanted) {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#again(wanted), SILENCE);
  }

  /** Cut, ended or refused: the browser's own way to connect again stops at the first refusal, so it is not used. */
  #again(wanted) {
    clearTimeout(this.#silence);
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
    this.#cutAt ??= Date.now();
    const pause = PAUSES[Math.min(this.#failures++, PAUSES.length - 1)];
    this.#timer = setTimeout(() => this.#open(wanted), pause + Math.random() * 300);
  }
}

/** A page: says what it listens to (`data-live` of the document) and is told what was heard. */
function tab() {
  const channel = new BroadcastChannel(CHANNEL);
  const id = `${Date.now()}-${Math.random()}`;
  const wants = () => (document.documentElement.dataset.live ?? '').split(',').filter(Boolean);
  const say = (wants) => channel.postMessage({ tab: id, wants });
  const tell = (what) => window.dispatchEvent(new CustomEvent('eventify-live', { detail: JSON.stringify(what) }));
  channel.onmessage = ({ data }) => {
    if (data.here) say(wants());
    else if (data.anew) tell({ anew: true });
    else if (data.beat) tell({ type: 'beat' });
    else if (data.heard) tell(data.heard);
  };
  window.addEventListener('eventify-live-wants', () => say(wants()));
  window.addEventListener('pagehide', () => say([]));
  window.addEventListener('pageshow', (event) => event.persisted && (say(wants()), tell({ anew: true })));
  // Somebody is back: what was cut meanwhile is tried at once.
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && say(wants()));
  if ('SharedWorker' in window) new SharedWorker(SELF, 'eventify-live');
  else if (navigator.locks) navigator.locks.request(CHANNEL, () => new Promise(() => new Holder()));
  else new Holder();
  say(wants());
}

if ('SharedWorkerGlobalScope' in self) new Holder();
else tab();
